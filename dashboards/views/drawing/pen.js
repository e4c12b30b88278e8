// One way to draw for screen and file: a pen has rect, path, text, dots, strokes; units are CSS pixels.
// Styles: fill, stroke, width (of the stroke), dash, hatch, opacity. A path is [["M", x, y], ["L", ...], ["C", ...], ["Z"]].
import { FONT } from "./look.js";

const HATCH = 8;

// Strokes of the hatches in a square of 8: what tells fills apart without colour.
export const HATCHES = {
  diagonal: "M-2 2L2 -2M0 8L8 0M6 10L10 6", back: "M-2 6L2 10M0 0L8 8M6 -2L10 2", level: "M0 4H8",
  upright: "M4 0V8", cross: "M0 4H8M4 0V8", dots: "M3 4H5M4 3V5",
};

const measuring = new OffscreenCanvas(1, 1).getContext("2d");

function font(size, weight) {
  return `${weight} ${size}px ${FONT}`;
}

export function widthOf(words, size, weight = 400) {
  measuring.font = font(size, weight);
  return measuring.measureText(words).width;
}

// Words in lines that fit; Chinese breaks anywhere but after an opening and before a closing sign, Latin at spaces but the
// one before a per cent sign.
export function wrapped(words, size, most, weight = 400) {
  const pieces = words.match(/[（《“「]*(?:[\u3000-\u9fff\uff00-\uffef]|[^\s\u3000-\u9fff\uff00-\uffef]+(?:[ \u00a0]%)?)[，。；：、！？）》”」]*\s*|\s+/g) ?? [];
  const lines = [];
  let line = "";
  for (const piece of pieces) {
    if (line && widthOf((line + piece).trimEnd(), size, weight) > most) {
      lines.push(line.trimEnd());
      line = "";
    }
    line += piece;
  }
  return line ? [...lines, line.trimEnd()] : lines;
}

class Pen {
  width(words, size, weight = 400) {
    return widthOf(words, size, weight);
  }

  wrapped(words, size, most, weight = 400) {
    return wrapped(words, size, most, weight);
  }

  // Words cut to a width, with an ellipsis.
  cut(words, size, most, weight = 400) {
    if (this.width(words, size, weight) <= most) return words;
    let n = words.length - 1;
    while (n > 1 && this.width(words.slice(0, n) + "…", size, weight) > most) n -= 1;
    return words.slice(0, n).trimEnd() + "…";
  }

  line(x1, y1, x2, y2, style) {
    this.path([["M", x1, y1], ["L", x2, y2]], style);
  }

  circle(x, y, r, style) {
    const k = 0.5523 * r;
    this.path([
      ["M", x + r, y], ["C", x + r, y + k, x + k, y + r, x, y + r], ["C", x - k, y + r, x - r, y + k, x - r, y],
      ["C", x - r, y - k, x - k, y - r, x, y - r], ["C", x + k, y - r, x + r, y - k, x + r, y], ["Z"],
    ], style);
  }
}

// Layers of each canvas: pictures that stay while others change below or above them.
const layers = new WeakMap();

const parts = (colour) => [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16));

export class CanvasPen extends Pen {
  constructor(canvas, width, height, ratio) {
    super();
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    this.ratio = ratio;
    this.hatches = new Map();
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.context.clearRect(0, 0, width, height);
  }

  pattern(name, ink) {
    const key = name + ink;
    if (!this.hatches.has(key)) {
      const side = Math.round(HATCH * this.ratio);
      const tile = new OffscreenCanvas(side, side);
      const context = tile.getContext("2d");
      context.scale(side / HATCH, side / HATCH);
      context.strokeStyle = ink;
      context.lineWidth = 1.3;
      context.stroke(new Path2D(HATCHES[name]));
      const made = this.context.createPattern(tile, "repeat");
      made.setTransform(new DOMMatrix().scale(HATCH / side));
      this.hatches.set(key, made);
    }
    return this.hatches.get(key);
  }

  paint(shape, style) {
    const c = this.context;
    c.globalAlpha = style.opacity ?? 1;
    if (style.fill) {
      c.fillStyle = style.fill;
      c.fill(shape);
    }
    if (style.hatch) {
      c.fillStyle = this.pattern(style.hatch, style.hatchInk ?? "#ffffff");
      c.fill(shape);
    }
    if (style.stroke) {
      c.strokeStyle = style.stroke;
      c.lineWidth = style.width ?? 1;
      c.lineJoin = c.lineCap = "round";
      c.setLineDash(style.dash ?? []);
      c.stroke(shape);
      c.setLineDash([]);
    }
    c.globalAlpha = 1;
  }

