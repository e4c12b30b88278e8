// Graduates from the field of their college (left) to where they are (right). Vermilion: work outside the field.
import { percent } from "./drawing/look.js";
import { ribbon, spread } from "./drawing/marks.js";

export function height(width, scene, look) {
  return look.isProjected ? 680 : Math.max(300, Math.min(420, 0.55 * width));
}

export function draw(pen, scene, look) {
  const { text, small } = look, n = scene.names.length;
  if (!scene.total) {
    pen.text(0, 2 * text, look.words[scene.step ? "talent_none" : "nothing_yet"], { size: text, fill: look.soft });
    return [];
  }
  const names = [...scene.names, look.words.talent_outside, look.words.talent_no_work];
  const from = scene.flows.map((row) => row.reduce((a, b) => a + b, 0));
  const to = names.map((_, j) => scene.flows.reduce((sum, row) => sum + row[j], 0));
  const size = look.isNarrow ? small : text;
  const label = (name, count) => `${percent(look, count / scene.total)}  ${name}`;
  const left = Math.min(0.3 * look.width, Math.max(...names.slice(0, n).map((name) => pen.width(name, size))) + 12);
  const right = Math.min((look.isNarrow ? 0.5 : 0.42) * look.width, Math.max(...names.map((name, j) => pen.width(label(name, to[j]), size, 600))) + 14);
  const top = 1.9 * small, room = look.height - top - 4, gap = Math.min(10, room / (4 * (n + 2))), thick = look.isProjected ? 16 : 8;
  const scale = (room - gap * (n + 1)) / scene.total;
  const sources = column(from, scale, gap, top), goals = column(to, scale, gap, top);
  pen.text(0, 0.9 * small, look.words.talent_field, { size: small, fill: look.soft });
  pen.text(look.width, 0.9 * small, look.words.talent_goal, { size: small, fill: look.soft, align: "right" });
  const [x1, x2] = [left + thick, look.width - right - thick];
  flows(pen, scene, look, sources, goals, scale, x1, x2);
  const leftAt = spread(sources.map(([y, h]) => y + h / 2), 1.15 * size, top + 0.5 * size, look.height - 0.4 * size);
  sources.forEach(([y, h], i) => {
    if (!from[i]) return;
    pen.rect(left, y, thick, Math.max(1, h), { fill: look.shade, radius: 1 });
    pen.text(left - 8, leftAt[i] + 0.35 * size, pen.cut(names[i], size, left - 10), { size, fill: look.ink, align: "right" });
  });
  const rightAt = spread(goals.map(([y, h]) => y + h / 2), 1.15 * size, top + 0.5 * size, look.height - 0.4 * size);
  goals.forEach(([y, h], j) => {
    if (!to[j]) return;
    pen.rect(x2, y, thick, Math.max(1, h), { fill: j < n ? look.integrated : j === n ? look.failed : look.shade, radius: 1 });
    pen.text(x2 + thick + 8, rightAt[j] + 0.35 * size, pen.cut(label(names[j], to[j]), size, right - 10, j < n ? 400 : 600), { size, fill: look.ink, weight: j < n ? 400 : 600 });
  });
  return goals.map(([y, h], j) => ({ x: x2, y, w: right, h: Math.max(h, 8), tip: [names[j], `${Math.round(to[j])} (${percent(look, to[j] / scene.total)})`] }));
}

// Top and height of each block, with gaps between those that are not empty.
function column(sizes, scale, gap, top) {
  let y = top;
  return sizes.map((size) => {
    const block = [y, size * scale];
    y += size * scale + (size ? gap : 0);
    return block;
  });
}

function flows(pen, scene, look, sources, goals, scale, x1, x2) {
  const n = scene.names.length, used = goals.map(() => 0);
  const laid = [];
  scene.flows.forEach((row, i) => {
    let y = sources[i][0];
    row.forEach((count, j) => {
      if (!count) return;
      const h = count * scale;
      laid.push([j, ribbon(x1, y, h, x2, goals[j][0] + used[j], h)]);
      y += h;
      used[j] += h;
    });
  });
  for (const [j, path] of laid) {
    if (j < n) pen.path(path, { fill: look.integrated, opacity: 0.3 });
    else if (j > n) pen.path(path, { fill: look.shade, opacity: 0.35, hatch: "diagonal", hatchInk: look.paper });
  }
  for (const [j, path] of laid) if (j === n) pen.path(path, { fill: look.failed, opacity: 0.72 });
}
