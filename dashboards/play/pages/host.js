// The host: sees all, moves the game on.
var hash = /k=([\w-]+)/.exec(location.hash), key = (hash && hash[1]) || store.get("host"), error = "", kept = false;
if (key) store.set("host", key);
function greet() { send({ t: "hello", as: "host", secret: key || "" }); }
function onError(message) { if (message.error === "wrong_host") { error = told(message); draw(); return true; } return false; }
function onAck(id) { if (id === "names") { kept = true; draw(); } }
function does(what, more) { var m = { t: "host", do: what }; for (var k in more || {}) m[k] = more[k]; if (!send(m)) tell(t("lost")); }
var acts = {
  arm: arm,
  host: function (what) { does(what, what === "next" ? { part: S.common.part } : {}); }, end: function () { does("end"); }, free: function (n) { does("free", { n: n }); },
  card: function (card) { does("card", { card: card }); }, names: function () { does("names"); }
};
function view() {
  if (error && !S.common) return "<div class='card' style='margin-top:20vh'><p class='why'>" + esc(error) + "</p></div>";
  if (!S.common) return "<p class='soft' style='padding:20vh 0;text-align:center'>" + t("connecting") + "</p>";
  return top_() + "<div class='cols'>" + (S.story ? story() : "") + (S.common.part === "lobby" ? room() : "") + people() + tables() + cards() + years() + (S.common.part === "lobby" ? "" : room()) + "</div>";
}
function top_() {
  var c = S.common, runs = c.left !== null;
  return "<header class='top'><div class='row'><div class='grow'><h1>" + esc(say(c.title)) + "</h1><div class='soft'>" + t("host_title") + " · " + (c.round ? t("year", { n: c.round, of: c.rounds }) + " · " : "") + t(c.part) + " · " + t("people_here", { n: c.people }) + "</div></div>" +
    (c.paused ? "<b class='clock'>" + t("paused") + "</b>" : runs ? "<b class='clock num' data-clock>" + time() + "</b>" : "") +
    (c.part === "lobby" ? b("host", "start", t("start"), "main", S.room && S.room.ready ? "" : " disabled") : c.part === "debrief" ? "" : b("host", "next", t("next"), "main") + b("host", c.paused ? "go_on" : "pause", t(c.paused ? "go_on" : "pause")) + b("host", "more", t("more")) + sure("end", t("end"), t("really_end"), "end")) +
    b("language", null, t("language"), "quiet") + "</div>" + (S.room && !S.room.ready ? "<p class='soft'>" + t("loading") + "</p>" : "") + "</header>";
}
function room() {
  if (!S.room) return "";
  return "<section class='card stack'><h2>" + t("join_at") + "</h2><div class='row' style='align-items:flex-start'><img class='qr' alt='' src='" + BASE + "code.svg'><div class='grow stack'>" + S.room.joining.map(function (a) { return "<p><code>" + esc(a.replace(/\/\?.*/, "")) + "</code></p>"; }).join("") + "<p>" + t("code_is") + " <b class='num' style='font-size:1.8em;letter-spacing:.1em'>" + esc(S.room.code) + "</b></p><p><a class='b' href='" + BASE + "wall' target='_blank' rel='noopener'>" + t("projector") + "</a></p></div></div><p class='soft small'>" + t("folder") + " <code>" + esc(S.room.folder) + "</code></p></section>";
}
function people() {
  var all = S.seats || [], waiting = S.waiting || [], isLobby = S.common.part === "lobby";
  return "<section class='card wide'><h2>" + t("people") + " <span class='soft num'>" + all.length + "/" + S.common.seats + (waiting.length ? " · " + t("waiting_for") + " " + waiting.length : "") + "</span></h2>" + (all.length ? "<div class='list'>" + all.map(function (s) {
    var waits = waiting.indexOf(s.n) >= 0;
    return "<div" + (waits ? " class='waits'" : "") + ">" + icon(s.role, true) + "<div class='grow'><b>" + esc(called(s)) + "</b> " + esc(s.player) + "<div class='soft small'>" + (!s.here ? "<span class='bad'>" + t("away") + "</span>" : waits ? "… " + t("waiting_for") : "✓ " + (isLobby ? t("here") : t("points", { n: minus(s.points) }))) + "</div></div>" + sure("free" + s.n, "✕", t("really_free"), "free", s.n, "quiet") + "</div>";
  }).join("") + "</div>" : "<p class='soft'>" + t("nobody") + "</p>") + "</section>";
}
function tables() {
  var all = S.live; if (!all || !all.length) return "";
  return "<section class='card wide'><h2>" + t("tables") + " <span class='soft num'>" + all.filter(function (x) { return x.state === "open"; }).length + "/" + all.length + "</span></h2><div class='list'>" + all.map(function (x) {
    return "<div><div class='grow'><b>" + esc(say(x.e)) + "</b> · <b>" + esc(say(x.c)) + "</b><div class='bar'><i style='width:" + Math.round(100 * x.clock) + "%'></i></div></div>" + outcome(x) + "</div>";
  }).join("") + "</div></section>";
}
function cards() {
  if (S.common.part !== "see" || S.common.round >= S.common.rounds) return "";
  var votes = S.votes || {};
  return "<section class='card stack'><h2>" + t("card_title") + "</h2>" + ["", "none"].concat(S.open_cards).map(function (c) {
    var is = S.card === c, label = c === "" ? t("by_vote") : c === "none" ? t("no_card") : WORDS[lang].cards[c];
    return c === "" ? "<p class='" + (is ? "good" : "soft") + "'>" + (is ? "✓ " : "") + label + "</p>" : "<div class='row'>" + b("card", c, (is ? "✓ " : "") + esc(label), "grow " + (is ? "on" : "")) + "<span class='soft num'>" + t("votes", { n: votes[c] || 0 }) + "</span></div>";
  }).join("") + "</section>";
}
function years() {
  var y = S.years || []; if (!y.length || S.story) return "";
  return "<section class='card'>" + inForce() + "<table class='num'><thead><tr><th></th>" + y.map(function (_, i) { return "<th>" + (i + 1) + "</th>"; }).join("") + "</tr></thead><tbody>" + METRICS.map(function (m) { return "<tr><th>" + t("m_" + m) + "</th>" + y.map(function (x) { return "<td>" + figure(m, x[m]) + "</td>"; }).join("") + "</tr>"; }).join("") + "</tbody></table></section>";
}
function story() {
  var s = S.story;
  return "<section class='card stack'><h2>" + t("story") + "</h2>" + compared(s) + (s.turn ? "<h3>" + turnTitle(s.turn) + "</h3>" + failure(s.turn) + effect(s) : "") + "<p>" + t("ask") + "</p><p class='soft small'>" + t("results") + " <code>" + esc(S.room ? S.room.folder + "/results" : "") + "</code></p><div class='row'>" + b("names", null, kept ? "✓ " + t("names_kept") : t("keep_names"), "", kept ? " disabled" : "") + "<span class='soft small'>" + t("names_note") + "</span></div></section><section class='card'><h2>" + t("failed") + "</h2>" + s.failed.slice(-12).map(failure).join("") + "</section>";
}
draw();
connect();