  rect(x, y, w, h, style) {
    const shape = new Path2D();
    if (style.radius) shape.roundRect(x, y, Math.max(0, w), Math.max(0, h), Math.min(style.radius, w / 2, h / 2));
    else shape.rect(x, y, w, h);
    this.paint(shape, style);
  }

  path(steps, style) {
    const shape = new Path2D();
    for (const [kind, ...at] of steps) {
      if (kind === "M") shape.moveTo(...at);
      else if (kind === "L") shape.lineTo(...at);
      else if (kind === "C") shape.bezierCurveTo(...at);
      else shape.closePath();
    }
    this.paint(shape, style);
  }

  // Squares of a side around many points, in one fill. xs, ys: arrays.
  dots(xs, ys, side, style) {
    const c = this.context;
    c.globalAlpha = style.opacity ?? 1;
    c.beginPath();
    for (let i = 0; i < xs.length; i += 1) c.rect(xs[i] - side / 2, ys[i] - side / 2, side, side);
    if (style.fill) {
      c.fillStyle = style.fill;
      c.fill();
    }
    if (style.stroke) {
      c.strokeStyle = style.stroke;
      c.lineWidth = style.width ?? 1;
      c.stroke();
    }
    c.globalAlpha = 1;
  }

  // Many straight strokes at once: ends is [x1, y1, x2, y2, ...].
  strokes(ends, style) {
    const c = this.context;
    // What is wider than a pixel is filled as a polygon: one with many parts takes far longer than many with one.
    const isWide = (style.width ?? 1) * this.ratio > 1;
    c.globalAlpha = style.opacity ?? 1;
    c.strokeStyle = style.stroke;
    c.lineWidth = style.width ?? 1;
    c.lineCap = style.cap ?? "butt";
    c.beginPath();
    for (let i = 0; i < ends.length; i += 4) {
      c.moveTo(ends[i], ends[i + 1]);
      c.lineTo(ends[i + 2], ends[i + 3]);
      if (isWide) {
        c.stroke();
        c.beginPath();
      }
    }
    c.stroke();
    c.globalAlpha = 1;
  }

  // Thousands of small squares on a ground, set as pixels. bins: [xs, ys, fill] each, the last on top; x, y, w, h: the ground.
  specks(x, y, w, h, ground, bins, side) {
    const at = (v) => Math.round(v * this.ratio), [left, top] = [at(x), at(y)];
    const [wide, high, n] = [Math.max(1, at(w)), Math.max(1, at(h)), Math.max(1, at(side))];
    const image = this.context.createImageData(wide, high), pixels = new Uint32Array(image.data.buffer);
    const value = (colour) => {
      const [r, g, b] = parts(colour);
      return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
    };
    pixels.fill(value(ground));
    for (const [xs, ys, fill] of bins) {
      const paint = value(fill);
      for (let i = 0; i < xs.length; i += 1) {
        const a = Math.max(0, Math.min(wide - n, Math.round((xs[i] - side / 2) * this.ratio) - left));
        const b = Math.max(0, Math.min(high - n, Math.round((ys[i] - side / 2) * this.ratio) - top));
        for (let row = b * wide + a, end = row + n * wide; row < end; row += wide) pixels.fill(paint, row, row + n);
      }
    }
    this.context.putImageData(image, left, top);
  }

  // What paint(pen) paints, as one see-through sheet: where its parts overlap it is no darker. Edges are half as sharp.
  veil(opacity, paint) {
    const { width, height } = this.canvas, ratio = this.ratio / 2;
    const sheet = new OffscreenCanvas(Math.max(1, Math.round(width / 2)), Math.max(1, Math.round(height / 2)));
    paint(new CanvasPen(sheet, width / this.ratio, height / this.ratio, ratio));
    this.context.globalAlpha = opacity;
    this.context.drawImage(sheet, 0, 0, width / this.ratio, height / this.ratio);
    this.context.globalAlpha = 1;
  }

  // What paint(pen) paints, kept as a picture until the key changes. name: of the layer, one of its kind a canvas.
  layer(name, key, width, height, paint) {
    if (!layers.has(this.canvas)) layers.set(this.canvas, new Map());
    const kept = layers.get(this.canvas), whole = `${key} ${width} ${height} ${this.ratio}`;
    if (kept.get(name)?.whole !== whole) {
      const picture = new OffscreenCanvas(Math.max(1, Math.round(width * this.ratio)), Math.max(1, Math.round(height * this.ratio)));
      paint(new CanvasPen(picture, width, height, this.ratio));
      kept.set(name, { whole, picture });
    }
    const { picture } = kept.get(name);
    this.context.drawImage(picture, 0, 0, picture.width / this.ratio, picture.height / this.ratio);
  }

