// What stands around a drawing: title, buttons, tooltip, and the table of its numbers on request.
import { look } from "./look.js";
import { kept } from "./export.js";

const ICONS = {
  table: "M2 3.5h12v9H2zM2 6.5h12M6 6.5v6",
  png: "M8 2v7M5 6.5L8 9.5 11 6.5M3 12.5h10",
  svg: "M3 12.5C5 4 11 12 13 3.5M2 12.5h2M12 3.5h2",
  enlarge: "M2.5 6v-3.500h3.500M10 2.500h3.500v3.500M13.500 10v3.500h-3.500M6 13.500H2.500V10",
};

function made(kind, name, inside, words) {
  const element = document.createElement(kind);
  element.className = name;
  if (words) element.textContent = words;
  inside?.append(element);
  return element;
}

// Whether a view has the screen to itself: by its own button, or as the picture of a presentation (controls/present.vue).
export const isWhole = (figure) => document.fullscreenElement === figure || (Boolean(figure.closest("[data-presented]")) && !figure.closest(".abm-column"));

export function chrome(el, model) {
  el.replaceChildren();
  const figure = made("figure", "view", el);
  figure.dataset.kind = model.get("kind");
  const head = made("figcaption", "view-head", figure);
  const title = made("h3", "view-title", head);
  const tools = made("div", "view-tools", head);
  const body = made("div", "view-body", figure);
  const canvas = made("canvas", "view-canvas", body);
  canvas.setAttribute("role", "img");
  canvas.tabIndex = 0;
  const bubble = made("div", "view-tip", body);
  bubble.hidden = true;
  const table = made("div", "view-table", figure);
  table.hidden = true;

  function dress() {
    const isProjected = model.get("is_projected") || isWhole(figure);
    const shown = look(model.get("theme"), isProjected, body.clientWidth);
    for (const name of ["paper", "ink", "soft", "rule", "wash", "integrated", "failed"]) figure.style.setProperty(`--view-${name}`, shown[name]);
    figure.style.setProperty("--view-button", "#0072B2");
    figure.style.setProperty("--view-text", `${shown.text}px`);
    figure.style.setProperty("--view-head", `${isProjected ? shown.head : 15}px`);
    figure.classList.toggle("is-bare", Boolean(model.get("is_bare")));
    title.textContent = model.get("title");
    canvas.setAttribute("aria-label", canvas.getAttribute("aria-label") ?? model.get("title"));
  }

  function tip(target) {
    bubble.hidden = !target?.tip;
    if (!target?.tip) return;
    bubble.replaceChildren(...target.tip.map((line, i) => made(i ? "span" : "b", "", null, line)));
    const x = Math.min(Math.max(4, (target.tipAt ?? target.x + target.w / 2) - bubble.offsetWidth / 2), body.clientWidth - bubble.offsetWidth - 4);
    const above = target.y - bubble.offsetHeight - 6;
    bubble.style.transform = `translate(${x}px, ${above > -30 ? above : target.y + target.h + 6}px)`;
  }

  dress();
  return { figure, tools, body, canvas, table, words: () => model.get("words"), dress, tip };
}

// One stop of the Tab key for all buttons of a view: arrows go from one to the next.
export function buttons(card, acts) {
  card.tools.setAttribute("role", "toolbar");
  for (const [name, act] of Object.entries(acts)) {
    const button = made("button", "view-button", card.tools);
    button.type = "button";
    button.title = card.words()[name] ?? name;
    button.setAttribute("aria-label", button.title);
    button.dataset.act = name;
    button.tabIndex = card.tools.childElementCount > 1 ? -1 : 0;
    button.innerHTML = `<svg viewBox="0 0 16 16" aria-hidden="true"><path d="${ICONS[name]}"/></svg>`;
    button.addEventListener("click", () => {
      if (name === "table" && !card.table.hidden) card.table.hidden = true;
      else act();
      if (name === "table") button.setAttribute("aria-pressed", String(card.table.hidden));
    });
  }
  card.tools.addEventListener("keydown", (event) => {
    // A key that is held acts once: browsers drop files beyond ten a second, without a word.
    if (event.repeat && event.key === "Enter") event.preventDefault();
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key], all = [...card.tools.children];
    if (!by) return;
    const next = all[(all.indexOf(document.activeElement) + by + all.length) % all.length];
    for (const button of all) button.tabIndex = button === next ? 0 : -1;
    next.focus();
    event.preventDefault();
    event.stopPropagation();
  });
}

// Rows as a spreadsheet reads them: with the mark by which Excel knows UTF-8, and no text that it would carry out.
function sheet(rows) {
  const cell = (value) => {
    const text = String(value ?? ""), isFormula = /^[=+\-@\t\r]/.test(text) && !Number.isFinite(Number(text));
    const safe = isFormula ? `'${text}` : text;
    return /[",\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return new Blob(["\ufeff", rows.map((cells) => cells.map(cell).join(",")).join("\n"), "\n"], { type: "text/csv" });
}

export function tabled(card, { head, rows }) {
  const table = document.createElement("table");
  const line = (cells, kind) => {
    const row = document.createElement("tr");
    cells.forEach((cell) => made(kind, "", row, String(cell)));
    return row;
  };
  const top = document.createElement("thead");
  top.append(line(head, "th"));
  const rest = document.createElement("tbody");
  rest.append(...rows.map((cells) => line(cells, "td")));
  table.append(top, rest);
  const save = made("button", "card-act", null, card.words().csv);
  save.type = "button";
  save.addEventListener("click", () => kept(sheet([head, ...rows]), `${card.figure.dataset.kind}.csv`));
  card.table.replaceChildren(save, table);
  card.table.hidden = false;
  card.table.tabIndex = 0;
}
