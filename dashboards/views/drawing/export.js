// A view as a file: the same drawing by the pen that writes SVG; PNG is that picture painted at twice its size.
import { SvgPen, wrapped } from "./pen.js";

const LEAST = 760;

// letter: of the world, where two stand side by side.
export function pictured(model, drawing, scene, shown, across, letter = "") {
  const title = letter ? `${letter}  ${model.get("title")}` : model.get("title");
  const width = Math.max(LEAST, Math.round(across)), head = 2.4 * shown.head, margin = 20, { small } = shown;
  const caption = wrapped(scene.caption ?? model.get("source") ?? "", small, width), below = 2.2 * margin + 1.4 * caption.length * small;
  const height = Math.round(drawing.height(width, scene, shown));
  const pen = new SvgPen();
  drawing.draw(pen, scene, { ...shown, width, height, isNarrow: false, hovered: -1, cursor: null });
  const body = pen.parts.join("");
  pen.parts = [];
  pen.text(margin, margin + shown.head, title, { size: shown.head, fill: shown.ink, weight: 600 });
  caption.forEach((line, i) => pen.text(margin, head + height + margin + (1.6 + 1.4 * i) * small, line, { size: small, fill: shown.soft }));
  pen.parts.push(`<g transform="translate(${margin} ${head + margin / 2})">${body}</g>`);
  return { svg: pen.document(title, width + 2 * margin, head + height + below, shown.paper), width: width + 2 * margin, height: head + height + below };
}

export async function saved(model, picture, kind) {
  const text = new Blob([picture.svg], { type: "image/svg+xml" });
  kept(kind === "svg" ? text : await painted(text, picture), `${model.get("kind")}.${kind}`);
}

async function painted(text, { width, height }) {
  const address = URL.createObjectURL(text);
  const image = new Image();
  image.src = address;
  await image.decode();
  URL.revokeObjectURL(address);
  const canvas = document.createElement("canvas");
  canvas.width = 2 * width;
  canvas.height = 2 * height;
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

export function kept(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
