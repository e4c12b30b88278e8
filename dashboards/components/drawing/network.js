// Contracts as strokes between fixed places: grey on paper, blue by substance; communities hulled and numbered.
import { inkOn } from "./look.js";
import { hull } from "./marks.js";

const BINS = [26, 90, 160]; // of 255: substance from which a stroke is drawn in each of the three blues

export function height(width, scene, look) {
  return Math.min(look.isProjected ? 860 : 620, (width * scene.down) / scene.across) + 2.2 * look.small;
}

export function draw(pen, scene, look) {
  const room = look.height - 2.2 * look.small;
  const unit = Math.min(look.width / scene.across, room / scene.down);
  const left = (look.width - unit * scene.across) / 2;
  const at = ([x, y]) => [left + unit * x, unit * y];
  const enterprises = scene.enterprise_at.map(at), colleges = scene.college_at.map(at);
  strokes(pen, scene, look, enterprises, colleges);
  hulls(pen, scene, look, enterprises, colleges, unit);
  nodes(pen, scene, look, scene.enterprise, enterprises, Math.max(2.4, Math.min(7, (unit * 1.6) / Math.sqrt(enterprises.length / scene.centre.length + 1) / 3)));
  nodes(pen, scene, look, scene.college, colleges, Math.max(3.4, Math.min(10, (unit * 1.3) / Math.sqrt(colleges.length / scene.centre.length + 1) / 6)), true);
  badges(pen, scene, look, enterprises, colleges);
  const size = Math.min(look.text, Math.max(9, unit / 7));
  scene.names.forEach((name, r) => {
    const [x, y] = at(scene.centre[r]);
    pen.text(x, y - 0.46 * unit, name, { size, fill: look.soft, align: "center", halo: look.paper });
  });
  legend(pen, look, look.height - 0.5 * look.small);
  return [];
}

function strokes(pen, scene, look, enterprises, colleges) {
  const bins = [[], [], [], []], { from, to, substance } = scene;
  for (let i = 0; i < from.length; i += 1) {
    const s = substance[i];
    const bin = bins[s < BINS[0] ? 0 : s < BINS[1] ? 1 : s < BINS[2] ? 2 : 3];
    const a = enterprises[from[i]], b = colleges[to[i]];
    bin.push(a[0], a[1], b[0], b[1]);
  }
  const many = from.length > 4000 ? 0.45 : 1;
  pen.strokes(bins[0], { stroke: look.shade, width: look.hair, opacity: 0.35 * many });
  pen.strokes(bins[1], { stroke: look.integrated, width: look.hair, opacity: 0.4 * many });
  pen.strokes(bins[2], { stroke: look.integrated, width: look.hair, opacity: 0.65 * many });
  pen.strokes(bins[3], { stroke: look.integrated, width: look.hair * (many < 1 ? 1 : 1.6), opacity: many < 1 ? 0.6 : 0.9 });
}

// Filled squares in a community's colour; hollow ones belong to none.
function nodes(pen, scene, look, group, places, side, isCollege = false) {
  const byColour = new Map();
  for (let i = 0; i < places.length; i += 1) {
    const fill = group[i] < 0 ? "" : look.community(scene.colour[group[i]]);
    if (!byColour.has(fill)) byColour.set(fill, [[], []]);
    const [xs, ys] = byColour.get(fill);
    xs.push(places[i][0]);
    ys.push(places[i][1]);
  }
  for (const [fill, [xs, ys]] of byColour) {
    if (fill) pen.dots(xs, ys, side, { fill, stroke: isCollege ? look.ink : null, width: 1 });
    else pen.dots(xs, ys, side, { fill: look.paper, stroke: isCollege ? look.ink : look.shade, width: 1 });
  }
}

function members(scene, enterprises, colleges, g) {
  return [...enterprises.filter((_, i) => scene.enterprise[i] === g), ...colleges.filter((_, i) => scene.college[i] === g)];
}

function hulls(pen, scene, look, enterprises, colleges, unit) {
  scene.numbers.forEach((number, g) => {
    const around = number ? hull(members(scene, enterprises, colleges, g)) : [];
    if (around.length < 3) return;
    const fill = look.community(scene.colour[g]);
    const path = [...around.map(([x, y], i) => [i ? "L" : "M", x, y]), ["Z"]];
    pen.path(path, { fill, stroke: fill, width: 0.12 * unit, opacity: 0.13 });
    pen.path(path, { stroke: fill, width: look.mark, dash: [5, 4], opacity: 0.9 });
  });
}

function badges(pen, scene, look, enterprises, colleges) {
  const size = look.isProjected ? look.text : 13;
  scene.numbers.forEach((number, g) => {
    const those = number ? members(scene, enterprises, colleges, g) : [];
    if (!those.length) return;
    const [x, y] = [0, 1].map((axis) => those.reduce((sum, place) => sum + place[axis], 0) / those.length);
    const wide = pen.width(number, size, 700) + 0.8 * size;
    pen.rect(x - wide / 2, y - 0.7 * size, wide, 1.4 * size, { fill: look.community(scene.colour[g]), stroke: look.paper, width: 2, radius: 4 });
    pen.text(x, y + 0.36 * size, number, { size, fill: inkOn(look.community(scene.colour[g])), weight: 700, align: "center" });
  });
}

function legend(pen, look, y) {
  const { small } = look;
  let x = 0;
  const say = (words) => {
    pen.text(x, y, words, { size: small, fill: look.soft });
    x += pen.width(words, small) + 1.4 * small;
  };
  pen.dots([x + 0.5 * small], [y - 0.35 * small], 0.75 * small, { fill: look.paper, stroke: look.ink, width: 1 });
  x += 1.3 * small;
  say(look.words.colleges);
  pen.dots([x + 0.4 * small], [y - 0.35 * small], 0.5 * small, { fill: look.paper, stroke: look.shade, width: 1 });
  x += 1.1 * small;
  say(look.words.enterprises);
  pen.line(x, y - 0.35 * small, x + 1.6 * small, y - 0.35 * small, { stroke: look.shade, width: look.hair });
  x += 2.1 * small;
  say(look.words.matrix_paper);
  pen.line(x, y - 0.35 * small, x + 1.6 * small, y - 0.35 * small, { stroke: look.integrated, width: look.line });
  x += 2.1 * small;
  if (!look.isNarrow) say(look.words.matrix_real);
}
