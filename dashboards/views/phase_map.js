// A cell for each pair of settings, filled by its outcome; hatched where the regimes cannot be told apart;
// the boundary between them as a line; the live run as a dot with its trail.
import { filled, mixed, number } from "./drawing/look.js";
import { legend, legendHeight } from "./drawing/marks.js";

export function height(width, scene, look) {
  return Math.min(look.isProjected ? 900 : 560, Math.max(300, 0.72 * width));
}

export function draw(pen, scene, look) {
  const { small, text } = look, left = 2.6 * small + Math.max(...Array.from(scene.y, (v) => pen.width(tick(v), small)));
  const bottom = 3.6 * small, top = 1.4 * small * lines(look) + legendHeight(look, items(pen, scene, look), look.width - left), [columns, rows] = [scene.x.length, scene.y.length];
  const w = (look.width - left - 8) / columns, h = (look.height - top - bottom) / rows;
  const at = (i, j) => [left + i * w, look.height - bottom - (j + 1) * h];
  const targets = [];
  for (let j = 0; j < rows; j += 1) for (let i = 0; i < columns; i += 1) targets.push(cell(pen, scene, look, i, j, at(i, j), w, h));
  border(pen, scene, look, at, w, h);
  axes(pen, scene, look, left, bottom, w, h);
  trail(pen, scene, look, left, bottom, w, h);
  key(pen, scene, look, left);
  pen.text(0.9 * small, look.height - bottom - 4, scene.y_name, { size: small, fill: look.ink, turn: -Math.PI / 2 });
  pen.text(look.width - 8, look.height - 0.5 * small, scene.x_name, { size: small, fill: look.ink, align: "right" });
  if (look.hovered >= 0 && targets[look.hovered]) pen.rect(targets[look.hovered].x, targets[look.hovered].y, w, h, { stroke: look.ink, width: 2 });
  return targets;
}

function shade(scene, look, value) {
  const t = Math.max(0, Math.min(1, (value - scene.low) / (scene.high - scene.low || 1)));
  const [bad, good] = scene.is_good ? [look.failed, look.integrated] : [look.integrated, look.failed];
  const middle = (scene.boundary - scene.low) / (scene.high - scene.low || 1);
  return t < middle ? mixed(look.wash, bad, 0.9 * (1 - t / middle)) : mixed(look.wash, good, 0.9 * ((t - middle) / (1 - middle || 1)));
}

function cell(pen, scene, look, i, j, [x, y], w, h) {
  const value = scene.mean[j][i], isKnown = Number.isFinite(value), isUncertain = scene.is_uncertain[j][i];
  pen.rect(x, y, w + 0.5, h + 0.5, { fill: isKnown ? shade(scene, look, value) : look.paper, stroke: isKnown ? null : look.rule });
  if (isUncertain) pen.rect(x, y, w, h, { hatch: "diagonal", hatchInk: look.ink, opacity: 0.35 });
  const tip = [`${scene.outcome} ${number(value)}`, `${scene.x_name} ${tick(scene.x[i])}`, `${scene.y_name} ${tick(scene.y[j])}`];
  return { x, y, w, h, act: "cell", value: j * scene.x.length + i, tip: isUncertain ? [...tip, look.words.phase_map_uncertain] : tip };
}

// Edges between cells on different sides of the boundary.
function border(pen, scene, look, at, w, h) {
  const side = (i, j) => scene.mean[j]?.[i] >= scene.boundary, ends = [];
  for (let j = 0; j < scene.y.length; j += 1) {
    for (let i = 0; i < scene.x.length; i += 1) {
      const [x, y] = at(i, j);
      if (i + 1 < scene.x.length && side(i, j) !== side(i + 1, j)) ends.push(x + w, y, x + w, y + h);
      if (j + 1 < scene.y.length && side(i, j) !== side(i, j + 1)) ends.push(x, y, x + w, y);
    }
  }
  pen.strokes(ends, { stroke: look.ink, width: look.line });
}

// Settings may be small: two decimals would not tell their values apart.
const tick = (value) => String(Number(value.toPrecision(3)));

