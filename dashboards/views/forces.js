// New quality productive forces and the two degrees of coordination: three lines between 0 and 1.
import { number } from "./drawing/look.js";
import { legend, legendHeight, lens, moment, plane, span, spread, trace } from "./drawing/marks.js";

export const followsCursor = true;

export function height(width, scene, look) {
  return (look.isProjected ? 520 : Math.min(280, Math.max(220, 0.3 * width))) + legendHeight(look, items(null, scene, look), width);
}

const style = (look, i) => [
  { stroke: look.integrated, width: 1.4 * look.line },
  { stroke: look.ink, width: look.line, dash: [2.4 * look.line, 1.6 * look.line] },
  { stroke: look.soft, width: look.line, dash: [0.8 * look.line, 1.6 * look.line] },
][i];
const inks = (look) => [look.integrated, look.ink, look.soft];
const lines = (scene) => [scene.line_0, scene.line_1, scene.line_2];

function items(pen, scene, look) {
  const { small } = look;
  return scene.names.map((words, i) => ({ wide: 2.4, words, paint: (x, y) => pen.line(x, y - 0.35 * small, x + 2.4 * small, y - 0.35 * small, style(look, i)) }));
}

export function draw(pen, scene, look) {
  const { text, small } = look, last = scene.step - 1, end = span(scene.step, scene.horizon), size = look.isProjected ? look.number : 1.5 * text;
  const key = legendHeight(look, items(null, scene, look), look.width);
  const frame = { left: 3.4 * small, right: 1.2 * text + pen.width("0.00", size, 650), top: 0.7 * small, bottom: 2.2 * small + key, width: look.width, height: look.height };
  const { x, y } = plane(pen, look, { ...frame, steps: end, high: 1, isShare: false, words: look.words });
  legend(pen, look, items(pen, scene, look), 0, look.height - key, look.width);
  if (last < 0 || !Number.isFinite(scene.line_0[last])) {
    pen.text(x(0) + 8, y(0.5) - 8, look.words[last < 0 ? "nothing_yet" : "forces_none"], { size: text, fill: look.soft });
    return [];
  }
  lines(scene).forEach((values, i) => pen.path(trace(values, x, y), style(look, i)));
  if (scene.step < end) moment(pen, look, x, scene.step, frame.top, y(0));
  const known = lines(scene).map((values, i) => [i, values[last]]).filter(([, value]) => Number.isFinite(value));
  const heights = spread(known.map(([, value]) => y(value)), 1.1 * size, frame.top + 0.6 * size, y(0));
  known.forEach(([i, value], k) => pen.text(x(end) + 0.6 * text, heights[k] + 0.3 * size, number(value), { size, fill: inks(look)[i], weight: 650 }));
  return lens(pen, look, { x, y, frame, step: scene.step, span: end }, (at) => scene.names.map((name, i) => `${name} ${number(lines(scene)[i][at])}`));
}
