// Contracts as strokes between fixed places: grey on paper, blue by substance; a band joins the members of a community.
import { inkOn } from "./drawing/look.js";
import { legend, legendHeight, near, numbered, tree } from "./drawing/marks.js";

const WIDE = 0.1, NARROW = 0.02, LONG = 0.36; // of a region's side: bands, and the path from which one is narrow
const BINS = [26, 90, 160]; // of 255: substance from which a stroke is drawn in each of the three blues

export function height(width, scene, look) {
  return Math.min(look.isProjected ? 860 : 720, (width * scene.down) / scene.across) + around(look, width);
}

const around = (look, width) => 1.4 * look.small + legendHeight(look, items(null, look), width);

export function draw(pen, scene, look) {
  const top = 1.4 * look.small, room = look.height - around(look, look.width);
  const unit = Math.min(look.width / scene.across, room / scene.down);
  const left = (look.width - unit * scene.across) / 2;
  const at = ([x, y]) => [left + unit * x, top + unit * y];
  const { enterprises, colleges } = placed(scene, at, `${unit} ${left}`);
  strokes(pen, scene, look, enterprises, colleges);
  // Who belongs where changes once a year, and with it everything but the strokes.
  const key = [scene.who, look.theme, look.isProjected, look.words.colleges].join(" ");
  pen.layer("above", key, look.width, look.height, (over) => above(over, scene, look, { enterprises, colleges, unit, at }));
  return [];
}

function above(pen, scene, look, { enterprises, colleges, unit, at }) {
  const communities = joined(scene, enterprises, colleges);
  bands(pen, scene, look, communities, unit);
  nodes(pen, scene, look, scene.enterprise, enterprises, Math.max(2.4, Math.min(7, (unit * 1.6) / Math.sqrt(enterprises.length / scene.centre.length + 1) / 3)));
  nodes(pen, scene, look, scene.college, colleges, Math.max(3.4, Math.min(10, (unit * 1.3) / Math.sqrt(colleges.length / scene.centre.length + 1) / 6)), true);
  const size = Math.min(look.text, Math.max(look.least, unit / 7));
  const taken = scene.names.map((name, r) => {
    const [x, middle] = at(scene.centre[r]), y = middle - 0.36 * unit;
    pen.text(x, y, name, { size, fill: look.soft, align: "center", halo: look.paper });
    return { x, y: y - 0.35 * size, wide: pen.width(name, size), high: size };
  });
  badges(pen, scene, look, communities, unit, taken);
  legend(pen, look, items(pen, look), 0, look.height - legendHeight(look, items(pen, look), look.width), look.width);
}

// Places on the picture, kept while it has its size.
const kept = new WeakMap();

function placed(scene, at, size) {
  const before = kept.get(scene.enterprise_at);
  if (before?.size === size) return before;
  const found = { size, enterprises: scene.enterprise_at.map(at), colleges: scene.college_at.map(at) };
  kept.set(scene.enterprise_at, found);
  return found;
}

function strokes(pen, scene, look, enterprises, colleges) {
  const { from, to, substance } = scene, n = from.length;
  const bins = BINS.concat(256).map(() => new Float32Array(4 * n)), used = bins.map(() => 0);
  for (let i = 0; i < n; i += 1) {
    const s = substance[i], k = s < BINS[0] ? 0 : s < BINS[1] ? 1 : s < BINS[2] ? 2 : 3;
    const a = enterprises[from[i]], b = colleges[to[i]], ends = bins[k], j = used[k];
    ends[j] = a[0];
    ends[j + 1] = a[1];
    ends[j + 2] = b[0];
    ends[j + 3] = b[1];
    used[k] += 4;
  }
  const [paper, ...real] = bins.map((ends, k) => ends.subarray(0, used[k]));
  const many = n > 4000 ? 0.45 : 1;
  pen.strokes(paper, { stroke: look.shade, width: look.hair, opacity: 0.35 * many });
  pen.strokes(real[0], { stroke: look.integrated, width: look.hair, opacity: 0.4 * many });
  pen.strokes(real[1], { stroke: look.integrated, width: look.hair, opacity: 0.65 * many });
  pen.strokes(real[2], { stroke: look.integrated, width: look.hair * (many < 1 ? 1 : 1.6), opacity: many < 1 ? 0.6 : 0.9 });
}