function axes(pen, scene, look, left, bottom, w, h) {
  const { small } = look, y = look.height - bottom + 1.4 * small;
  const every = (n, room, need) => Math.max(1, Math.ceil(need / (room || 1)));
  const across = every(scene.x.length, w, pen.width("0.00", small) + small), up = every(scene.y.length, h, 1.4 * small);
  scene.x.forEach((value, i) => i % across || pen.text(left + (i + 0.5) * w, y, tick(value), { size: small, fill: look.soft, align: "center" }));
  scene.y.forEach((value, j) => j % up || pen.text(left - 6, look.height - bottom - (j + 0.5) * h + 0.35 * small, tick(value), { size: small, fill: look.soft, align: "right" }));
}

// Place of a value on an axis of cell centres, which need not be evenly spaced.
function place(values, value) {
  const last = values.length - 1;
  const k = Math.max(0, Math.min(last - 1, values.findLastIndex((v) => v <= value)));
  return last < 1 ? 0.5 : Math.max(0, Math.min(last + 1, k + 0.5 + (value - values[k]) / (values[k + 1] - values[k] || 1)));
}

// Dots, so that the way of a run is not taken for the threshold.
const dotted = (look) => [0.1, 2.2 * look.line];

function trail(pen, scene, look, left, bottom, w, h) {
  const points = scene.trail.map(([x, y]) => [left + w * place(scene.x, x), look.height - bottom - h * place(scene.y, y)]);
  if (!points.length) return;
  const steps = points.map(([x, y], i) => [i ? "L" : "M", x, y]);
  pen.path(steps, { stroke: look.paper, width: 2.4 * look.line });
  pen.path(steps, { stroke: look.ink, width: look.line, dash: dotted(look) });
  const [x, y] = points.at(-1), r = look.isProjected ? 14 : 7;
  pen.circle(x, y, r, { fill: look.ink, stroke: look.paper, width: 2 });
}

// Lines of the scale: where there is little room, its name stands above it.
const lines = (look) => (look.isNarrow ? 2 : 1);

function key(pen, scene, look, left) {
  const { small } = look, wide = 9 * small, y = (1.4 * lines(look) - 0.3) * small, n = 24;
  const most = look.isNarrow ? look.width - left : 0.4 * look.width, outcome = pen.cut(scene.outcome, small, most, 600);
  pen.text(left, 1.1 * small, outcome, { size: small, fill: look.ink, weight: 600 });
  let x = look.isNarrow ? left : left + pen.width(outcome, small, 600) + small;
  pen.text(x, y, number(scene.low), { size: small, fill: look.soft });
  x += pen.width(number(scene.low), small) + 0.5 * small;
  for (let k = 0; k < n; k += 1) pen.rect(x + (k * wide) / n, y - 0.8 * small, wide / n + 0.5, 0.9 * small, { fill: shade(scene, look, scene.low + ((k + 0.5) / n) * (scene.high - scene.low)) });
  pen.text(x + wide + 0.5 * small, y, number(scene.high), { size: small, fill: look.soft });
  legend(pen, look, items(pen, scene, look), left, (1.4 * lines(look) - 0.2) * small, look.width - left);
}

function items(pen, scene, look) {
  const { small, words } = look;
  const line = (x, y) => pen.line(x, y - 0.35 * small, x + 1.4 * small, y - 0.35 * small, { stroke: look.ink, width: look.line });
  const run = (x, y) => pen.circle(x + 0.45 * small, y - 0.35 * small, 0.42 * small, { fill: look.ink, stroke: look.paper, width: 1 });
  const hatched = (x, y) => pen.rect(x, y - 0.8 * small, 1.4 * small, 0.9 * small, { hatch: "diagonal", hatchInk: look.ink, opacity: 0.5, stroke: look.shade });
  return [
    { wide: 1.4, words: filled(words.phase_map_threshold, { boundary: number(scene.boundary) }), paint: line },
    { wide: 1.4, words: words.phase_map_uncertain, paint: hatched },
    ...(scene.trail.length ? [{ wide: 0.9, words: words.phase_map_run, paint: run }] : []),
  ];
}
