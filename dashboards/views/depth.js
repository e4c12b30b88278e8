// Two lines and what lies between them: contracts on paper, contracts in practice, formalism.
import { number } from "./drawing/look.js";
import { legend, legendHeight, lens, moment, plane, span, spread, trace } from "./drawing/marks.js";

export const followsCursor = true;

export function height(width, scene, look) {
  return (look.isProjected ? 520 : Math.min(300, Math.max(220, 0.4 * width))) + below(look, width);
}

// Where there is no room for names beside the numbers, they stand below.
const below = (look, width) => (look.isNarrow ? legendHeight(look, items(null, look), width) : 0);

function items(pen, look) {
  const { small, words } = look, square = { fill: look.failed, opacity: 0.16 };
  const line = (style) => (x, y) => pen.line(x, y - 0.35 * small, x + 1.6 * small, y - 0.35 * small, style);
  const area = (x, y) => [square, { hatch: "diagonal", hatchInk: look.failed, opacity: 0.45 }].forEach((style) => pen.rect(x, y - 0.9 * small, 1.6 * small, 1.1 * small, style));
  return [
    { wide: 1.6, words: words.depth_formal, paint: line({ stroke: look.ink, width: look.line, dash: [2 * look.line, 2 * look.line] }) },
    { wide: 1.6, words: words.depth_gap, paint: area },
    { wide: 1.6, words: words.depth_real, paint: line({ stroke: look.integrated, width: 1.3 * look.line }) },
  ];
}

export function draw(pen, scene, look) {
  const { text, small } = look, last = scene.step - 1, end = span(scene.step, scene.horizon);
  const names = [look.words.depth_formal, look.words.depth_gap, look.words.depth_real];
  const named = look.isNarrow ? [] : names.map((name) => pen.width(name, text));
  const right = 1.2 * text + Math.max(pen.width("0.00", sizeOf(look), 650), ...named);
  const frame = { left: 3.4 * small, right, top: 0.7 * small, bottom: 2.2 * small + below(look, look.width), width: look.width, height: look.height };
  const { x, y } = plane(pen, look, { ...frame, steps: end, high: 1, isShare: false, words: look.words });
  if (last < 0 || !Number.isFinite(scene.formal[last])) {
    pen.text(x(0) + 8, y(0.5) - 8, look.words[last < 0 ? "nothing_yet" : "depth_none"], { size: text, fill: look.soft });
    return [];
  }
  const upper = trace(scene.formal, x, y), lower = trace(scene.real, x, y);
  const between = [...upper, ...[...lower].reverse().map(([, ...at]) => ["L", ...at]), ["Z"]];
  pen.path(between, { fill: look.failed, opacity: 0.16 });
  pen.path(between, { hatch: "diagonal", hatchInk: look.failed, opacity: 0.45 });
  pen.path(upper, { stroke: look.ink, width: look.line, dash: [2 * look.line, 2 * look.line] });
  pen.path(lower, { stroke: look.integrated, width: 1.3 * look.line });
  if (scene.step < end) moment(pen, look, x, scene.step, frame.top, y(0));
  if (look.isNarrow) legend(pen, look, items(pen, look), 0, look.height - below(look, look.width), look.width);
  ends(pen, scene, look, x(end), x, y, frame, last);
  return lens(pen, look, { x, y, frame, step: scene.step, span: end }, (at) => [
    `${look.words.depth_formal} ${number(scene.formal[at])}`, `${look.words.depth_real} ${number(scene.real[at])}`,
  ]);
}

// Of the numbers at the ends of the lines.
const sizeOf = (look) => (look.isProjected ? look.number : 1.5 * look.text);

function ends(pen, scene, look, edge, x, y, frame, last) {
  const [formal, real] = [scene.formal[last], scene.real[last]], size = sizeOf(look);
  const entries = [[y(formal), formal, look.words.depth_formal, look.ink], [y((formal + real) / 2), formal - real, look.words.depth_gap, look.failed], [y(real), real, look.words.depth_real, look.integrated]];
  const gap = look.isNarrow ? 1.1 * size : 1.0 * size + 1.25 * look.small;
  const heights = spread(entries.map(([at]) => at), gap, frame.top + 0.6 * size, y(0) - (look.isNarrow ? 0 : look.small));
  const left = edge + 0.6 * look.text;
  entries.forEach(([, value, name, fill], i) => {
    pen.text(left, heights[i] + 0.3 * size, number(value), { size, fill, weight: 650 });
    if (!look.isNarrow) pen.text(left, heights[i] + 0.3 * size + 1.15 * look.small, name, { size: look.small, fill: look.soft });
  });
  pen.circle(x(scene.step), y(formal), 1.6 * look.line, { fill: look.ink });
  pen.circle(x(scene.step), y(real), 1.6 * look.line, { fill: look.integrated });
}
