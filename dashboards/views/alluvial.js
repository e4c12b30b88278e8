// Communities from year to year: one column a year, blocks by members, ribbons by who went where.
import { inkOn, number } from "./drawing/look.js";
import { cross, depthOf, legend, legendHeight, numbered, ribbon, span, spread, under, years } from "./drawing/marks.js";

export function height(width, scene, look) {
  return (look.isProjected ? 560 : Math.min(340, Math.max(240, 0.45 * width))) + legendHeight(look, items(null, look), width);
}

function items(pen, look) {
  const { small, words } = look;
  return [
    numbered(pen, look),
    { wide: 0.8, words: words.candidate, paint: (x, y) => pen.rect(x, y - 0.85 * small, 0.8 * small, small, { fill: look.rule, radius: 2 }) },
    { wide: 0.9, words: words.alluvial_ends, paint: (x, y) => cross(pen, x + 0.4 * small, y - 0.35 * small, 4, { stroke: look.ink, width: look.mark }) },
  ];
}

export function draw(pen, scene, whole) {
  const { small, text } = whole, end = span(scene.step, scene.horizon), key = legendHeight(whole, items(pen, whole), whole.width);
  const look = { ...whole, height: whole.height - key };
  legend(pen, look, items(pen, look), 0, look.height, look.width);
  const beside = look.isNarrow ? 0 : Math.max(9.5 * text, pen.width(look.words.alluvial_alive, small) + 1.5 * text);
  const top = look.isNarrow ? 3.4 * text + depthOf(look, named(look), look.width / 3 - 6) - 1.2 * small : 0.6 * small, bottom = 2.2 * small, left = 4;
  const x = (step) => left + ((look.width - left - beside - 2.6 * text) * step) / end;
  years(pen, look, x, end, look.height - bottom + 1.5 * small, look.words.year);
  pen.line(x(0), look.height - bottom, x(end), look.height - bottom, { stroke: look.rule, width: look.hair });
  figures(pen, scene, look, look.isNarrow ? 0 : look.width - beside, look.isNarrow);
  if (!scene.column.length) {
    pen.text(x(0) + 8, 0.5 * (top + look.height - bottom), look.words[scene.step ? "alluvial_none" : "nothing_yet"], { size: text, fill: look.soft });
    return [];
  }
  scene.isRoomy = x(4) - x(0) >= 1.6 * text;
  const blocks = placed(scene, look, x, top, look.height - bottom);
  ribbons(pen, scene, look, blocks);
  const targets = blocks.map((block, i) => drawn(pen, scene, look, block, i));
  alive(pen, scene, look, blocks, top, look.height - bottom);
  return targets;
}

const letters = (look) => (look.isProjected ? look.text : 12);

// The numbers of those that stand now, beside their blocks, none over another; where there is no room for all, of the largest.
function alive(pen, scene, look, blocks, top, bottom) {
  const size = letters(look), gap = 1.4 * size, most = Math.floor((bottom - top) / gap);
  const shown = blocks.map((_, i) => i).filter((i) => scene.number[i] && scene.column[i] === scene.years.length - 1)
    .sort((a, b) => scene.members[b] - scene.members[a]).slice(0, most);
  const heights = spread(shown.map((i) => blocks[i].y + blocks[i].h / 2), gap, top + 0.7 * size, bottom - 0.7 * size);
  shown.forEach((i, k) => badge(pen, look, blocks[i].x + blocks[i].w + 0.9 * size, heights[k], String(scene.number[i]), look.community(scene.colour[i]), size));
}

// Where each block stands: stacked in its column from the bottom, with a gap.
function placed(scene, look, x, top, bottom) {
  const gap = 3, thick = Math.max(4, Math.min(14, (x(4) - x(0)) / 3));
  const counts = scene.years.map((_, k) => scene.column.reduce((n, column) => n + (column === k), 0));
  const room = bottom - top - gap * Math.max(...counts), scale = room / Math.max(1, scene.institutions);
  const roof = scene.years.map(() => bottom);
  return Array.from(scene.column, (column, i) => {
    const h = Math.max(2, scale * scene.members[i]);
    roof[column] -= h + gap;
    return { x: x(scene.years[column]) - thick, y: roof[column], w: thick, h, scale, used: 0, given: 0, comes: 0, goes: 0 };
  });
}

