// One strip a region: its stage over time, numbered, the last one named by its number at the right.
import { inkOn } from "./drawing/look.js";
import { legend, legendHeight, moment, span, years } from "./drawing/marks.js";

const pitch = (scene, look) => (look.isProjected ? (scene.names.length > 14 ? 28 : 40) : scene.names.length > 14 ? 17 : 26);

export function height(width, scene, look) {
  return scene.names.length * pitch(scene, look) + legendHeight(look, items(null, scene, look), width) + 2.2 * look.small;
}

export function draw(pen, scene, look) {
  const { small } = look, room = look.height - legendHeight(look, items(pen, scene, look), look.width) - 2.2 * small;
  const p = room / scene.names.length, size = Math.min(look.text, Math.max(look.least, 0.62 * p)), end = span(scene.step, scene.horizon);
  const left = Math.min(0.34 * look.width, Math.max(...scene.names.map((name) => pen.width(name, size))) + 10);
  const x = (step) => left + ((look.width - left - Math.max(8, pen.width("100", small) / 2)) * step) / end, colours = look.stages;
  const targets = scene.names.map((name, r) => {
    pen.text(left - 8, (r + 0.5) * p + 0.35 * size, pen.cut(name, size, left - 8), { size, fill: look.ink, align: "right", weight: look.selected === r ? 700 : 400 });
    strip(pen, scene.stages[r] ?? [], x, r * p, p, colours, look, size);
    const now = scene.stages[r]?.[scene.step - 1];
    return { x: 0, y: r * p, w: look.width, h: p, act: "region", value: r, tip: now === undefined ? null : [name, `${now + 1} ${scene.stage_names[now]}`] };
  });
  if (scene.step && scene.step < end) moment(pen, look, x, scene.step, 0, room);
  years(pen, look, x, end, room + 1.3 * small, look.words.year);
  legend(pen, look, items(pen, scene, look), 0, room + 2.2 * small, look.width);
  return targets;
}

function strip(pen, stages, x, y, p, colours, look, size) {
  let start = 0;
  for (let t = 1; t <= stages.length; t += 1) {
    if (t < stages.length && stages[t] === stages[start]) continue;
    const [stage, left, right] = [stages[start], x(start), x(t)], fill = colours[stage];
    pen.rect(left, y + 1.5, right - left, p - 3, { fill, radius: 1, stroke: stage ? null : look.rule, width: 1 });
    const letter = Math.max(look.least, 0.88 * size);
    if (right - left > 1.2 * letter) pen.text((left + right) / 2, y + p / 2 + 0.36 * letter, String(stage + 1), { size: letter, fill: inkOn(fill), align: "center", weight: 600 });
    start = t;
  }
}

function items(pen, scene, look) {
  const { small } = look, colours = look.stages;
  return scene.stage_names.map((words, i) => ({
    wide: 1.4, words,
    paint: (x, y) => {
      pen.rect(x, y - 0.9 * small, 1.4 * small, 1.15 * small, { fill: colours[i], radius: 2, stroke: i ? null : look.rule, width: 1 });
      pen.text(x + 0.7 * small, y, String(i + 1), { size: Math.max(look.least, 0.9 * small), fill: inkOn(colours[i]), weight: 600, align: "center" });
    },
  }));
}
