"use strict";
// What all three pages share: words, the connection, drawing.
var store = {
  get: function (k) { try { return localStorage.getItem("abm-play-" + k); } catch (e) { return null; } },
  set: function (k, v) { try { if (v === null) localStorage.removeItem("abm-play-" + k); else localStorage.setItem("abm-play-" + k, v); } catch (e) { /* private mode: the address has it */ } }
};
var lang = store.get("lang") || (/^zh/i.test(navigator.language || "") ? "zh" : "en");
// Where the game is: at the root, or below a dashboard.
var BASE = location.pathname.replace(/(host|wall)\/?$/, "").replace(/\/?$/, "/");
function t(key, values) {
  var text = WORDS[lang][key];
  if (text === undefined) return key;
  return values ? text.replace(/\{(\w+)\}/g, function (whole, name) { return name in values ? values[name] : whole; }) : text;
}
function pc(share) { return t("percent", { n: Math.round(100 * share) }); }
function say(both) { return both ? (both[lang] || both.en) : ""; }
function esc(text) {
  return String(text).replace(/[&<>"']/g, function (c) { return { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" }[c]; });
}
function contract(o) { return t("level", { n: o.level, name: WORDS[lang].levels[o.level] }) + (lang === "zh" ? "，" : ", ") + t("pays", { n: pc(o.tenths / 10) }); }
function called(s) { return say(s.name) + (s.role > 1 ? " · " + WORDS[lang].parties[s.role] : ""); }
function colon() { return lang === "zh" ? "：" : ": "; }
function minus(n) { return String(n).replace("-", "−"); }
function signed(n) { return (n > 0 ? "+" : n < 0 ? "−" : "±") + Math.abs(n); }
var ROLES = ["enterprise", "college", "government", "students"];
var ICONS = [
  "<path d='M3 21h18M4 21V11l5 3v-3l5 3v-3l6 3.5V21M8 17h1M13 17h1M17.5 17h.5M6 8l.6-5h2l.6 6'/>",
  "<path d='M2 9l10-5 10 5-10 5zM6 11.5V17c3.5 2.6 8.5 2.6 12 0v-5.5M22 9v6'/>",
  "<path d='M3 21h18M4 18h16M12 3l8 5H4zM6.5 18v-8M10.2 18v-8M13.8 18v-8M17.5 18v-8'/>",
  "<path d='M9 11a3.5 3.5 0 100-7 3.5 3.5 0 000 7zM2.5 20c0-4 3-6 6.5-6s6.5 2 6.5 6M16 4.5a3.5 3.5 0 010 6.2M18 14.5c2.2.7 3.5 2.600 3.5 5.5'/>"
];
function icon(role, small) { return "<span class='role r" + role + (small ? " sm" : "") + "' role='img' aria-label='" + esc(WORDS[lang].parties[role]) + "'><svg viewBox='0 0 24 24'>" + ICONS[role] + "</svg></span>"; }

function outcome(x) { return "<span class='small " + (x.state === "signed" ? "good" : x.state === "failed" ? "bad" : "soft") + "'>" + (x.state === "signed" ? "✓ " + x.signed.level + " · " + pc(x.signed.tenths / 10) : x.state === "failed" ? "✗ " + t("failed") : t("open")) + "</span>"; }
function inForce() { return S.common.cards.length ? "<p class='soft'>" + t("in_force") + colon() + S.common.cards.map(function (c) { return esc(WORDS[lang].cards[c]); }).join(lang === "zh" ? "、" : ", ") + "</p>" : ""; }

// Drawing: HTML text is laid over what is there; elements that stay keep their focus, scroll and finger.
function morph(from, to) {
  var a = from.firstChild, b = to.firstChild, nextB;
  while (b) {
    nextB = b.nextSibling;
    if (!a) { from.appendChild(b); }
    else if (a.nodeType !== b.nodeType || a.nodeName !== b.nodeName || (a.id || "") !== (b.id || "")) {
      var old = a; a = a.nextSibling; from.replaceChild(b, old);
    } else {
      if (a.nodeType === 3) { if (a.data !== b.data) a.data = b.data; }
      else if (a.nodeType === 1) {
        var i, n;
        for (i = a.attributes.length - 1; i >= 0; i--) { n = a.attributes[i].name; if (!b.hasAttribute(n) && !(n === "open" && a.nodeName === "DETAILS")) a.removeAttribute(n); }
        for (i = 0; i < b.attributes.length; i++) { n = b.attributes[i]; if (a.getAttribute(n.name) !== n.value) a.setAttribute(n.name, n.value); }
        if (a.nodeName === "INPUT") { if (document.activeElement !== a || a.type === "range") { if (a.value !== b.value) a.value = b.value; } }
        else morph(a, b);
      }
      a = a.nextSibling;
    }
    b = nextB;
  }
  while (a) { var rest = a.nextSibling; from.removeChild(a); a = rest; }
}
var app = document.getElementById("app"), drawing = false;
function draw() {
  if (drawing) return;
  drawing = true;
  var later = function () {
    drawing = false;
    document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
    document.title = t("title");
    var box = document.createElement("div");
    box.innerHTML = view();
    morph(app, box);
  };
  // Hidden pages get no animation frames.
  if (document.hidden || !window.requestAnimationFrame) setTimeout(later, 30); else requestAnimationFrame(later);
}
var sayTimer = 0;
function tell(text) {
  var box = document.getElementById("say");
  box.textContent = text; box.className = "up";
  clearTimeout(sayTimer);
  sayTimer = setTimeout(function () { box.className = ""; }, 4200);
}
function told(error) { return t("err_" + error.error, error.values); }

