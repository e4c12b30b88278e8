// Contracts as cells, enterprises across and colleges down, ordered by community: blocks are communities.
import { inkOn, mixed } from "./drawing/look.js";
import { legend, legendHeight, numbered } from "./drawing/marks.js";

const SHADES = [0.28, 0.5, 0.75, 1]; // opacity of blue by substance; the first shade of all is grey: paper only
const REAL = 26; // of 255: substance from which a contract is more than paper

export function height(width, scene, look) {
  const cell = width / Math.max(1, scene.n_enterprises);
  const most = look.isProjected ? 640 : 460;
  return Math.min(most, Math.max(240, Math.max(0.42 * width, Math.min(1.6 * cell, 9) * scene.n_colleges))) + edges(look, width);
}

const edges = (look, width) => 2.4 * look.small + legendHeight(look, items(null, look), width - 1.7 * look.small);

export function draw(pen, scene, look) {
  const { small } = look, top = 1.9 * small, left = 1.7 * small;
  const width = look.width - left, deep = look.height - edges(look, look.width);
  const [w, h] = [width / Math.max(1, scene.n_enterprises), deep / Math.max(1, scene.n_colleges)];
  cells(pen, scene, look, { left, top, width, deep, w, h });
  blocks(pen, scene, look, left, top, w, h);
  pen.text(left, 0.9 * small + 2, look.words.matrix_across, { size: small, fill: look.soft });
  pen.text(0.9 * small, top + deep, look.words.matrix_down, { size: small, fill: look.soft, turn: -Math.PI / 2 });
  legend(pen, look, items(pen, look), left, top + deep + 0.3 * small, width);
  return targets(scene, look, left, top, w, h);
}

function cells(pen, scene, look, { left, top, width, deep, w, h }) {
  const side = Math.max(2.2, Math.min(w, h) - (Math.min(w, h) > 4 ? 1 : 0));
  const bins = [...SHADES, 0].map(() => [[], []]);
  for (let i = 0; i < scene.x.length; i += 1) {
    const substance = scene.substance[i];
    const bin = substance < REAL ? 4 : Math.min(3, Math.floor((4 * (substance - REAL)) / (200 - REAL)));
    bins[bin][0].push(left + (scene.x[i] + 0.5) * w);
    bins[bin][1].push(top + (scene.y[i] + 0.5) * h);
  }
  if (side <= 4) {
    const fills = [...SHADES.map((opacity) => mixed(look.wash, look.integrated, opacity)), mixed(look.wash, look.shade, 0.8)];
    pen.specks(left, top, width, deep, look.wash, [4, 0, 1, 2, 3].map((bin) => [...bins[bin], fills[bin]]), side);
    return;
  }
  pen.rect(left, top, width, deep, { fill: look.wash });
  pen.dots(...bins[4], side - 1, { stroke: look.shade, width: 1 });
  SHADES.forEach((opacity, i) => pen.dots(...bins[i], side, { fill: look.integrated, opacity }));
}

// Each community as a frame with its number; candidates as a dashed one.
function blocks(pen, scene, look, left, top, w, h) {
  const size = look.isProjected ? look.text : 13;
  const named = [];
  scene.numbers.forEach((number, g) => {
    const [x1, x2] = [left + scene.enterprise_from[g] * w, left + scene.enterprise_from[g + 1] * w];
    const [y1, y2] = [top + scene.college_from[g] * h, top + scene.college_from[g + 1] * h];
    const isEstablished = scene.is_established[g];
    pen.rect(x1, y1, Math.max(3, x2 - x1), Math.max(3, y2 - y1), {
      stroke: isEstablished ? look.ink : look.soft, width: isEstablished ? look.mark : look.hair, dash: isEstablished ? null : [4, 3],
    });
    if (number && x2 - x1 > 0.6 * size) named.push([number, look.community(scene.colour[g]), x1, y1]);
  });
  // The numbers stand above all frames, and none covers the one before.
  let [before, end] = [-Infinity, 0];
  for (const [number, fill, x, top] of named) {
    const wide = pen.width(number, size, 700) + 0.7 * size, y = top - before < 1.35 * size && x < end ? before + 1.35 * size : top;
    [before, end] = [y, x + wide];
    pen.rect(x, y - 0.65 * size, wide, 1.3 * size, { fill, radius: 3 });
    pen.text(x + wide / 2, y + 0.36 * size, number, { size, fill: inkOn(fill), weight: 700, align: "center" });
  }
  const n = scene.numbers.length;
  if (n && scene.enterprise_from[n] < scene.n_enterprises) {
    const x = left + scene.enterprise_from[n] * w;
    const words = `${look.words.outside} →`;
    pen.text(Math.min(x + 4, left + scene.n_enterprises * w - pen.width(words, look.small) - 4), 0.9 * look.small + 2, words, { size: look.small, fill: look.soft });
  }
}

function items(pen, look) {
  const { small, words } = look;
  const shades = (x, y) => SHADES.forEach((opacity, i) => pen.rect(x + i * small, y - 0.8 * small, 0.85 * small, 0.85 * small, { fill: look.integrated, opacity }));
  const dashed = (x, y) => pen.rect(x, y - 0.8 * small, 1.3 * small, 0.95 * small, { stroke: look.soft, width: look.hair, dash: [4, 3] });
  return [
    numbered(pen, look),
    { wide: 1.3, words: words.candidate, paint: dashed },
    { wide: 0.9, words: words.matrix_paper, paint: (x, y) => pen.rect(x + 1, y - 0.75 * small, 0.75 * small, 0.75 * small, { stroke: look.shade, width: 1 }) },
    { wide: 4, words: words.matrix_real, paint: shades },
  ];
}

function targets(scene, look, left, top, w, h) {
  return scene.numbers.map((number, g) => {
    const [across, down] = [scene.enterprise_from[g + 1] - scene.enterprise_from[g], scene.college_from[g + 1] - scene.college_from[g]];
    return {
      x: left + scene.enterprise_from[g] * w, y: top + scene.college_from[g] * h, w: across * w, h: down * h,
      tip: [`${number ? look.words.community : look.words.candidate} ${number}`, `${across} ${look.words.enterprises}`, `${down} ${look.words.colleges}`, ...(scene.named[g] ? [scene.named[g]] : [])],
    };
  });
}
