// What several views draw in the same way: axes over time, labels that do not collide, crosses, trees.
import { inkOn, number, percent } from "./look.js";
import { widthOf, wrapped } from "./pen.js";

// Steps that a time axis holds: doubled from four years on until the moment fits, so that a young run fills its picture.
export function span(step, horizon) {
  let held = 16;
  while (held < step) held *= 2;
  return Math.max(1, Math.min(held, Math.max(horizon, step)));
}

// Heights near the wanted ones, at least gap apart, between low and high.
export function spread(wanted, gap, low, high) {
  const order = wanted.map((_, i) => i).sort((a, b) => wanted[a] - wanted[b]);
  const placed = new Array(wanted.length);
  let last = low - gap;
  for (const i of order) placed[i] = last = Math.max(wanted[i], last + gap);
  let roof = high;
  for (const i of order.reverse()) {
    placed[i] = Math.min(placed[i], roof);
    roof = placed[i] - gap;
  }
  return placed;
}

// The plane of a series over time. steps: how long the whole run is (quarters).
export function plane(pen, look, { left, right, top, bottom, width, height, steps, high, low = 0, isShare = true, ticks = [0, 0.5, 1], words }) {
  const x = (step) => left + ((width - left - right) * step) / Math.max(1, steps);
  const y = (value) => height - bottom - ((height - top - bottom) * (value - low)) / (high - low || 1);
  for (const tick of ticks) {
    const value = low + tick * (high - low);
    pen.line(left, y(value), width - right, y(value), { stroke: look.rule, width: look.hair });
    const told = isShare ? percent(look, value) : value === 0 && high >= 10 ? "0" : number(value);
    pen.text(left - 6, y(value) + look.small * 0.35, told, { size: look.small, fill: look.soft, align: "right" });
  }
  years(pen, look, x, steps, height - bottom + look.small * 1.5, words.year);
  return { x, y };
}

// Years below a plane: a tick every one, two, five or ten years.
export function years(pen, look, x, steps, y, word) {
  const room = (x(steps) - x(0)) / Math.max(1, steps / 4), first = `${word} 0`;
  const wanted = pen.width("100", look.small) + 1.6 * look.small;
  const every = [1, 2, 5, 10, 20, 50].find((n) => n * room >= wanted) ?? 100;
  const free = x(0) + pen.width(first, look.small) + 0.6 * look.small;
  pen.text(x(0), y, first, { size: look.small, fill: look.soft });
  for (let year = every; year <= steps / 4; year += every) {
    const half = pen.width(String(year), look.small) / 2;
    if (x(4 * year) - half >= free) pen.text(x(4 * year), y, String(year), { size: look.small, fill: look.soft, align: "center" });
  }
}

// The moment that is shown: an upright line where the scrubber stands before the end of what was lived.
export function moment(pen, look, x, step, top, bottom) {
  pen.line(x(step), top, x(step), bottom, { stroke: look.ink, width: look.hair, opacity: 0.55 });
}

// Points of a series that are numbers, as runs of path steps.
export function trace(values, x, y, first = 1) {
  const steps = [];
  let isDown = false;
  for (let t = 0; t < values.length; t += 1) {
    if (!Number.isFinite(values[t])) {
      isDown = false;
      continue;
    }
    steps.push([isDown ? "L" : "M", x(t + first), y(values[t])]);
    isDown = true;
  }
  return steps;
}

export function cross(pen, x, y, r, style) {
  pen.path([["M", x - r, y - r], ["L", x + r, y + r], ["M", x + r, y - r], ["L", x - r, y + r]], style);
}

// The shortest paths that join all points [[x, y], ...], as pairs of them (a minimum spanning tree).
// Source: Prim (1957), Shortest connection networks and some generalizations, Bell System Technical Journal 36(6).
export function tree(points) {
  const n = points.length, away = new Float64Array(n).fill(Infinity), from = new Int32Array(n), paths = [];
  const open = new Set(points.keys());
  for (let i = 0; open.size; ) {
    open.delete(i);
    let next = -1;
    for (const j of open) {
      const d = (points[i][0] - points[j][0]) ** 2 + (points[i][1] - points[j][1]) ** 2;
      if (d < away[j]) [away[j], from[j]] = [d, i];
      if (next < 0 || away[j] < away[next]) next = j;
    }
    if (next >= 0) paths.push([from[next], next]);
    i = next;
  }
  return paths;
}

