// The card of one failed table: words and buttons, no canvas. Each change that would have closed it stands in its own units.
import { CAUSES } from "./drawing/taxonomy.js";

export const isCard = true;

function made(kind, name, inside, words) {
  const element = document.createElement(kind);
  element.className = name;
  if (words !== undefined) element.textContent = words;
  inside.append(element);
  return element;
}

function button(inside, words, act, isMain = false) {
  const element = made("button", isMain ? "card-act is-main" : "card-act", inside, words);
  element.type = "button";
  element.addEventListener("click", act);
  return element;
}

export function write(body, scene, look, send) {
  const say = look.words, hadFocus = body.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  body.replaceChildren();
  const card = made("div", "card", body);
  if (scene.empty) {
    made("p", "card-quiet", card, scene.empty);
    return;
  }
  const top = made("div", "card-top", card);
  const badge = made("span", "card-badge", top, CAUSES[scene.cause].glyph);
  badge.style.background = CAUSES[scene.cause].fill;
  made("strong", "card-cause", top, scene.cause_name);
  const turn = made("span", "card-turn", top);
  turns(turn, scene, say, send);
  made("p", "card-who", card, scene.who);
  made("p", "card-quiet", card, scene.when);
  made("p", "card-why", card, scene.why);
  const numbers = made("dl", "card-numbers", card);
  for (const [name, value] of scene.numbers) {
    const pair = made("div", "", numbers);
    made("dd", "", pair, value);
    made("dt", "", pair, name);
  }
  ledger(card, scene.ledger, say);
  made("p", "card-closes", card, scene.closes);
  const list = made("ul", "card-moves", card);
  for (const move of scene.things) line(list, move);
  if (scene.levers.length) made("p", "card-closes", card, say.blame_levers);
  const levers = made("ul", "card-moves", card);
  for (const move of scene.levers) {
    const row = line(levers, move);
    // Where a run is only shown there is nothing to apply it to, and no word for it.
    if (say.blame_apply) button(row, say.blame_apply, () => send({ act: "apply", value: { key: move.lever, value: move.value } }), true).dataset.key = move.lever;
  }
  const foot = made("div", "card-foot", card);
  button(foot, say.blame_map, () => {
    send({ act: "region", value: scene.region });
    document.querySelector("[data-kind=tile_map]")?.scrollIntoView({ block: "center" });
  }).dataset.key = "map";
  button(foot, say.blame_moment, () => send({ act: "moment", value: scene.step })).dataset.key = "moment";
  if (hadFocus) body.querySelector(`[data-key="${hadFocus}"]`)?.focus({ preventScroll: true });
}

function ledger(card, told, say) {
  const box = made("div", "card-ledger", card), table = made("table", "", box), caption = made("caption", "", table, say.blame_ledger);
  made("span", "card-quiet", caption, say.blame_ledger_unit);
  const head = made("tr", "", made("thead", "", table)), body = made("tbody", "", table);
  for (const name of told.head) made("th", "", head, name).scope = "col";
  told.rows.forEach(([name, ...cells], i) => {
    const row = made("tr", i === told.sum ? "is-sum" : "", body);
    made("th", "", row, name).scope = "row";
    for (const cell of cells) made("td", "", row, cell);
  });
  if (told.public) made("p", "card-quiet", box, told.public);
}

function line(list, move) {
  const row = made("li", "", list);
  made("span", "card-thing", row, move.name);
  const change = made("span", "card-change", row);
  made("span", "", change, move.before);
  made("span", "card-arrow", change, "→").setAttribute("aria-hidden", "true");
  made("b", "", change, move.after);
  if (move.adds) made("span", "card-adds", row, move.adds);
  return row;
}

function turns(inside, scene, say, send) {
  button(inside, "‹", () => send({ act: "card", value: scene.at - 2 + (scene.at === 1 ? scene.all : 0) })).setAttribute("aria-label", say.blame_before);
  made("span", "", inside, `${scene.at} / ${scene.all}`);
  button(inside, "›", () => send({ act: "card", value: scene.at % scene.all })).setAttribute("aria-label", say.blame_after);
  inside.querySelectorAll("button").forEach((element, i) => (element.dataset.key = `turn${i}`));
}