// The connection. It never gives up; after any break the server tells the present state, and moves that were not
// answered are sent again under the same ids, so that each counts once.
var S = {}, gotAt = 0, line = null, heardAt = 0, wait = 300, lostAt = 0, openMoves = [], isKnown = false, deadline = null, retry = 0, count = 0;
var clock = function () { return window.performance ? performance.now() : Date.now(); };
function connect() {
  clearTimeout(retry);
  if (line) { line.onclose = line.onmessage = line.onopen = line.onerror = null; try { line.close(); } catch (e) { /* it is gone */ } }
  var socket = line = new WebSocket((location.protocol === "https:" ? "wss://" : "ws://") + location.host + BASE + "talk");
  heardAt = clock();
  socket.onopen = function () { heardAt = clock(); isKnown = false; greet(); };
  socket.onmessage = function (event) { heardAt = clock(); lostAt = 0; wait = 300; hear(JSON.parse(event.data)); banner(); };
  socket.onclose = socket.onerror = function () { if (line === socket) again(); };
}
function again() {
  if (!lostAt) lostAt = clock();
  line = null; isKnown = false;
  banner();
  clearTimeout(retry);
  retry = setTimeout(connect, wait + Math.random() * 300);
  wait = Math.min(4000, wait * 1.6);
}
function send(message) { if (line && line.readyState === 1) { line.send(JSON.stringify(message)); return true; } return false; }
function banner() {
  var box = document.getElementById("banner"), isLost = lostAt && clock() - lostAt > 800;
  box.hidden = !isLost;
  if (isLost) box.textContent = t("lost");
}
function alive() {
  // A phone that slept may hold a socket that is dead and does not know it.
  if (!line) { wait = 300; connect(); return; }
  if (line.readyState === 1) {
    var asked = clock();
    send({ t: "ping" });
    setTimeout(function () { if (line && heardAt < asked) { again(); connect(); } }, 2500);
  }
}
setInterval(function () {
  banner();
  if (!line) return;
  var quiet = clock() - heardAt;
  if (quiet > 9000) { again(); connect(); } else if (quiet > 3500) send({ t: "ping" });
}, 1000);
document.addEventListener("visibilitychange", function () { if (!document.hidden) alive(); });
window.addEventListener("pageshow", alive);
window.addEventListener("online", alive);
window.addEventListener("focus", alive);
function hear(message) {
  if (message.t === "state") {
    for (var part in message.p) S[part] = message.p[part];
    if (message.p.common) { gotAt = clock(); deadline = S.common.left === null ? null : gotAt + 1000 * S.common.left; }
    if (!isKnown) { isKnown = true; openMoves.forEach(function (m) { send(m); }); }
    if (window.onState) window.onState(message.p);
    draw();
  } else if (message.t === "ack") { answered(message.id); if (window.onAck) window.onAck(message.id); }
  else if (message.t === "error") { if (message.id) answered(message.id); if (!(window.onError && window.onError(message))) tell(told(message)); draw(); }
  else if (message.t === "seat" && window.onSeat) window.onSeat(message);
}
function answered(id) { openMoves = openMoves.filter(function (m) { return m.id !== id; }); draw(); }
function move(does) {
  count += 1;
  var message = { t: "move", id: tab + "-" + count };
  for (var key in does) message[key] = does[key];
  openMoves.push(message);
  if (isKnown) send(message);
  draw();
}
function isOpen(test) { return openMoves.some(test); }
var tab = Math.random().toString(36).slice(2, 10);
function secondsLeft() { return deadline === null ? null : S.common.paused ? S.common.left : Math.max(0, (deadline - clock()) / 1000); }
function time() {
  var left = secondsLeft();
  if (left === null) return "";
  var s = Math.ceil(left);
  return Math.floor(s / 60) + ":" + ("0" + (s % 60)).slice(-2);
}
setInterval(function () {
  var all = document.querySelectorAll("[data-clock]"), left = secondsLeft();
  for (var i = 0; i < all.length; i++) { var text = time(); if (all[i].textContent !== text) all[i].textContent = text; all[i].classList.toggle("soon", left !== null && left < 11); }
  var bars = document.querySelectorAll("[data-left]");
  for (i = 0; i < bars.length; i++) bars[i].style.width = (left === null || !S.common.limit ? 0 : Math.min(100, 100 * left / S.common.limit)) + "%";
}, 250);
function setLanguage() { lang = lang === "zh" ? "en" : "zh"; store.set("lang", lang); draw(); }
document.addEventListener("click", function (event) {
  var el = event.target;
  while (el && el !== document && !(el.getAttribute && el.getAttribute("data-do"))) el = el.parentNode;
  if (!el || el === document || el.disabled) return;
  var does = el.getAttribute("data-do"), arg = el.getAttribute("data-arg");
  if (does === "language") setLanguage(); else if (acts[does]) acts[does](arg === null ? null : JSON.parse(arg), el);
});
function b(does, arg, label, kind, more) {
  return "<button type='button' class='b " + (kind || "") + "' data-do='" + does + "'" + (arg === undefined || arg === null ? "" : " data-arg='" + esc(JSON.stringify(arg)) + "'") + (more || "") + ">" + label + "</button>";
}
// Twice within seconds, where once would be a pity.
var armed = "";
function sure(key, label, ask, does, arg, kind) { return b("arm", [key, does, arg === undefined ? null : arg], armed === key ? ask : label, kind || "warn"); }
function arm(a) {
  if (armed === a[0]) { armed = ""; acts[a[1]](a[2]); } else { armed = a[0]; setTimeout(function () { if (armed === a[0]) { armed = ""; draw(); } }, 3500); }
  draw();
}
var METRICS = ["agreement_rate", "mean_formal_depth", "mean_substantive_depth", "n_ties"];
function figure(name, value) { return value === null || value === undefined ? "–" : name === "n_ties" ? String(Math.round(value)) : name === "agreement_rate" ? pc(value) : value.toFixed(2); }
function because(one) {
  var out = [];
  if (one.declined || one.kind === 4) out.push(t("declined"));
  if (one.agents && !one.declined && one.kind !== 4) { out.push(t("cold")); out.push(t("agents_would", { what: contract(one.agents) })); }
  else if (one.why) {
    var party = WORDS[lang].parties[ROLES.indexOf(one.why.party)];
    out.push(t("why_" + one.why.kind, { party: party, gets: minus(one.why.gets), needs: one.why.needs, talk: one.why.talk }));
  } else out.push(WORDS[lang].causes[one.cause]);
  return out.join(lang === "zh" ? "" : " ");
}
function closing(one) {
  if (!one.levers || (one.agents && !one.declined)) return "";
  var rows = one.levers.map(function (l) { return t("from_to", { what: say(l.lever), a: l.before, b: l.after }); });
  if (!rows.length) rows = (one.things || []).map(function (l) { return t("from_to", { what: say(l.name), a: say(l.before), b: say(l.after) }); });
  return rows.length ? "<br><b>" + t("would_close") + "</b> " + esc(rows.join(" · ")) : "<br>" + t("nothing_closes");
}
function compared(story, cls) {
  var n = story.people.length - 1;
  return "<table class='num " + (cls || "") + "'><thead><tr><th></th><th>" + t("you_people") + "</th><th>" + t("agents_alone") + "</th></tr></thead><tbody>" + METRICS.map(function (m) {
    return "<tr><th>" + t("m_" + m) + "</th><td><b>" + figure(m, story.people[n] && story.people[n][m]) + "</b></td><td>" + figure(m, story.agents[n] && story.agents[n][m]) + "</td></tr>";
  }).join("") + (cls ? "" : story.stages.map(function (s, r) {
    return "<tr><th>" + esc(say(story.regions[r])) + "</th><td><b>" + WORDS[lang].stages[s] + "</b></td><td>" + WORDS[lang].stages[story.agents_stages[r]] + "</td></tr>";
  }).join("")) + "</tbody></table>";
}
function turnTitle(one) { return t(!one.agents ? "near" : !one.effect ? "there" : one.effect.turns ? "turn" : "most", { n: one.effect && one.effect.tried }); }
function effect(s) {
  var e = s.turn.effect; if (!e) return "";
  var rows = ["mean_substantive_depth", "n_ties"].map(function (m) { return t("from_to", { what: t("m_" + m), a: m === "n_ties" ? e.now[m] : e.now[m].toFixed(3), b: m === "n_ties" ? e.then[m] : e.then[m].toFixed(3) }); });
  e.stages.forEach(function (x, r) { if (x !== e.then_stages[r]) rows.push(t("from_to", { what: say(s.regions[r]), a: WORDS[lang].stages[x], b: WORDS[lang].stages[e.then_stages[r]] })); });
  return "<p>" + esc(t("effect", { what: rows.join(lang === "zh" ? "；" : "; ") })) + "</p>";
}
function headline(s, r) { return t("headline", { region: say(s.regions[r]), a: WORDS[lang].stages[s.stages[r]], b: WORDS[lang].stages[s.agents_stages[r]] }); }
function failure(one) { return "<div class='why'><b>" + esc(t("with", { a: say(one.enterprise), b: say(one.college), n: one.year })) + "</b><br>" + esc(because(one)) + closing(one) + "</div>"; }
