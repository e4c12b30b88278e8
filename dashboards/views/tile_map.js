// Regions as equal squares: fill = share of failed tables, a cross above the threshold, the number printed,
// the share of institutions in communities as a bar along the bottom.
import { filled, inkOn, mixed, percent } from "./drawing/look.js";
import { cross, legend, legendHeight } from "./drawing/marks.js";

export const grows = true;

function grid(width, scene, look) {
  const columns = Math.max(...each(scene, 0)) + 1 - Math.min(...each(scene, 0));
  const rows = Math.max(...each(scene, 1)) + 1 - Math.min(...each(scene, 1));
  const deep = look.isProjected ? 900 : 540, most = look.isProjected ? 190 : 140;
  return { columns, rows, side: Math.floor(Math.min(most, width / columns, deep / rows)) };
}

const each = (scene, axis) => Array.from(scene.tiles, (tile) => tile[axis]);

export function height(width, scene, look) {
  const { rows, side } = grid(width, scene, look);
  return rows * side + legendHeight(look, items(null, look), width) + 4;
}

export function draw(pen, scene, look) {
  const key = legendHeight(look, items(pen, look), look.width), room = look.height - key - 4;
  const { columns, rows, side: wanted } = grid(look.width, scene, { isProjected: look.isProjected || room > 620 });
  const side = Math.floor(Math.min(wanted, room / rows));
  const [first, top] = [Math.min(...each(scene, 0)), Math.min(...each(scene, 1))];
  const left = Math.max(0, (look.width - columns * side) / 2);
  const targets = scene.names.map((name, r) => {
    const x = left + (scene.tiles[r][0] - first) * side, y = (scene.tiles[r][1] - top) * side;
    tile(pen, look, scene, r, x, y, side);
    return {
      x, y, w: side, h: side, act: "region", value: r,
      tip: [name, ...[
        [look.words.tile_map_failed, percent(look, scene.failed[r])], [look.words.tile_map_inside, percent(look, scene.inside[r])],
        [look.words.stage, `${scene.stage[r] + 1} ${scene.stage_names[scene.stage[r]]}`],
      ].map(([what, value]) => filled(look.words.of, { what, value }))],
    };
  });
  const from = legendHeight(look, items(pen, look), look.width - left) > key ? 0 : left;
  legend(pen, look, items(pen, look), from, rows * side + 4, look.width - from);
  return targets;
}

// Size of the names: nearly all fit their tiles whole.
function letters(pen, scene, look, side) {
  const wanted = Math.min(look.text, side / 5), across = scene.names.map((name) => pen.width(name, wanted)).sort((a, b) => a - b);
  return Math.max(look.least, Math.min(wanted, (wanted * 0.8 * side) / across[Math.floor(0.9 * (across.length - 1))]));
}

function tile(pen, look, scene, r, x, y, side) {
  const gap = side > 60 ? 2 : 1, inner = side - 2 * gap;
  const share = scene.failed[r], isKnown = Number.isFinite(share);
  const fill = isKnown ? mixed(look.wash, look.failed, 0.06 + 0.86 * Math.min(1, share)) : look.wash;
  const ink = inkOn(fill);
  const isChosen = look.selected === r, isHovered = look.hovered === r;
  pen.rect(x + gap, y + gap, inner, inner, { fill, radius: 3 });
  const name = letters(pen, scene, look, side), isAbove = share > scene.threshold;
  const wanted = Math.min(look.number, side / 3.1), said = isKnown ? String(Math.round(100 * share)) : "–";
  const size = Math.max(look.least, Math.min(wanted, (wanted * (inner - (isAbove ? 0.38 : 0.16) * side)) / pen.width(said, wanted, 600)));
  pen.text(x + gap + 0.08 * side, y + gap + 0.08 * side + 0.8 * name, pen.cut(scene.names[r], name, inner - 0.12 * side), { size: name, fill: ink });
  pen.text(x + gap + 0.08 * side, y + 0.7 * side, said, { size, fill: ink, weight: 600 });
  if (isAbove) cross(pen, x + side - gap - 0.16 * side, y + 0.7 * side - 0.36 * wanted, 0.07 * side, { stroke: ink, width: Math.max(look.mark, side / 36) });
  const bar = Math.max(3, 0.07 * side), base = y + side - gap - bar - 0.05 * side, from = x + gap + 0.08 * side, across = inner - 0.16 * side;
  if (scene.inside[r] > 0) {
    pen.rect(from, base, across, bar, { fill: look.paper, opacity: 0.75, radius: bar / 2 });
    pen.rect(from, base, Math.max(bar, across * scene.inside[r]), bar, { fill: look.integrated, radius: bar / 2 });
  }
  if (isChosen || isHovered) pen.rect(x + gap, y + gap, inner, inner, { stroke: look.ink, width: isChosen ? 3 : 1.5, radius: 3 });
}

function items(pen, look) {
  const { small, words } = look;
  const scale = (x, y) => [0, 0.25, 0.5, 0.75, 1].forEach((share, i) => pen.rect(x + i * small, y - 0.8 * small, small, 0.9 * small, { fill: mixed(look.wash, look.failed, 0.06 + 0.86 * share) }));
  return [
    { wide: 5, words: `% ${words.tile_map_failed}`, paint: scale },
    { wide: 0.9, words: words.tile_map_above, paint: (x, y) => cross(pen, x + 0.4 * small, y - 0.35 * small, 0.32 * small, { stroke: look.ink, width: look.mark }) },
    { wide: 2, words: words.tile_map_inside, paint: (x, y) => pen.rect(x, y - 0.55 * small, 2 * small, 0.4 * small, { fill: look.integrated, radius: 2 }) },
  ];
}
