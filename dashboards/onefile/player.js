// Plays the run that this file holds: time, tabs, pictures, what happened; English and Chinese; light and dark.
import { render } from "./drawing/main.js";
import { now, scenesAt, showAll } from "./film.js";

const about = JSON.parse(document.getElementById("about").textContent);
const root = document.documentElement, asked = new URLSearchParams(location.hash.slice(1));
const state = {
  language: asked.get("language") in about.languages ? asked.get("language") : navigator.language.startsWith("zh") && about.languages.zh ? "zh" : Object.keys(about.languages)[0],
  theme: asked.get("theme") ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"),
  isProjected: asked.get("large") === "1",
  tab: Math.max(0, about.tabs.findIndex(({ name }) => name === asked.get("view"))),
  speed: 4, isPlaying: false, region: -1, table: new Set(),
};
now.step = Math.min(about.steps, Math.max(0, Math.round(Number(asked.get("step") ?? about.steps)) || 0));
let models = [], places = 0, ends = [];

const find = (id) => document.getElementById(id);
const words = () => about.words[state.language];
const filled = (text, values) => text.replace(/\{(\w+)\}/g, (hole, name) => values[name] ?? hole);
function made(kind, name, inside, text) {
  const element = document.createElement(kind);
  if (name) element.className = name;
  if (text !== undefined) element.textContent = text;
  inside?.append(element);
  return element;
}

function when(step) {
  return step ? filled(words().when, { year: Math.floor((step - 1) / 4) + 1, quarter: ((step - 1) % 4) + 1 }) : words().start;
}

// A stand-in for the widget of a live page (drawing/main.js): the same traits, its messages answered here.
function picture(kind, width, inside) {
  const el = made("div", `abm-card ${width}`, inside), place = (places += 1), heard = {};
  const traits = () => ({
    kind, stream: kind, place, title: about.views[state.language][`${kind}_title`], words: about.views[state.language],
    theme: state.theme, is_projected: state.isProjected, is_bare: kind === "verdict", selected: state.region,
    source: about.source[state.language], has_ground: about.grounded.includes(kind),
  });
  const hear = (name, ...what) => (heard[name] ?? []).forEach((act) => act(...what));
  const model = {
    get: (name) => traits()[name],
    on: (name, act) => (heard[name] ??= []).push(act),
    send({ act, value }) {
      if (act === "moment") go(value);
      else if (act === "region") choose(value === state.region ? -1 : value);
      else if (act === "card") turn(value);
      else if (act === "table") {
        const [head, rows] = scenesAt(place)[kind === "blame_card" ? now.card % scenesAt(place).length : 0]?.table ?? [[], []];
        hear("msg:custom", { head, rows }, []);
      }
    },
    changed: (name) => hear(`change:${name}`),
    place, kind,
  };
  models.push(model);
  const ended = render({ model, el });
  ends.push(() => ended.then((end) => end()));
}

function turn(card) {
  now.card = card;
  showAll();
}

function choose(region) {
  state.region = region;
  for (const model of models) {
    model.changed("selected");
    if (model.kind !== "blame_card" || region < 0) continue;
    const first = scenesAt(model.place).findIndex((scene) => scene.region === region);
    if (first >= 0) turn(first);
  }
}

function go(step) {
  now.step = Math.min(about.steps, Math.max(0, Math.round(step)));
  now.card = 0;
  if (now.step === about.steps) state.isPlaying = false;
  tell();
  return showAll();
}

// All that says the moment.
function tell() {
  find("when").textContent = find("scrub").ariaValueText = when(now.step);
  find("doing").textContent = state.isPlaying ? words().phase_playing : now.step === about.steps ? words().phase_done : words().phase_paused;
  find("scrub").value = now.step;
  find("back").disabled = now.step <= 0;
  find("on").disabled = now.step >= about.steps;
  const play = find("play"), name = state.isPlaying ? words().pause : words().play;
  play.ariaLabel = name;
  play.title = `${name} (${words().space})`;
  play.querySelector("path").setAttribute("d", state.isPlaying ? "M9 6v12M15 6v12" : "M8 5.5l11 6.5-11 6.5z");
  for (const row of find("events").children) row.hidden = Number(row.dataset.step) > now.step;
  find("no_events").hidden = [...find("events").children].some((row) => !row.hidden);
  clearTimeout(tell.later);
  tell.later = setTimeout(() => {
    const kept = new URLSearchParams({ step: now.step, view: about.tabs[state.tab].name, language: state.language, theme: state.theme });
    if (state.isProjected) kept.set("large", "1");
    try {
      history.replaceState(null, "", `#${kept}`);
    } catch { /* A file that is shown inside another page may not say where it is. */ }
  }, 300);
}

let due = 0;
async function play() {
  if (state.isPlaying) return;
  if (now.step >= about.steps) await go(0);
  state.isPlaying = true;
  tell();
  due = performance.now();
  const beat = async (time) => {
    if (!state.isPlaying) return;
    if (time >= due) {
      due = Math.max(due + 1000 / state.speed, time);
      await go(now.step + 1);
    }
    requestAnimationFrame(beat);
  };
  requestAnimationFrame(beat);
}

function pause() {
  state.isPlaying = false;
  tell();
}

// At a moment, and there.
function stand(step) {
  state.isPlaying = false;
  return go(step);
}

