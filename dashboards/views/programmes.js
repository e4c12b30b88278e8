// A row a region, a column a field: squares as large as the field's part of the region's places; what grew, shrank, opened or
// closed within the year has a sign beside it; at the right how much of the region's places lies as in the mean of all.
import { percent } from "./drawing/look.js";
import { cross, legend, legendHeight, under } from "./drawing/marks.js";
import { widthOf } from "./drawing/pen.js";

const pitch = (scene, look) => (look.isProjected ? 54 : scene.names.length > 14 ? 22 : 34);
// On a phone a column is narrower than a word: there names of fields are read from below.
const isUpright = (scene, look, width) => look.isNarrow && widest(scene.fields.flatMap((field) => field.split(" ")), look.small) * scene.fields.length > 0.64 * width;
const headings = (scene, look, width) => (isUpright(scene, look, width) ? Math.min(9 * look.small, widest(scene.fields, look.small) + 1.2 * look.small) : 3.4 * look.small);
const widest = (words, size) => Math.max(...words.map((word) => widthOf(word, size)));
const figure = (look) => (look.isProjected ? 34 : 20);
const above = (look) => 2.6 * figure(look) * (look.isNarrow ? 2 : 1) + 0.6 * look.small;

export function height(width, scene, look) {
  return above(look) + headings(scene, look, width) + scene.names.length * pitch(scene, look) + legendHeight(look, items(null, look), width) + 6;
}

export function draw(pen, scene, look) {
  const { small } = look, legendHigh = legendHeight(look, items(pen, look), look.width), high = headings(scene, look, look.width), top = above(look) + high;
  figures(pen, scene, look);
  const p = (look.height - top - legendHigh - 6) / scene.names.length, size = Math.min(look.text, Math.max(look.least, 0.5 * p));
  const left = Math.min(0.3 * look.width, Math.max(...scene.names.map((name) => pen.width(name, size))) + 10);
  const right = Math.max(pen.width("100 %", size, 600), pen.width(look.words.programmes_alike, small)) + 0.8 * size;
  const w = (look.width - left - right) / scene.fields.length, most = Math.max(...scene.share.map((row) => Math.max(...row)));
  if (isUpright(scene, look, look.width)) scene.fields.forEach((field, s) => pen.text(left + (s + 0.42) * w + 0.35 * small, top - 0.5 * small, pen.cut(field, small, high - 0.8 * small), { size: small, fill: look.soft, turn: -Math.PI / 2 }));
  else names(pen, scene, look, left, w, top);
  pen.text(look.width, top - 0.5 * small, pen.cut(look.words.programmes_alike, small, right), { size: small, fill: look.soft, align: "right" });
  const targets = scene.names.flatMap((name, r) => {
    const y = top + (r + 0.5) * p, isChosen = look.selected === r;
    pen.line(0, y + p / 2, look.width, y + p / 2, { stroke: look.rule, width: 0.5 * look.hair });
    pen.text(left - 8, y + 0.35 * size, pen.cut(name, size, left - 8), { size, fill: look.ink, align: "right", weight: isChosen ? 700 : 400 });
    pen.text(look.width, y + 0.35 * size, percent(look, scene.alike[r]), { size, fill: look.ink, align: "right", weight: 600 });
    return scene.fields.map((field, s) => cell(pen, scene, look, { r, s, x: left + s * w, y, w, p, most, size, name, field }));
  });
  legend(pen, look, items(pen, look), 0, look.height - legendHigh, look.width);
  return targets;
}

function cell(pen, scene, look, { r, s, x, y, w, p, most, size, name, field }) {
  const share = scene.share[r][s], mark = scene.mark[r][s], turn = scene.turn[r][s], room = Math.min(0.75 * w, p) - 4;
  const side = room * Math.sqrt(share / (most || 1)), middle = x + 0.42 * w;
  if (share > 0) pen.rect(middle - side / 2, y - side / 2, side, side, { fill: look.soft, radius: 2 });
  const beside = Math.min(x + w - 2, middle + Math.max(side, 0.3 * room) / 2 + 2), letter = Math.max(look.least, 0.9 * size);
  const sign = turn > 0 ? "○" : mark > 0 ? "+" : mark < 0 ? "−" : "";
  if (turn < 0) cross(pen, middle, y, 0.16 * room, { stroke: look.ink, width: look.mark });
  else if (sign) pen.text(beside, y + 0.35 * letter, sign, { size: letter, fill: look.ink, weight: 700 });
  const said = [percent(look, share), `${scene.programmes[r][s]} ${look.words.programmes_n}`];
  return { x, y: y - p / 2, w, h: p, act: "region", value: r, tip: [`${name} · ${field}`, ...said, ...(turn ? [look.words[turn > 0 ? "programmes_new" : "programmes_gone"]] : [])] };
}

// Names of the fields above their columns, in two lines where they need them.
function names(pen, scene, look, left, w, top) {
  const { small } = look, wanted = Math.max(...scene.fields.flatMap((field) => field.split(" ").map((part) => pen.width(part, small))));
  const size = Math.max(look.least, Math.min(small, (small * (w - 3)) / wanted));
  scene.fields.forEach((field, s) => {
    const lines = pen.width(field, size) > w - 3 ? field.split(" ") : [field];
    lines.slice(-2).forEach((line, i, all) => pen.text(left + (s + 0.42) * w, top - 0.5 * small - (all.length - 1 - i) * 1.15 * size, pen.cut(line, size, w), { size, fill: look.soft, align: "center" }));
  });
}

// What the nation is like, above the map.
function figures(pen, scene, look) {
  const { small } = look, big = figure(look), across = look.isNarrow ? 2 : 4, wide = look.width / across;
  scene.figures.forEach(([value, words], i) => {
    const x = (i % across) * wide, y = big + Math.floor(i / across) * 2.6 * big;
    pen.text(x, y, value, { size: big, fill: look.ink, weight: 600 });
    under(pen, look, words, x, y + 1.3 * small, wide - 8);
  });
}

function items(pen, look) {
  const { small, words } = look;
  const sign = (text) => (x, y) => pen.text(x, y, text, { size: small, fill: look.ink, weight: 700 });
  return [
    { wide: 2, words: words.programmes_square, paint: (x, y) => [0.4, 0.9].forEach((side, i) => pen.rect(x + i * 0.9 * small, y - 0.35 * small - (side * small) / 2, side * small, side * small, { fill: look.soft, radius: 2 })) },
    { wide: 0.7, words: words.programmes_more, paint: sign("+") },
    { wide: 0.7, words: words.programmes_less, paint: sign("−") },
    { wide: 0.8, words: words.programmes_new, paint: sign("○") },
    { wide: 0.9, words: words.programmes_gone, paint: (x, y) => cross(pen, x + 0.4 * small, y - 0.35 * small, 0.3 * small, { stroke: look.ink, width: look.mark }) },
  ];
}
