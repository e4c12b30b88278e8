// Public money of a year by lever, and what a substantive contract costs.
import { number } from "./drawing/look.js";
import { depthOf, lens, moment, plane, span, under } from "./drawing/marks.js";
import { areas, key, names } from "./drawing/stack.js";

export const followsCursor = true;
const STYLES = [
  { fill: "#009E73" }, { fill: "#009E73", hatch: "diagonal" }, { fill: "#882255" }, { fill: "#0072B2" }, { fill: "#8b9096", hatch: "dots" },
];

const below = (scene, look) => (look.isNarrow ? (Math.max(1, used(scene).length) + 0.8) * 1.6 * look.small : 0);
const used = (scene) => scene.names.map((_, i) => i).filter((i) => scene.step && scene.spent[i][scene.step - 1] > 0);
// How wide the two figures may be.
const rooms = (pen, look) => {
  const each = pen.width(look.words.money_total, look.small) + 16, first = look.isNarrow ? Math.min(0.5 * look.width, each) : Math.min(0.5 * look.width, Math.max(0.3 * look.width, each + 8));
  return [first - 8, look.width - first];
};
const head = (pen, look) => (look.isProjected ? 1.1 * look.number : 30) + 0.2 * look.small + Math.max(depthOf(look, [look.words.money_total], rooms(pen, look)[0]), depthOf(look, [look.words.money_each], rooms(pen, look)[1]));

export function height(width, scene, look) {
  return (look.isProjected ? 560 : Math.min(300, Math.max(230, 0.4 * width))) + below(scene, look);
}

export function draw(pen, scene, look) {
  const { small, text } = look, end = span(scene.step, scene.horizon), last = scene.step - 1;
  const totals = Array.from({ length: scene.step }, (_, t) => scene.spent.reduce((sum, row) => sum + row[t], 0));
  const high = nice(Math.max(0, ...totals) || 1), shown = used(scene);
  const labels = scene.names.map((name, i) => `${number(scene.step ? scene.spent[i][last] : NaN)}  ${name}`);
  const right = look.isNarrow ? 8 : Math.min(0.46 * look.width, 2.6 * text + Math.max(5 * text, ...shown.map((i) => pen.width(labels[i], text))));
  figures(pen, scene, look);
  const frame = { left: Math.max(3.6 * small, pen.width(number(high), small) + 12), right, top: head(pen, look) + 0.8 * small, bottom: 2.2 * small + below(scene, look), width: look.width, height: look.height };
  const { x, y } = plane(pen, look, { ...frame, steps: end, high, isShare: false, words: look.words });
  if (!totals.some((v) => v > 0)) {
    pen.text(x(0) + 8, y(high / 2) - 8, look.words[scene.step ? "money_none" : "nothing_yet"], { size: text, fill: look.soft });
    return [];
  }
  areas(pen, look, scene.spent, STYLES, x, y);
  if (scene.step < end) moment(pen, look, x, scene.step, frame.top, y(0));
  if (look.isNarrow) key(pen, look, STYLES, labels, shown, look.height - below(scene, look));
  else names(pen, look, scene.spent, STYLES, labels, shown, { x, y, at: scene.step, left: look.width - right, top: frame.top, bottom: y(0) });
  return lens(pen, look, { x, y, frame, step: scene.step, span: end }, (at) => scene.names.map((name, i) => `${name} ${number(scene.spent[i][at])}`).filter((_, i) => scene.spent[i][at] > 0));
}

function nice(value) {
  const unit = 10 ** Math.floor(Math.log10(value));
  return unit * [1, 2, 2.5, 5, 10].find((n) => n * unit >= value);
}

function figures(pen, scene, look) {
  const big = look.isProjected ? look.number : 24, room = rooms(pen, look);
  [[scene.total, look.words.money_total], [scene.each ?? NaN, look.words.money_each]].forEach(([value, words], i) => {
    const x = i * (room[0] + 8);
    pen.text(x, 0.85 * big, number(value), { size: big, fill: look.ink, weight: 600 });
    under(pen, look, words, x, 0.85 * big + 1.4 * look.small, room[i]);
  });
}