  text(x, y, words, { size, fill, weight = 400, align = "left", halo = null, turn = 0 }) {
    const c = this.context;
    c.save();
    c.translate(x, y);
    if (turn) c.rotate(turn);
    c.font = font(size, weight);
    c.textAlign = align;
    if (halo) {
      c.strokeStyle = halo;
      c.lineWidth = Math.max(3, size / 4);
      c.lineJoin = "round";
      c.strokeText(words, 0, 0);
    }
    c.fillStyle = fill;
    c.fillText(words, 0, 0);
    c.restore();
  }
}

const round = (value) => Math.round(100 * value) / 100;
const escaped = (words) => words.replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);

export class SvgPen extends Pen {
  constructor() {
    super();
    this.parts = [];
    this.patterns = new Map();
  }

  style(style) {
    const found = [`fill="${style.fill ?? "none"}"`];
    if (style.stroke) {
      found.push(`stroke="${style.stroke}" stroke-width="${style.width ?? 1}" stroke-linejoin="round" stroke-linecap="round"`);
      if (style.dash) found.push(`stroke-dasharray="${style.dash.join(" ")}"`);
    }
    if (style.opacity !== undefined) found.push(`opacity="${round(style.opacity)}"`);
    return found.join(" ");
  }

  shape(d, style) {
    this.parts.push(`<path d="${d}" ${this.style(style)}/>`);
    if (style.hatch) {
      const ink = style.hatchInk ?? "#ffffff";
      const id = `${style.hatch}${ink.slice(1)}`;
      this.patterns.set(id, `<pattern id="${id}" width="${HATCH}" height="${HATCH}" patternUnits="userSpaceOnUse">`
        + `<path d="${HATCHES[style.hatch]}" stroke="${ink}" stroke-width="1.3"/></pattern>`);
      this.parts.push(`<path d="${d}" fill="url(#${id})" opacity="${style.opacity ?? 1}"/>`);
    }
  }

  rect(x, y, w, h, style) {
    const corner = style.radius ? ` rx="${round(Math.min(style.radius, w / 2, h / 2))}"` : "";
    if (style.hatch) this.shape(`M${round(x)} ${round(y)}h${round(w)}v${round(h)}h${round(-w)}Z`, style);
    else this.parts.push(`<rect x="${round(x)}" y="${round(y)}" width="${round(Math.max(0, w))}" height="${round(Math.max(0, h))}"${corner} ${this.style(style)}/>`);
  }

  path(steps, style) {
    this.shape(steps.map(([kind, ...at]) => kind + at.map(round).join(" ")).join(""), style);
  }

  dots(xs, ys, side, style) {
    let d = "";
    for (let i = 0; i < xs.length; i += 1) d += `M${round(xs[i] - side / 2)} ${round(ys[i] - side / 2)}h${round(side)}v${round(side)}h${round(-side)}Z`;
    this.shape(d, style);
  }

  strokes(ends, style) {
    let d = "";
    for (let i = 0; i < ends.length; i += 4) d += `M${round(ends[i])} ${round(ends[i + 1])}L${round(ends[i + 2])} ${round(ends[i + 3])}`;
    this.shape(d, style);
  }

  specks(x, y, w, h, ground, bins, side) {
    this.rect(x, y, w, h, { fill: ground });
    for (const [xs, ys, fill] of bins) this.dots(xs, ys, side, { fill });
  }

  veil(opacity, paint) {
    this.parts.push(`<g opacity="${round(opacity)}">`);
    paint(this);
    this.parts.push("</g>");
  }

  layer(_name, _key, _width, _height, paint) {
    paint(this);
  }

  text(x, y, words, { size, fill, weight = 400, align = "left", halo = null, turn = 0 }) {
    const anchor = { left: "start", center: "middle", right: "end" }[align];
    const turned = turn ? ` transform="rotate(${round((turn * 180) / Math.PI)} ${round(x)} ${round(y)})"` : "";
    const rim = halo ? ` stroke="${halo}" stroke-width="${Math.max(3, size / 4)}" paint-order="stroke" stroke-linejoin="round"` : "";
    this.parts.push(`<text x="${round(x)}" y="${round(y)}" font-size="${size}" font-weight="${weight}" text-anchor="${anchor}" fill="${fill}"${rim}${turned}>${escaped(words)}</text>`);
  }

  document(title, width, height, paper) {
    return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" font-family='${FONT}'>`
      + `<title>${escaped(title)}</title><defs>${[...this.patterns.values()].join("")}</defs>`
      + `<rect width="${width}" height="${height}" fill="${paper}"/>${this.parts.join("")}</svg>`;
  }
}