function build() {
  ends.forEach((end) => end());
  [models, ends] = [[], []];
  now.language = state.language;
  root.lang = state.language === "zh" ? "zh-CN" : state.language;
  root.dataset.theme = state.theme;
  root.dataset.projected = String(state.isProjected);
  document.title = `${about.title[state.language]} · ${words().brand}`;
  for (const element of document.querySelectorAll("[data-word]")) element.textContent = words()[element.dataset.word];
  for (const element of document.querySelectorAll("[data-name]")) element.title = element.ariaLabel = words()[element.dataset.name];
  find("title").textContent = about.title[state.language];
  find("source").textContent = about.source[state.language];
  find("rationale").textContent = about.rationale[state.language];
  find("made").textContent = about.made[state.language];
  const others = find("languages");
  others.replaceChildren();
  for (const [key, name] of Object.entries(about.languages)) {
    if (key === state.language) continue;
    const button = made("button", "abm-button is-quiet", others, name);
    button.lang = key === "zh" ? "zh-CN" : key;
    button.addEventListener("click", () => set({ language: key }));
  }
  find("theme").ariaPressed = String(state.theme === "dark");
  find("large").ariaPressed = String(state.isProjected);
  const tabs = find("tabs");
  tabs.replaceChildren();
  about.tabs.forEach(({ label }, i) => {
    const tab = made("button", "", tabs, words()[label]);
    tab.setAttribute("role", "tab");
    tab.ariaSelected = String(i === state.tab);
    tab.tabIndex = i === state.tab ? 0 : -1;
    tab.addEventListener("click", () => set({ tab: i }, i));
  });
  const views = find("views");
  views.replaceChildren();
  const first = find("verdict");
  first.replaceChildren();
  picture("verdict", "is-wide", first);
  for (const [kind, width] of about.tabs[state.tab].views) picture(kind, width, views);
  const list = find("events");
  list.replaceChildren();
  for (const { step, when: at, kind, text } of about.events[state.language]) {
    const row = made("li", "", list), button = made("button", "", row);
    row.dataset.step = step;
    made("span", "abm-soft abm-number", button, at);
    button.insertAdjacentHTML("beforeend", `<svg viewBox="0 0 10 10" class="${/^\w+$/.test(kind) ? kind : ""}" aria-hidden="true"><circle cx="5" cy="5" r="3.5"/></svg>`);
    made("span", "", button, text);
    button.addEventListener("click", () => go(step));
  }
  const speed = find("speed");
  speed.replaceChildren(...about.speeds.map((s) => new Option(s >= 60 ? words().fastest : filled(words().per_second, { n: s }), s)));
  speed.value = state.speed;
  tell();
}

function set(changed, tab = -1) {
  Object.assign(state, changed);
  build();
  if (tab >= 0) find("tabs").children[tab].focus();
}

find("tabs").addEventListener("keydown", (event) => {
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!by) return;
  const next = (state.tab + by + about.tabs.length) % about.tabs.length;
  set({ tab: next }, next);
  event.preventDefault();
  event.stopPropagation();
});
find("play").addEventListener("click", () => (state.isPlaying ? pause() : play()));
find("back").addEventListener("click", () => stand(now.step - 1));
find("on").addEventListener("click", () => stand(now.step + 1));
find("scrub").addEventListener("input", () => stand(Number(find("scrub").value)));
find("speed").addEventListener("change", () => (state.speed = Number(find("speed").value)));
find("theme").addEventListener("click", () => set({ theme: state.theme === "dark" ? "light" : "dark" }));
find("large").addEventListener("click", () => set({ isProjected: !state.isProjected }));
addEventListener("keydown", (event) => {
  const { target, key } = event, tag = target.tagName;
  if (event.ctrlKey || event.metaKey || event.altKey || tag === "SELECT" || event.defaultPrevented) return;
  if (key === " " && tag !== "BUTTON" && tag !== "SUMMARY") state.isPlaying ? pause() : play();
  else if (key === "ArrowRight" || key === "ArrowLeft") {
    if (tag === "INPUT") return;
    stand(now.step + (key === "ArrowRight" ? 1 : -1) * (event.shiftKey ? 4 : 1));
  } else if (key === "Home" || key === "End") stand(key === "Home" ? 0 : about.steps);
  else if (key === "p" || key === "P") set({ isProjected: !state.isProjected });
  else return;
  event.preventDefault();
});

const track = find("track"), NS = "http://www.w3.org/2000/svg";
track.setAttribute("viewBox", `0 0 ${Math.max(1, about.steps)} 20`);
function bar(x, y, width, height, name) {
  const rect = document.createElementNS(NS, "rect");
  Object.entries({ x, y, width, height, class: name }).forEach(([key, value]) => rect.setAttribute(key, value));
  track.append(rect);
}
bar(0, 8, about.steps, 4, "t-all");
for (const [from, to, stage] of about.bands) bar(from, 8, to - from, 4, `t-stage${Number(stage)}`);
for (const [at, kind] of about.ticks) bar(at - about.steps / 900, kind === "up" ? 0 : 14, about.steps / 450, 6, `t-${kind}`);
find("scrub").max = about.steps;

if (typeof DecompressionStream === "undefined") {
  find("old").hidden = false;
} else {
  build();
  find("page").hidden = false;
}