// Filled squares in a community's colour; hollow ones belong to none.
function nodes(pen, scene, look, group, places, side, isCollege = false) {
  const byColour = new Map();
  for (let i = 0; i < places.length; i += 1) {
    const colour = group[i] < 0 ? -1 : scene.colour[group[i]];
    if (!byColour.has(colour)) byColour.set(colour, [[], []]);
    const [xs, ys] = byColour.get(colour);
    xs.push(places[i][0]);
    ys.push(places[i][1]);
  }
  for (const [colour, [xs, ys]] of byColour) {
    if (colour >= 0) {
      pen.dots(xs, ys, side, { fill: look.community(colour), stroke: isCollege ? look.ink : null, width: 1 });
      if (look.turn(colour)) pen.dots(xs, ys, 0.45 * side, { fill: look.turn(colour) === 1 ? look.paper : look.ink });
    }
    else pen.dots(xs, ys, side, { fill: look.paper, stroke: isCollege ? look.ink : look.shade, width: 1 });
  }
}

function members(scene, enterprises, colleges, g) {
  return [...enterprises.filter((_, i) => scene.enterprise[i] === g), ...colleges.filter((_, i) => scene.college[i] === g)];
}

// The members of each numbered community with the shortest paths that join them all: [[[x, y], ...], [[i, j], ...]] or null.
function joined(scene, enterprises, colleges) {
  return scene.numbers.map((number, g) => {
    const places = number ? members(scene, enterprises, colleges, g) : [];
    return places.length ? [places, tree(places)] : null;
  });
}

// Bands, wide among neighbours and narrow over a distance: a hull around members of far regions would cover who is not one.
function bands(pen, scene, look, communities, unit) {
  const far = LONG * unit;
  pen.veil(look.theme === "dark" ? 0.45 : 0.33, (sheet) => communities.forEach((one, g) => {
    if (!one) return;
    const [places, paths] = one, stroke = look.community(scene.colour[g]), alone = new Set(places.keys());
    const short = [], long = [];
    for (const path of paths) {
      const [i, j] = path, isNear = near(places, path, far);
      (isNear ? short : long).push(...places[i], ...places[j]);
      if (isNear) alone.delete(i), alone.delete(j);
    }
    for (const i of alone) short.push(...places[i], places[i][0] + 0.01, places[i][1]);
    sheet.strokes(long, { stroke, width: Math.max(look.mark, NARROW * unit), cap: "round" });
    sheet.strokes(short, { stroke, width: WIDE * unit, cap: "round" });
  }));
}

// A community's number among most of its members, or as near below as it covers no word and no other number.
function badges(pen, scene, look, communities, unit, taken) {
  const size = look.isProjected ? look.text : 13;
  communities.forEach((one, g) => {
    if (!one) return;
    const [x, middle] = heart(...one, LONG * unit), number = scene.numbers[g];
    const box = { x, y: middle, wide: pen.width(number, size, 700) + 0.8 * size, high: 1.4 * size };
    const isOver = (o) => Math.abs(o.x - box.x) < (o.wide + box.wide) / 2 && Math.abs(o.y - box.y) < (o.high + box.high) / 2;
    for (let o = taken.find(isOver); o; o = taken.find(isOver)) box.y = o.y + (o.high + box.high) / 2 + 1;
    taken.push(box);
    const { y, wide } = box;
    pen.rect(x - wide / 2, y - 0.7 * size, wide, 1.4 * size, { fill: look.community(scene.colour[g]), stroke: look.paper, width: 2, radius: 4 });
    pen.text(x, y + 0.36 * size, number, { size, fill: inkOn(look.community(scene.colour[g])), weight: 700, align: "center" });
  });
}

// The middle of the largest part of a community that no long path crosses.
function heart(places, paths, far) {
  const part = places.map((_, i) => i);
  for (const path of paths) {
    if (!near(places, path, far)) continue;
    const [kept, gone] = path.map((i) => part[i]);
    part.forEach((p, i) => { if (p === gone) part[i] = kept; });
  }
  const sizes = new Map();
  for (const p of part) sizes.set(p, (sizes.get(p) ?? 0) + 1);
  const [largest] = [...sizes].reduce((a, b) => (b[1] > a[1] ? b : a)), those = places.filter((_, i) => part[i] === largest);
  return [0, 1].map((axis) => those.reduce((sum, place) => sum + place[axis], 0) / those.length);
}

function items(pen, look) {
  const { small, words } = look;
  const square = (side, stroke) => (x, y) => pen.dots([x + 0.4 * small], [y - 0.35 * small], side, { fill: look.paper, stroke, width: 1 });
  const stroke = (colour, width) => (x, y) => pen.line(x, y - 0.35 * small, x + 1.6 * small, y - 0.35 * small, { stroke: colour, width });
  return [
    numbered(pen, look),
    { wide: 0.8, words: words.in_none, paint: square(0.5 * small, look.shade) },
    { wide: 0.8, words: words.colleges, paint: square(0.75 * small, look.ink) },
    { wide: 0.8, words: words.enterprises, paint: square(0.5 * small, look.shade) },
    { wide: 1.6, words: words.matrix_paper, paint: stroke(look.shade, look.hair) },
    { wide: 1.6, words: words.matrix_real, paint: stroke(look.integrated, look.line) },
  ];
}
