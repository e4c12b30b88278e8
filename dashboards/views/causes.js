// Failures by cause over time, stacked from the bottom; the white above them was signed.
import { percent } from "./drawing/look.js";
import { lens, moment, plane, span } from "./drawing/marks.js";
import { areas, key, names } from "./drawing/stack.js";
import { CAUSES } from "./drawing/taxonomy.js";

export const followsCursor = true;
const NAMED = 0.015; // share of tables from which a cause is named

const below = (scene, look) => (look.isNarrow ? (Math.max(1, named(scene).length) + 0.8) * 1.6 * look.small : 0);

export function height(width, scene, look) {
  return look.isProjected ? 560 : Math.min(320, Math.max(240, 0.42 * width)) + below(scene, look);
}

function named(scene) {
  return scene.causes.map((_, i) => i).filter((i) => scene.step && scene.shares[i][scene.step - 1] >= NAMED);
}

export function draw(pen, scene, look) {
  const last = scene.step - 1, shown = named(scene), { small, text } = look, end = span(scene.step, scene.horizon);
  const labels = scene.names.map((name, i) => `${percent(look, scene.step ? scene.shares[i][last] : NaN)}  ${name}`);
  const right = look.isNarrow ? 8 : Math.min(0.45 * look.width, 2.6 * text + Math.max(6 * text, ...shown.map((i) => pen.width(labels[i], text))));
  const frame = { left: 3.6 * small, right, top: 0.7 * small, bottom: 2.2 * small + below(scene, look), width: look.width, height: look.height };
  const { x, y } = plane(pen, look, { ...frame, steps: end, high: 1, ticks: [0, 0.25, 0.5, 0.75, 1], words: look.words });
  if (!scene.step) {
    pen.text(x(0) + 8, y(0.5) - 8, look.words.nothing_yet, { size: text, fill: look.soft });
    return [];
  }
  const styles = scene.causes.map((cause) => CAUSES[cause]);
  const roof = areas(pen, look, scene.shares, styles, x, y);
  pen.line(x(0), y(0), x(end), y(0), { stroke: look.shade, width: look.hair });
  if (scene.step < end) moment(pen, look, x, scene.step, frame.top, y(0));
  const free = 1 - roof[last], words = `${look.words.causes_signed} ${percent(look, free)}`;
  if (free > 0.12) {
    const isLeft = x(scene.step) - x(0) > pen.width(words, text) + 12;
    pen.text(x(scene.step) + (isLeft ? -6 : 6), y(1 - free / 2) + 0.35 * text, words, { size: text, fill: look.soft, align: isLeft ? "right" : "left" });
  }
  if (look.isNarrow) key(pen, look, styles, labels, shown, look.height - below(scene, look));
  else names(pen, look, scene.shares, styles, labels, shown, { x, y, at: scene.step, left: look.width - right, top: frame.top, bottom: y(0) });
  return lens(pen, look, { x, y, frame, step: scene.step, span: end }, (at) => {
    const largest = scene.causes.map((_, i) => i).sort((a, b) => scene.shares[b][at] - scene.shares[a][at]).slice(0, 4);
    return largest.map((i) => `${scene.names[i]} ${percent(look, scene.shares[i][at])}`);
  });
}
