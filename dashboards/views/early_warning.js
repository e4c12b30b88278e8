// Three strips over the same time: the series, its variance, its memory; both rising is a warning.
import { moment, span, trace, years } from "./drawing/marks.js";

export function height(width, scene, look) {
  return look.isProjected ? 620 : 300;
}

export function draw(pen, scene, look) {
  const { small, text } = look, end = span(scene.step, scene.horizon), isWarning = scene.judgement === "warning";
  const size = look.isProjected ? look.text : 15, lines = pen.wrapped(scene.sentence, size, look.width - 1.6 * size, 600);
  pen.circle(0.4 * size, 0.65 * size, 0.4 * size, isWarning ? { fill: look.failed } : { stroke: look.shade, width: look.mark });
  lines.forEach((line, i) => pen.text(1.4 * size, size + 1.35 * i * size, line, { size, fill: look.ink, weight: 600 }));
  const rows = [[scene.values, look.words.warning_series, null], [scene.variance, look.words.warning_variance, scene.rises[0]], [scene.memory, look.words.warning_memory, scene.rises[1]]];
  const top = 1.35 * lines.length * size + 0.9 * small, bottom = 2.2 * small, left = 2;
  const most = Math.max(...rows.map(([, , rise], i) => pen.width(scene.last[i] + arrow(rise, scene.rising), text, 600)));
  const right = Math.max(look.isNarrow ? 4.4 * text : 8.5 * text, most + text), room = (look.height - top - bottom) / 3;
  const x = (step) => left + ((look.width - left - right) * step) / end;
  rows.forEach(([values, name, rise], i) => strip(pen, look, values, name, rise, x, top + i * room, room, end, i, scene));
  if (scene.step && scene.step < end) moment(pen, look, x, scene.step, top, look.height - bottom);
  years(pen, look, x, end, look.height - bottom + 1.5 * small, look.words.year);
  return [];
}

const arrow = (rise, rising) => (rise === null ? "" : rise >= rising ? " ↗" : rise <= -rising ? " ↘" : " →");

function strip(pen, look, values, name, rise, x, top, room, end, i, { last: told, rising }) {
  const { small, text } = look, known = Array.from(values).filter(Number.isFinite);
  const base = top + room - 0.4 * small, high = top + 1.9 * small;
  pen.text(x(0), top + small, name, { size: small, fill: look.soft });
  pen.line(x(0), base, x(end), base, { stroke: look.rule, width: look.hair });
  if (!known.length) return;
  const [low, most] = i === 2 ? [Math.min(0, ...known), 1] : [0, Math.max(...known) || 1];
  const y = (v) => base - ((base - high) * (v - low)) / (most - low);
  pen.path(trace(values, x, y), { stroke: i ? look.ink : look.integrated, width: look.line });
  const last = known.at(-1), left = x(end) + 0.7 * text, at = Math.min(base, Math.max(high + 0.6 * text, y(last) + 0.35 * text));
  pen.text(left, at, told[i] + arrow(rise, rising), { size: text, fill: rise >= rising && rise !== null ? look.failed : look.ink, weight: 600 });
}
