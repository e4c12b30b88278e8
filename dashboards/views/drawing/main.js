// A view on the page: title and buttons around a canvas that shows the newest scene it was sent.
import { CanvasPen } from "./pen.js";
import { look } from "./look.js";
import { decoded } from "./frames.js";
import { view } from "./views.js";
import { pictured, saved } from "./export.js";
import { buttons, chrome, isWhole, tabled } from "./chrome.js";
import { afterwards, ask as askFor, forget } from "./conductor.js";
import { join } from "./stream.js";

const CALM = 250; // ms between pictures where reduced motion is asked for
const NEAR = "10%"; // of the window: pictures that close to it count as seen, so that they are there when they come
const GROWN = [2.4, 2.1, 1.8, 1.5, 1.25];
const ON_PAPER = 760; // CSS pixels across a picture that is printed
const LABEL_EVERY = 1000; // ms between changes of the label that screen readers hear

function styled() {
  // A page that is all in one file has the style already.
  if (document.querySelector("style[data-views]")) return null;
  const href = new URL("view.css", import.meta.url).href;
  if (document.querySelector(`link[href="${href}"]`)) return null;
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href });
  return new Promise((done) => {
    link.onload = link.onerror = done;
    document.head.append(link);
  });
}

export async function render({ model, el }) {
  await styled();
  const drawing = await view(model.get("kind"));
  const card = chrome(el, model);
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const stop = new AbortController();
  if (drawing.isCard) card.canvas.remove();
  let ground = null, scene = null, written = null, targets = [], hovered = -1, cursor = null;
  let isNew = false, shownAt = 0, labelledAt = 0, isNear = true, isSeen = true, isGathered = false, labelling = 0;
  let across = card.body.clientWidth; // known by heart: to ask for it makes the browser lay out the page

  const ask = () => askFor(paint);

  function style() {
    const shown = look(model.get("theme"), model.get("is_projected") || isWhole(card.figure), across);
    return { ...shown, words: model.get("words"), selected: model.get("selected") };
  }

  function paint(now) {
    if (scene && isNew && calm.matches && now - shownAt < CALM) return false;
    // What is out of sight is painted once, so that the page has its heights, and then rests.
    if (!scene || (!isSeen && shownAt)) return true;
    // Scenes of a stream may come before what they stand on: drawn when it is there.
    if (!ground && model.get("has_ground")) return true;
    isNew = false;
    shownAt = now;
    const shown = style();
    if (drawing.isCard) {
      if (scene !== written) drawing.write(card.body, scene, shown, (content) => model.send(content));
      written = scene;
      return true;
    }
    const width = across;
    if (!width) return true;
    const whole = isWhole(card.figure), height = whole ? card.body.clientHeight : Math.round(drawing.height(width, scene, shown));
    fit(card.canvas, width, height);
    // What would leave most of a screen empty is drawn larger, letters and all.
    const by = whole && drawing.grows ? GROWN.find((n) => drawing.height(width / n, scene, shown) <= height / n) ?? 1 : 1;
    const pen = new CanvasPen(card.canvas, width / by, height / by, by * (devicePixelRatio || 1));
    const inside = { ...shown, width: width / by, height: height / by, hovered, cursor: cursor && cursor.map((v) => v / by) };
    targets = (drawing.draw(pen, scene, inside) ?? []).map((t) => (by === 1 ? t : { ...t, x: by * t.x, y: by * t.y, w: by * t.w, h: by * t.h }));
    if (drawing.followsCursor && cursor) card.tip(targets[hit(cursor)]);
    card.canvas.dataset.frames = String(Number(card.canvas.dataset.frames ?? 0) + 1);
    card.canvas.dataset.step = String(scene.step ?? "");
    label(now);
    return true;
  }

  // Not more often than one can listen, and the last picture's in any case.
  function label(now) {
    clearTimeout(labelling);
    const early = labelledAt ? LABEL_EVERY - (now - labelledAt) : 0;
    if (early > 0) {
      labelling = setTimeout(() => label(performance.now()), early);
      return;
    }
    labelledAt = now;
    card.canvas.setAttribute("aria-label", scene.label ?? model.get("title"));
  }

  function show(shown, isGround) {
    if (isGround) {
      // What waited for it is drawn; a scene that stood on another ground stays until the next one.
      if (scene && !ground) scene = { ...shown, ...scene };
      ground = shown;
      ask();
      return;
    }
    scene = { ...(ground ?? {}), ...shown };
    isNew = true;
    ask();
  }
  model.on("msg:custom", (message, buffers) => {
    if (message.rows) tabled(card, message);
    if (!message.meta) return;
    show(decoded(message, buffers), message.is_ground);
    if (!message.is_ground) afterwards(() => model.send({ painted: message.number }));
  });
  const stream = model.get("stream") ? join(model.get("stream"), model.get("place"), show) : null;
  for (const name of ["theme", "words", "selected", "is_projected", "title"]) {
    model.on(`change:${name}`, () => {
      card.dress();
      written = null;
      ask();
    });
  }

  let wasWhole = false;
  const resized = new ResizeObserver(() => {
    across = card.body.clientWidth;
    if (isWhole(card.figure) !== wasWhole) {
      wasWhole = !wasWhole;
      card.dress();
      written = null;
    }
    ask();
  });
  resized.observe(card.body);
  const see = () => {
    const isNow = (isNear || isGathered) && !document.hidden;
    if (isNow !== isSeen) stream ? stream.see(isNow) : model.send({ is_seen: isNow });
    isSeen = isNow;
    ask();
  };
  const watched = new IntersectionObserver((entries) => {
    isNear = entries.at(-1).isIntersecting;
    isGathered = false;
    see();
  }, { rootMargin: NEAR });
  watched.observe(card.body);

  const on = (target, kind, act) => target.addEventListener(kind, act, { signal: stop.signal });
  const at = (event) => {
    const box = card.canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const hit = ([x, y]) => targets.findIndex((t) => x >= t.x && x < t.x + t.w && y >= t.y && y < t.y + t.h);
  const choose = (i) => {
    const target = targets[i];
    if (target?.act) model.send({ act: target.act, value: target.value });
  };
  const point = (i) => {
    hovered = i;
    card.tip(targets[i]);
    card.canvas.style.cursor = targets[i]?.act ? "pointer" : "default";
    ask();
  };
  on(card.canvas, "pointermove", (event) => {
    cursor = at(event);
    const i = hit(cursor);
    if (i !== hovered) point(i);
    else if (drawing.followsCursor) ask();
  });
  on(card.canvas, "pointerleave", () => {
    cursor = null;
    point(-1);
  });
  on(card.canvas, "click", (event) => {
    cursor = at(event);
    choose(hit(cursor));
  });
  on(card.canvas, "keydown", (event) => {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (by && targets.length) point((hovered + by + targets.length) % targets.length);
    else if (event.key === "Enter" && hovered >= 0) choose(hovered);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  on(card.canvas, "blur", () => point(-1));
  on(card.figure, "keydown", (event) => {
    if (event.key.toLowerCase() !== "f" || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    enlarge();
  });
  on(document, "visibilitychange", see);
  on(document, "fullscreenchange", () => {
    card.dress();
    ask();
  });

  function enlarge() {
    if (document.fullscreenElement) document.exitFullscreen();
    else card.figure.requestFullscreen();
  }

  buttons(card, {
    table: () => model.send({ act: "table", value: 0 }),
    ...(drawing.isCard ? {} : files()),
    enlarge,
  });
  // Of two worlds side by side a picture says by its letter which one it shows (the style of the page writes it).
  const letter = () => getComputedStyle(card.figure.querySelector(".view-title"), "::before").content.match(/^"(\w)"$/)?.[1];
  function files() {
    const save = (kind) => scene && saved(model, pictured(model, drawing, scene, style(), card.body.clientWidth, letter()), kind);
    return { png: () => save("png"), svg: () => save("svg") };
  }

  // On paper stands what a file of the picture would hold, in light colours: title, picture, and below what it is of.
  const paper = document.createElement("div");
  paper.className = "view-paper";
  paper.setAttribute("aria-hidden", "true");
  on(window, "beforeprint", () => {
    if (!scene || drawing.isCard || (!ground && model.get("has_ground"))) return;
    const light = { ...look("light", false, ON_PAPER), words: model.get("words"), selected: model.get("selected") };
    paper.innerHTML = pictured(model, drawing, scene, light, ON_PAPER, letter()).svg;
    card.figure.append(paper);
  });
  on(window, "afterprint", () => paper.remove());
  // What is out of sight is asked for too, since all goes onto the paper.
  on(window, "abm-gather", () => {
    isGathered = true;
    see();
  });
  model.send({ is_ready: true });
  return () => {
    stop.abort();
    clearTimeout(labelling);
    resized.disconnect();
    watched.disconnect();
    stream?.leave();
    forget(paint);
  };
}

function fit(canvas, width, height) {
  const ratio = devicePixelRatio || 1;
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w;
    canvas.height = h;
    canvas.style.height = `${height}px`;
  }
}

export default { render };
