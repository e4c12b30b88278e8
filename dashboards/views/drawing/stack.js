// Areas on top of each other over time, with names and values at the right; shared by causes and money.
import { inkOn } from "./look.js";
import { spread } from "./marks.js";

// rows: values of each area, from the bottom; styles: fill, hatch, glyph of each. Returns the roof of the stack.
export function areas(pen, look, rows, styles, x, y) {
  const n = rows[0]?.length ?? 0, base = new Float32Array(n);
  rows.forEach((values, i) => {
    if (values.some((v) => v > 0)) area(pen, look, base, values, styles[i], x, y);
    values.forEach((v, t) => (base[t] += v));
  });
  return base;
}

function area(pen, look, base, values, style, x, y) {
  const steps = [["M", x(0), y(base[0])], ["L", x(0), y(base[0] + values[0])]];
  for (let t = 0; t < values.length; t += 1) steps.push(["L", x(t + 1), y(base[t] + values[t])]);
  for (let t = values.length - 1; t >= 0; t -= 1) steps.push(["L", x(t + 1), y(base[t])]);
  pen.path([...steps, ["Z"]], { fill: style.fill, hatch: style.hatch, stroke: look.paper, width: 0.8 });
}

// The area's patch and its name in lines of words.
export function entry(pen, look, style, x, y, size, lines) {
  pen.rect(x, y - 0.85 * size, 1.1 * size, 1.1 * size, { fill: style.fill, hatch: style.hatch, radius: 2 });
  if (!style.hatch && style.glyph) pen.text(x + 0.55 * size, y - 0.02 * size, style.glyph, { size: Math.max(look.least, 0.85 * size), fill: inkOn(style.fill), weight: 700, align: "center" });
  lines.forEach((words, i) => pen.text(x + 1.6 * size, y + 1.15 * i * size, words, { size, fill: look.ink }));
}

// Names beside the areas' last values, joined to them; shown: rows that are named.
export function names(pen, look, rows, styles, labels, shown, { x, y, at, left, top, bottom }) {
  const last = rows[0].length - 1, size = look.text;
  const middle = (i) => rows.slice(0, i).reduce((sum, row) => sum + row[last], 0) + rows[i][last] / 2;
  const room = look.width - left - 2.3 * size, folded = shown.map((i) => pen.wrapped(labels[i], size, room));
  // Names in two lines where all find room so, else each in one and cut.
  const isFolded = folded.some((lines) => lines.length === 2) && folded.every((lines) => lines.length < 3) && shown.length * 2.6 * size < bottom - top;
  const said = isFolded ? folded : shown.map((i) => [pen.cut(labels[i], size, room)]);
  const heights = spread(shown.map((i) => y(middle(i))), (isFolded ? 2.6 : 1.5) * size, top + size, bottom - (isFolded ? 0.6 * size : 0));
  shown.forEach((i, k) => {
    pen.path([["M", x(at) + 2, y(middle(i))], ["L", left + 0.4 * size, heights[k] - 0.05 * size]], { stroke: look.rule, width: look.hair });
    entry(pen, look, styles[i], left + 0.6 * size, heights[k] + 0.33 * size, size, said[k]);
  });
}

// Names below the picture, one a row, where there is no room beside it.
export function key(pen, look, styles, labels, shown, top) {
  [...shown].reverse().forEach((i, k) => entry(pen, look, styles[i], 0, top + (k + 1) * 1.6 * look.small, look.small, [labels[i]]));
}