export function near(points, [i, j], most) {
  return Math.hypot(points[i][0] - points[j][0], points[i][1] - points[j][1]) <= most;
}

// A ribbon between two uprights: from (x1, y1..y1 + h1) to (x2, y2..y2 + h2).
export function ribbon(x1, y1, h1, x2, y2, h2) {
  const m = (x1 + x2) / 2;
  return [["M", x1, y1], ["C", m, y1, m, y2, x2, y2], ["L", x2, y2 + h2], ["C", m, y2 + h2, m, y1 + h1, x1, y1 + h1], ["Z"]];
}

// The quarter under the cursor: an upright line, its values in a tip; a click goes to that moment.
export function lens(pen, look, { x, y, frame, step, span }, lines) {
  const whole = { x: frame.left, y: 0, w: x(step) - frame.left, h: look.height - frame.bottom, act: "moment", value: step };
  if (!look.cursor || look.cursor[0] < frame.left || look.cursor[0] > x(step)) return [whole];
  const at = Math.max(1, Math.min(step, Math.round(((look.cursor[0] - x(0)) / (x(span) - x(0))) * span)));
  pen.line(x(at), frame.top, x(at), look.height - frame.bottom, { stroke: look.ink, width: look.hair });
  const when = `${look.words.year} ${at / 4}`;
  return [{ ...whole, value: at, tip: [when, ...lines(at - 1)], tipAt: x(at) }];
}

// The words below a figure, in as many lines as they need there, and how high these are.
export function under(pen, look, words, x, y, most) {
  pen.wrapped(words, look.small, most).forEach((line, i) => pen.text(x, y + i * 1.2 * look.small, line, { size: look.small, fill: look.soft }));
}

export function depthOf(look, all, most) {
  return Math.max(...all.map((words) => wrapped(words, look.small, most).length)) * 1.2 * look.small;
}

// A legend that flows over as many lines as it needs, words that are wider than all of it too. items: [{ wide, paint(x, y),
// words }], wide in letters.
function flowed(look, items, width) {
  const size = look.small;
  let x = 0, line = 0;
  return items.map((item) => {
    const beside = (item.wide + 0.5) * size, told = wrapped(item.words, size, width - beside);
    const whole = beside + Math.max(...told.map((words) => widthOf(words, size)));
    if (x && x + whole > width) {
      x = 0;
      line += 1;
    }
    const place = { ...item, x, line, told };
    line += told.length - 1;
    x += whole + 1.5 * size;
    return place;
  });
}

export function legendHeight(look, items, width) {
  const last = flowed(look, items, width).at(-1);
  return last ? (last.line + last.told.length) * 1.7 * look.small + 0.5 * look.small : 0;
}

export function legend(pen, look, items, left, top, width) {
  for (const { x, line, wide, paint, told } of flowed(look, items, width)) {
    const y = top + (line + 1) * 1.7 * look.small - 0.4 * look.small;
    paint(left + x, y);
    told.forEach((words, i) => pen.text(left + x + (wide + 0.5) * look.small, y + i * 1.7 * look.small, words, { size: look.small, fill: look.soft }));
  }
}

// Of the legend: fills with numbers are communities, whichever of the fills it is.
export function numbered(pen, look) {
  const { small } = look, size = Math.max(look.least, 0.85 * small);
  return {
    wide: 2.6, words: look.words.community_numbered,
    paint: (x, y) => [0, 1].forEach((i) => {
      const fill = look.community(i);
      pen.rect(x + 1.4 * i * small, y - 0.95 * small, 1.2 * small, 1.2 * small, { fill, radius: 3 });
      pen.text(x + (1.4 * i + 0.6) * small, y, String(i + 1), { size, fill: inkOn(fill), weight: 700, align: "center" });
    }),
  };
}