function fill(scene, look, i) {
  return scene.number[i] ? look.community(scene.colour[i]) : look.rule;
}

function ribbons(pen, scene, look, blocks) {
  const order = Array.from(scene.flow, (_, k) => k).sort((a, b) => blocks[scene.flow_to[b]].y - blocks[scene.flow_to[a]].y);
  for (const k of order) {
    const [from, to] = [blocks[scene.flow_from[k]], blocks[scene.flow_to[k]]], h = Math.max(0.8, from.scale * scene.flow[k]);
    from.goes += 1;
    to.comes += 1;
    const y1 = from.y + Math.max(0, from.h - from.given - h), y2 = to.y + Math.max(0, to.h - to.used - h);
    from.given += h;
    to.used += h;
    pen.path(ribbon(from.x + from.w, y1, h, to.x, y2, h), { fill: fill(scene, look, scene.flow_from[k]), opacity: scene.number[scene.flow_from[k]] ? 0.42 : 0.6 });
  }
}

// A block; its number where it is new or last seen, a cross where it ends.
function drawn(pen, scene, look, block, i) {
  const size = letters(look), isLast = scene.column[i] === scene.years.length - 1;
  const hatch = scene.number[i] ? look.hatch(scene.colour[i]) : null;
  pen.rect(block.x, block.y, block.w, block.h, { fill: fill(scene, look, i), hatch, hatchInk: look.paper, radius: 2 });
  if (scene.number[i]) {
    const before = scene.number.some((n, j) => n === scene.number[i] && scene.column[j] === scene.column[i] - 1);
    const after = scene.number.some((n, j) => n === scene.number[i] && scene.column[j] === scene.column[i] + 1);
    if (!isLast && !before && block.h >= 1.1 * size && scene.isRoomy) badge(pen, look, block.x + block.w / 2, block.y + block.h / 2, String(scene.number[i]), look.community(scene.colour[i]), size);
    if (!after && !isLast) cross(pen, block.x + block.w + 5, block.y + block.h / 2, 4, { stroke: look.ink, width: look.mark });
  }
  const name = scene.number[i] ? `${look.words.community} ${scene.number[i]}` : look.words.candidate;
  return { ...block, x: block.x - 2, w: block.w + 4, tip: [name, `${scene.members[i]} ${look.words.alluvial_members}`, `${look.words.year} ${scene.years[scene.column[i]] / 4}`] };
}

function badge(pen, look, x, y, words, fill, size) {
  const wide = pen.width(words, size, 700) + 0.6 * size;
  pen.rect(x - wide / 2, y - 0.65 * size, wide, 1.3 * size, { fill, radius: 3, stroke: look.paper, width: 1.5 });
  pen.text(x, y + 0.36 * size, words, { size, fill: inkOn(fill), weight: 700, align: "center" });
}

const named = (look) => [look.words.alluvial_z, look.words.alluvial_alive, look.words.alluvial_born];

// Beside the picture: modularity against chance, communities alive, communities ever.
function figures(pen, scene, look, left, isAbove) {
  const { small, text } = look, big = look.isProjected ? look.number : 24;
  [number(scene.z ?? NaN), String(scene.alive), String(scene.born)].forEach((value, i) => {
    const [x, y] = isAbove ? [(i * look.width) / 3, 0.9 * big] : [left, 1.1 * big + i * (big + 2.6 * small + 0.6 * text)];
    pen.text(x, y, value, { size: big, fill: look.ink, weight: 600 });
    under(pen, look, named(look)[i], x, y + 1.3 * small, isAbove ? look.width / 3 - 6 : look.width - left);
  });
}
