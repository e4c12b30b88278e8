// The banner: a sentence, two gauges with their thresholds, and how far the regions have come.
import { percent } from "./drawing/look.js";
import { cross } from "./drawing/marks.js";
import { widthOf, wrapped } from "./drawing/pen.js";

export const grows = true;
const GAP = 40;

function parts(width, scene, look) {
  const isWide = width >= 52 * look.text, isSplit = width >= 34 * look.text;
  const left = isWide ? 0.5 * width : width;
  const right = isWide ? width - left - GAP : width;
  const gauge = isSplit ? (right - GAP) * 0.56 : right;
  return { isWide, isSplit, left, right, gauge, steps: isSplit ? right - gauge - GAP : right };
}

const sentence = (look) => (look.isProjected ? 1.1 * look.text : 15);
const head = (look, left, words) => {
  const wanted = look.isProjected ? look.number : 28;
  return Math.min(wanted, (wanted * left) / (widthOf(words, wanted, 650) + 1.05 * wanted));
};

// Heights of the words on the left: headline, then wrapped sentences.
function lines(scene, look, left) {
  return [scene.why, scene.communities].flatMap((words) => wrapped(words, sentence(look), left - 4));
}

export function height(width, scene, look) {
  const { isWide, isSplit, left, steps } = parts(width, scene, look);
  const words = 1.35 * head(look, left, scene.headline) + 1.45 * sentence(look) * Math.max(2, lines(scene, look, left).length) + 4;
  const gauges = 2 * gaugeHeight(look), ladder = ladderHeight(scene, look, steps);
  if (isWide) return Math.max(words, gauges, ladder) + 4;
  return words + 0.6 * look.text + (isSplit ? Math.max(gauges, ladder) : gauges + ladder + look.text);
}

const gaugeHeight = (look) => (look.isProjected ? 104 : 56);
const ladderHeight = (scene, look, width) => rise(look) + 1.7 * look.text + 1.35 * look.small * Math.max(1, counted(scene, look, width).length);
const rise = (look) => (look.isProjected ? 112 : 60);
const counted = (scene, look, width) => wrapped(scene.stage_count, look.small, width);

export function draw(pen, scene, look) {
  const { isWide, isSplit, left, gauge, steps } = parts(look.width, scene, look);
  const big = head(look, left, scene.headline), size = sentence(look);
  const radius = 0.3 * big;
  mark(pen, scene.mood, radius, 0.62 * big, radius, look);
  pen.text(2.7 * radius + 6, 0.98 * big, scene.headline, { size: big, fill: look.ink, weight: 650 });
  let y = 1.35 * big + size;
  for (const line of lines(scene, look, left)) {
    pen.text(0, y, line, { size, fill: look.ink });
    y += 1.45 * size;
  }
  const x = isWide ? left + GAP : 0;
  const top = isWide ? 0 : y - size + 0.6 * look.text;
  meter(pen, look, x, top, gauge, look.words.verdict_gauge_failed, scene.failed, look.failed, [scene.holding, scene.failing]);
  meter(pen, look, x, top + gaugeHeight(look), gauge, look.words.verdict_gauge_community, scene.inside, look.integrated, []);
  const beside = isSplit ? x + gauge + GAP : x;
  ladder(pen, look, scene, beside, isSplit ? top : top + 2 * gaugeHeight(look) + look.text, steps);
  return [];
}

// Cross for failing, ring half full for mixed, disc for holding, empty ring for silence.
function mark(pen, mood, x, y, r, look) {
  const width = Math.max(2.5, r / 3);
  if (mood === "fails") return cross(pen, x, y, 0.8 * r, { stroke: look.failed, width: 1.5 * width });
  if (mood === "holds") return pen.circle(x, y, r, { fill: look.integrated });
  pen.circle(x, y, r - width / 2, { stroke: look.shade, width });
  if (mood === "mixed") pen.path([["M", x, y - r], ["L", x, y + r], ["C", x - 1.33 * r, y + r, x - 1.33 * r, y - r, x, y - r], ["Z"]], { fill: look.shade });
}

// A bar from 0 to 1 with its number; thresholds are notches below it.
function meter(pen, look, x, y, width, name, value, fill, notches) {
  const number = look.isProjected ? look.number : 24;
  const bar = look.isProjected ? 16 : 8, base = y + 1.02 * number;
  const said = percent(look, value ?? NaN), room = width - pen.width(said, number, 600) - 0.5 * look.text;
  if (pen.width(name, look.text) <= room) pen.text(x, base, name, { size: look.text, fill: look.soft });
  else pen.wrapped(name, look.small, room).reverse().forEach((line, i) => pen.text(x, base - 1.15 * i * look.small, line, { size: look.small, fill: look.soft }));
  pen.text(x + width, base, said, { size: number, fill: look.ink, weight: 600, align: "right" });
  const top = base + 0.34 * look.text;
  pen.rect(x, top, width, bar, { fill: look.wash, radius: bar / 2 });
  if (value) pen.rect(x, top, Math.max(bar, width * Math.min(1, value)), bar, { fill, radius: bar / 2 });
  for (const notch of notches) pen.line(x + width * notch, top - 2, x + width * notch, top + bar + 4, { stroke: look.soft, width: look.mark });
}

// Four steps, each with the number of regions that stand on it; the fullest is named.
function ladder(pen, look, scene, x, y, width) {
  const high = rise(look), step = width / 4, most = Math.max(...scene.stages);
  scene.stages.forEach((count, i) => {
    const tall = high * (0.34 + 0.22 * i), isFullest = count && count === most && scene.stage.startsWith(String(i + 1));
    const left = x + i * step, top = y + high - tall;
    pen.rect(left, top, step - 3, tall, { fill: isFullest ? (i === 3 ? look.integrated : look.ink) : look.wash, radius: 2 });
    if (count) {
      const fill = isFullest ? (i === 3 ? "#ffffff" : look.paper) : look.ink;
      pen.text(left + (step - 3) / 2, top + 1.15 * look.text, String(count), { size: look.text, fill, weight: 600, align: "center" });
    }
  });
  const size = Math.max(look.least, Math.min(look.text, (look.text * width) / Math.max(1, pen.width(scene.stage, look.text, 600))));
  pen.text(x, y + high + 1.35 * look.text, pen.cut(scene.stage, size, width + 8, 600), { size, fill: look.ink, weight: 600 });
  counted(scene, look, width).forEach((line, i) => {
    pen.text(x, y + high + 1.35 * look.text + 1.35 * look.small * (i + 1), line, { size: look.small, fill: look.soft });
  });
}
