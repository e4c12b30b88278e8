// A phone: one seat.
var draft = {}, chosen = null, error = "", isFull = false, typed = { code: "", name: store.get("name") || "" }, hash = /s=([\w-]+)/.exec(location.hash), rule = null, least = null;
var secret = (hash && hash[1]) || store.get("seat"), query = /[?&]c=(\d{4})/.exec(location.search), wanted = null;
if (query) typed.code = query[1];
function greet() {
  var hello = { t: "hello", as: "phone", tab: tab, name: typed.name };
  if (secret) hello.secret = secret;
  if (wanted) { hello.code = wanted; }
  if (secret || wanted) send(hello);
  else draw();
}
function onSeat(message) {
  secret = message.secret; wanted = null; error = "";
  store.set("seat", secret);
  try { history.replaceState(null, "", BASE + "#s=" + secret); } catch (e) { /* the storage has it */ }
}
function onError(message) {
  if (message.error === "no_such_seat" || message.error === "freed") {
    secret = null; store.set("seat", null); S = {};
    try { history.replaceState(null, "", BASE); } catch (e) { /* as it was */ }
    error = told(message); draw();
    return true;
  }
  isFull = message.error === "room_full";
  if (isFull || message.error === "wrong_code" || message.error === "too_many_codes") { wanted = null; error = told(message); draw(); return true; }
  return false;
}
function onState(parts) {
  if (parts.look !== undefined && !(parts.look && parts.look.rule)) rule = rule && S.look && S.look.rule ? rule : null;
  if (parts.common && S.common.part !== onState.part) { onState.part = S.common.part; draft = {}; chosen = null; rule = null; least = null; armed = ""; window.scrollTo(0, 0); }
}
var acts = {
  arm: arm,
  join: function () {
    typed.code = (document.getElementById("code") || { value: typed.code }).value.trim();
    typed.name = (document.getElementById("name") || { value: typed.name }).value.trim();
    store.set("name", typed.name);
    wanted = typed.code || "0"; error = "";
    if (line && line.readyState === 1) greet(); else connect();
  },
  take: function () { send({ t: "take" }); },
  done: function () { move({ do: "done" }); },
  invite: function (row) { move({ do: S.look.invited.indexOf(row) < 0 ? "invite" : "drop", row: row }); },
  tab: function (n) { chosen = n; draw(); },
  level: function (a) { put(a[0], a[1], null); },
  share: function (a) { put(a[0], null, Math.max(0, Math.min(10, draft[a[0]].tenths + a[1]))); },
  pick: function (a) { put(a[0], a[1], a[2]); },
  offer: function (n) { move({ do: "offer", table: n, level: draft[n].level, tenths: draft[n].tenths }); },
  accept: function (a) { move({ do: "accept", table: a[0], level: a[1], tenths: a[2] }); },
  back: function (n) { move({ do: "take_back", table: n }); },
  walk: function (n) { move({ do: "walk", table: n }); },
  effort: function (a) { move({ do: "effort", row: a[0], earnest: a[1] }); },
  vote: function (card) { move({ do: "vote", card: card }); },
  rule: function () { move({ do: "rule", share: rule.share, ceiling: rule.ceiling, audits: rule.audits }); tell(t("is_set")); },
  least: function () { move({ do: "thresholds", least: least }); tell(t("is_set")); }
};
function put(n, level, tenths) { if (level !== null) draft[n].level = level; if (tenths !== null) draft[n].tenths = tenths; draw(); }
document.addEventListener("input", function (event) {
  var el = event.target, key = el.getAttribute("data-of");
  if (el.id === "code") typed.code = el.value; else if (el.id === "name") typed.name = el.value;
  if (!key) return;
  var a = JSON.parse(key), v = Number(el.value);
  if (a[0] === "share") put(a[1], null, v);
  else if (a[0] === "rule") { rule[a[1]] = v / 100; draw(); }
  else if (a[0] === "least") { least[a[1]] = v / 100; draw(); }
});
document.addEventListener("keydown", function (event) { if (event.key === "Enter" && (event.target.id === "code" || event.target.id === "name")) acts.join(); });

function view() {
  if (!secret || (error && !S.me)) return joining();
  if (!S.me || !S.common) return "<div class='hero'><h1>" + t("title") + "</h1><p class='soft'>" + t("connecting") + "</p></div>";
  if (S.idle) return top_() + "<div class='card stack'><p>" + t("other_tab") + "</p>" + b("take", null, t("play_here"), "main") + "</div>";
  return top_() + "<main class='stack'>" + part() + "</main>" + foot();
}
function joining() {
  return "<div class='hero'><h1>" + t("join_title") + "</h1><p class='soft'>" + t("join_text") + "</p></div><div class='stack'>" +
    (error ? "<p class='why' role='alert'>" + esc(error) + "</p>" + (isFull ? "<a class='b main' href='" + BASE + "wall'>" + t("look_on") + "</a>" : "") : "") +
    "<label>" + t("code") + "<input id='code' class='code num' inputmode='numeric' pattern='[0-9]*' maxlength='4' autocomplete='off' value='" + esc(typed.code) + "'></label>" +
    "<label>" + t("your_name") + "<input id='name' class='field' maxlength='16' autocomplete='off' value='" + esc(typed.name) + "'></label>" +
    b("join", null, t(wanted ? "connecting" : "join"), "main") + "<p class='soft small'>" + t("stay") + "</p><p class='soft small'>" + t("browser") + "</p>" +
    b("language", null, t("language"), "quiet") + "</div>";
}
function top_() {
  var c = S.common, m = S.me, role = ROLES.indexOf(m.role);
  return "<header class='top'><div class='row' style='flex-wrap:nowrap'>" + icon(role) + "<div class='grow'><div class='name'>" + esc(called({ name: m.name, role: role })) + "</div><div class='soft small'>" +
    (c.round ? t("year_short", { n: c.round, of: c.rounds }) + " · " : "") + t(c.part) + "</div></div><div class='small num' style='white-space:nowrap'>" + t("points", { n: minus(m.points) }) + "</div>" +
    (c.paused ? "<b class='clock'>" + t("paused") + "</b>" : c.left !== null ? "<b class='clock num' data-clock role='timer'>" + time() + "</b>" : b("language", null, t("language"), "quiet")) + "</div>" +
    (c.left !== null ? "<div class='bar' style='margin:8px -12px -8px;border-radius:0'><i data-left></i></div>" : "") + "</header>";
}
function foot() {
  var part = S.common.part, can = (part === "look" || part === "see" || part === "deliver" || part === "negotiate");
  if (!can || (part === "negotiate" && !openTables().length)) return "";
  if (part === "deliver" && !(S.deliver || []).length) return "";
  var busy = isOpen(function (m) { return m.do === "done"; });
  return "<div class='foot'><div>" + b("done", null, S.me.done ? t("not_ready_yet") : t(part === "negotiate" ? "talked" : "ready"), S.me.done ? "on" : part === "negotiate" ? "" : "main", busy || (S.me.done && part === "negotiate") ? " disabled" : "") + "</div></div>";
}
function part() {
  var p = S.common.part, role = ROLES.indexOf(S.me.role);
  if (p === "lobby") return lobby(role);
  if (p === "look") return role === 2 ? government(S.look) : role === 3 ? students(S.look) : look();
  if (p === "negotiate") return role > 1 ? watch() : negotiate();
  if (p === "deliver") return role > 1 ? watch() : deliver();
  if (p === "see") return see(role);
  return story(role);
}
function watch() {
  var all = S.live || [];
  return "<div class='card'>" + t("watch") + "</div>" + (all.length ? "<div class='card'><h3>" + t("tables_here") + "</h3>" + all.map(function (x) { return "<div class='cand'><b class='grow'>" + esc(say(x.e)) + " · " + esc(say(x.c)) + "</b>" + (x.promises === undefined ? "" : "<span class='small soft'>" + t("promises", { n: pc(x.promises) }) + "</span>") + outcome(x) + "</div>"; }).join("") + "</div>" : "") + card(ROLES.indexOf(S.me.role));
}
function card(role) {
  return "<div class='card stack'><p>" + t("role_" + ROLES[role]) + "</p><div><h3>" + t("aims_title") + "</h3>" + S.me.aims.map(function (w, i) {
    return "<div class='aim'><span>" + WORDS[lang].aims[i] + "</span><div class='bar'><i style='width:" + Math.round(100 * w) + "%'></i></div></div>";
  }).join("") + "</div><p class='soft small'>" + t("points_mean") + "</p>" + (S.me.elsewhere.length ? "<div><h3>" + t("elsewhere") + "</h3><p class='soft small'>" + t(S.me.elsewhere[4] ? "elsewhere_text" : "elsewhere_none") + "</p>" + (S.me.elsewhere[4] ? "<div class='five num'>" + S.me.elsewhere.map(function (n, i) { return "<div><small>" + t("level_n", { n: i + 1 }) + "</small><br><b>" + minus(n) + "</b></div>"; }).join("") + "</div>" : "") + "</div>" : "") + "</div>";
}
function lobby(role) {
  return "<div class='hero'><p class='soft'>" + t("your_role") + "</p><h1>" + esc(say(S.me.name)) + "</h1><p class='soft'>" + WORDS[lang].parties[role] + " · " + esc(say(S.me.region)) + "</p></div>" + card(role) +
    "<p class='soft' style='text-align:center'>" + t("wait_start") + "<br>" + t("people_here", { n: S.common.people }) + "</p><p class='soft small'>" + t("stay") + "</p>";
}
function meter(name, value) { return "<div class='small'><span class='soft'>" + name + "</span> <b class='num'>" + pc(value) + "</b><div class='bar " + (value < .4 ? "low" : "") + "'><i style='width:" + Math.round(100 * value) + "%'></i></div></div>"; }
function look() {
  var l = S.look; if (!l) return "";
  return inForce() + "<p>" + t("look_text") + "</p><div class='card'>" + (l.candidates.length ? l.candidates.map(function (c) {
    var is = l.invited.indexOf(c.row) >= 0, busy = isOpen(function (m) { return m.row === c.row; });
    return "<div class='cand'><div class='grow'><b>" + esc(say(c.name)) + "</b> " + (c.person ? "<span class='tag good'>" + esc(c.player || t("person")) + "</span>" : "<span class='tag soft'>" + t("agent") + "</span>") + (c.keen ? " <span class='tag bad'>" + t("keen") + "</span>" : "") +
      "<div class='two'>" + meter(t("fit"), c.fit) + meter(t("trust"), c.trust) + "</div></div>" + b("invite", c.row, is ? "✓ " + t("invited") : t("invite"), is ? "on" : "", (busy ? " disabled" : "") + " aria-pressed='" + is + "'") + "</div>";
  }).join("") : "<p class='soft'>" + t("nobody") + "</p>") + "</div><p class='soft small'>" + t("default_look") + "</p>" +
    (l.running.length ? "<div class='card'><h3>" + t("running") + "</h3>" + l.running.map(function (r) { return "<p>" + esc(say(r.name)) + " · " + WORDS[lang].levels[r.level] + "</p>"; }).join("") + "</div>" : "");
}
function openTables() { var all = []; for (var n in S.tables || {}) if (S.tables[n].state === "open") all.push(S.tables[n]); return all; }
function gainOf(n, level, tenths) {
  var s = S.sheets[n], k = (level - 1) * 11 + tenths, later = Math.max(s.government[k], s.students[k]), at = Math.max(S.tables[n].clock, Math.min(1, later));
  return Math.round(s.gain[k] - s.talk[level - 1] * (1 + s.rounds * at));
}
function when(value, clockNow) { return value > 1 ? "no" : value <= clockNow + 1e-9 ? "yes" : "later"; }
function negotiate() {
  var all = []; for (var n in S.tables || {}) all.push(S.tables[n]);
  if (!all.length) return "<div class='card'>" + t("no_table") + "</div>";
  if (chosen === null || !S.tables[chosen]) { var open = openTables(); chosen = (open[0] || all[0]).n; }
  return (all.length > 1 ? "<div class='tabs' role='tablist'>" + all.map(function (x) {
    return b("tab", x.n, "<span>" + esc(say(x.name)) + "</span><span class='small " + (x.state === "signed" ? "good" : x.state === "failed" ? "bad" : "soft") + "'>" + (x.state === "signed" ? "✓ " : x.state === "failed" ? "✗ " : "") + t(x.state) + "</span>", x.n === chosen ? "on" : "", " role='tab' aria-selected='" + (x.n === chosen) + "'");
  }).join("") + "</div>" : "") + table(S.tables[chosen]);
}
function spokenFor(x) { return x.spoken_for ? "<p class='why'>" + t("spoken_for") + "</p>" + b("back", x.n, t("take_back"), "warn") : ""; }
function table(x) {
  var s = (S.sheets || {})[x.n], n = x.n;
  var head = "<div class='row'><div class='grow'><h2>" + esc(say(x.name)) + "</h2><span class='soft small'>" + (x.player === null ? t("agent") : esc(x.player || t("person"))) + (x.kind === 2 ? " · " + t("kind_renewal") : x.kind === 3 ? " · " + t("kind_review") : "") + "</span></div>" +
    (s ? "<span class='small num' style='text-align:right'>" + t("fit_sure") + " " + pc(s.fit) + "<br>" + t("trust") + " " + pc(s.trust) + "</span>" : "") + "</div>";
  var said = "<div class='said' role='log'>" + x.said.map(function (m) { return "<div class='" + (m.mine ? "mine" : "") + "'><b>" + t(m.mine ? "you" : "they") + "</b> " + (m.level ? (m.what === "accept" ? "✓ " : "") + t("briefly", { n: m.level, p: pc(m.tenths / 10) }) : t("walk")) + "</div>"; }).join("") + "</div>";
  if (x.state !== "open") {
    return "<section class='card stack'>" + head + said + "<p class='" + (x.state === "signed" ? "turn" : "why") + "'>" + (x.state === "signed" ? esc(t("signed_as", { what: contract(x.signed), n: minus(x.left) })) : esc(t("walked", { who: WORDS[lang].parties[ROLES.indexOf(x.stopped_by)] || "" }))) + (x.by_default ? "<br><span class='soft small'>" + t("by_default") + "</span>" : "") + "</p>" + spokenFor(x) + "</section>";
  }
  if (!s) return "";
  if (!draft[n]) draft[n] = x.mine || x.theirs ? { level: (x.mine || x.theirs).level, tenths: (x.mine || x.theirs).tenths } : { level: 2, tenths: 5 };
  var d = draft[n], g = gainOf(n, d.level, d.tenths), k = (d.level - 1) * 11 + d.tenths, gov = when(s.government[k], x.clock), stu = when(s.students[k], x.clock);
  var busy = isOpen(function (m) { return m.table === n; }), same = x.mine && x.mine.level === d.level && x.mine.tenths === d.tenths, hers = x.theirs && x.theirs.level === d.level && x.theirs.tenths === d.tenths;
  var most = Math.max.apply(null, s.gain.map(Math.abs)) || 1, cells = "<span></span>";
  for (var i = 0; i <= 10; i++) cells += "<span>" + 10 * i + "</span>";
  for (var level = 5; level >= 1; level--) {
    cells += "<span>" + level + "</span>";
    for (i = 0; i <= 10; i++) {
      var v = gainOf(n, level, i), kk = (level - 1) * 11 + i, no = Math.max(s.government[kk], s.students[kk]) > 1, depth = Math.min(1, Math.abs(v) / most);
      var colour = v >= 0 ? "rgb(" + Math.round(240 - 150 * depth) + "," + Math.round(245 - 75 * depth) + "," + Math.round(250 - 30 * depth) + ")" : "rgb(" + Math.round(252 - 20 * depth) + "," + Math.round(240 - 100 * depth) + "," + Math.round(228 - 170 * depth) + ")";
      cells += "<button type='button' tabindex='-1' data-do='pick' data-arg='[" + n + "," + level + "," + i + "]' class='" + (level === d.level && i === d.tenths ? "at " : "") + (x.theirs && x.theirs.level === level && x.theirs.tenths === i ? "th " : "") + (x.mine && x.mine.level === level && x.mine.tenths === i ? "mi " : "") + (no ? "cross" : "") + "' style='background-color:" + colour + "'>" + v + "</button>";
    }
  }
  return "<section class='card stack'>" + head + said + spokenFor(x) +
    (x.theirs ? "<div class='turn'><b>" + t("their_offer") + "</b> " + esc(contract(x.theirs)) + " · <b class='num " + (gainOf(n, x.theirs.level, x.theirs.tenths) >= 0 ? "good" : "bad") + "'>" + signed(gainOf(n, x.theirs.level, x.theirs.tenths)) + "</b><div class='row' style='margin-top:8px'>" + b("accept", [n, x.theirs.level, x.theirs.tenths], t("accept"), "main grow", busy ? " disabled" : "") + "</div></div>" : "<p class='soft'>" + t("no_offer") + "</p>") +
    "<div><div class='soft small'>" + t("level_label") + colon() + "<b>" + d.level + " " + WORDS[lang].levels[d.level] + "</b> · " + t("binds", { n: s.lasts[d.level - 1] }) + "</div><div class='levels' role='group'>" + [1, 2, 3, 4, 5].map(function (l) { return b("level", [n, l], l + "<small>" + WORDS[lang].levels[l] + "</small>", l === d.level ? "on" : "", " aria-pressed='" + (l === d.level) + "'"); }).join("") + "</div></div>" +
    "<div><div class='soft small'>" + t("share_label") + ": <b class='num'>" + pc(d.tenths / 10) + "</b></div><div class='share'>" + b("share", [n, -1], "−", "", " aria-label='" + t("less") + "'") + "<input type='range' min='0' max='10' step='1' value='" + d.tenths + "' aria-label='" + t("share_label") + "' aria-valuetext='" + pc(d.tenths / 10) + "' data-of='[\"share\"," + n + "]'>" + b("share", [n, 1], "+", "", " aria-label='" + t("more") + "'") + "</div></div>" +
    "<div class='worth'><b class='num " + (g >= 0 ? "good" : "bad") + "'>" + signed(g) + "</b><span class='small'>" + t("gain") + "</span><br><span class='soft small num'>" + t("talk_price", { n: Math.round(s.talk[d.level - 1] * (1 + s.rounds * x.clock)) }) + (s.subsidy[d.level - 1] > 0 ? " · " + t("subsidised", { n: pc(s.subsidy[d.level - 1]) }) : "") + "</span></div>" +
    "<div class='signs'><span class='" + gov + "'>" + (gov === "yes" ? "✓" : gov === "no" ? "✗" : "…") + " " + t("gov_" + gov) + "</span><span class='" + stu + "'>" + (stu === "yes" ? "✓" : stu === "no" ? "✗" : "…") + " " + t("stu_" + stu) + "</span></div>" +
    "<div class='row'>" + b("offer", n, same ? "✓ " + t("my_offer") : t("offer"), "grow " + (x.theirs ? "" : "main"), busy || same || hers ? " disabled" : "") + sure("walk" + n, t("walk"), t("really_walk"), "walk", n) + "</div>" +
    "<details open><summary>" + t("grid") + "</summary><div class='grid num' aria-hidden='true'>" + cells + "</div></details><p class='soft small'>" + t("time_default") + "</p></section>";
}
function deliver() {
  var all = S.deliver || [];
  if (!all.length) return "<div class='card'>" + t("no_contract") + "</div>";
  return "<p>" + t("deliver_text") + "</p>" + all.map(function (c) {
    var busy = isOpen(function (m) { return m.do === "effort" && m.row === c.row; });
    return "<div class='card'><b>" + esc(say(c.name)) + "</b><p class='soft small'>" + esc(contract(c)) + "</p><div class='row' style='margin-top:8px'>" + b("effort", [c.row, true], (c.earnest === true ? "✓ " : "") + t("earnest"), "grow " + (c.earnest === true ? "on" : ""), " aria-pressed='" + (c.earnest === true) + "'" + (busy ? " disabled" : "")) + b("effort", [c.row, false], (c.earnest === false ? "✓ " : "") + t("paper"), "grow " + (c.earnest === false ? "on" : ""), " aria-pressed='" + (c.earnest === false) + "'" + (busy ? " disabled" : "")) + "</div></div>";
  }).join("") + "<p class='soft small'>" + t("default_deliver") + "</p>";
}
function slider(key, index, value, most, label) { return "<label>" + label + ": <b class='num'>" + pc(value) + "</b><input type='range' style='width:100%' min='0' max='" + most + "' step='5' value='" + Math.round(100 * value) + "' data-of='" + JSON.stringify([key, index]) + "'></label>"; }
function government(l) {
  if (!l) return "";
  if (!rule) rule = { share: l.rule.share, ceiling: l.rule.ceiling, audits: l.rule.audits };
  var same = l.is_own && ["share", "ceiling", "audits"].every(function (k) { return Math.abs(rule[k] - l.rule[k]) < .001; });
  return inForce() + "<p>" + t("rule_text") + "</p><div class='card stack'>" + slider("rule", "share", rule.share, 80, t("share")) + slider("rule", "ceiling", rule.ceiling, 100, t("ceiling")) + slider("rule", "audits", rule.audits, 100, t("audits")) + "<div class='row'>" + b("rule", null, same ? "✓ " + t("is_set") : t("set"), "grow " + (same ? "" : "main"), same ? " disabled" : "") + "</div></div><p class='soft'>" + t("contracts_in_region", { n: l.contracts }) + " · " + WORDS[lang].stages[l.stage] + (l.spent === null ? "" : " · " + t("spent", { n: pc(l.spent) })) + "</p>";
}
function students(l) {
  if (!l) return "";
  if (!least) least = l.least.slice();
  var same = l.is_own && least.every(function (v, i) { return Math.abs(v - l.least[i]) < .001; });
  return inForce() + "<p>" + t("least_text") + "</p><div class='card stack'>" + least.map(function (v, i) { return slider("least", i, v, 100, (i + 1) + " " + WORDS[lang].levels[i + 1]) + "<div class='soft small'>" + t("usual", { n: pc(l.usual[i]) }) + "</div>"; }).join("") + "<div class='row'>" + b("least", null, same ? "✓ " + t("is_set") : t("set"), "grow " + (same ? "" : "main"), same ? " disabled" : "") + "</div></div><p class='soft'>" + t("placement", { n: pc(l.placement) }) + " · " + t("motivation", { n: pc(l.motivation) }) + "</p>";
}
function see(role) {
  var y = S.see; if (!y) return "";
  return "<div class='card' style='text-align:center'><div class='soft'>" + t("year_points") + "</div><div class='big num " + (y.points >= 0 ? "good" : "bad") + "'>" + signed(y.points) + "</div><div class='soft'>" + t("rank", { n: S.me.rank, of: S.me.of }) + "</div></div>" +
    (y.contracts.length ? "<div class='card'>" + y.contracts.map(function (c) {
      var notes = [];
      if (c.before !== null && c.trust !== null) notes.push(t("trust_now", { a: pc(c.before), b: pc(c.trust) }));
      if (c.fined) notes.push(t("fined", { n: c.fined }));
      if (c.blamed_me) notes.push(t("blamed_me"));
      if (c.blamed) notes.push(t("blamed"));
      return "<div class='cand'><div class='grow'><b>" + esc(say(c.name)) + "</b><div class='soft small'>" + esc(notes.join(" · ")) + "</div></div><b class='num " + (c.points >= 0 ? "good" : "bad") + "'>" + signed(c.points) + "</b></div>";
    }).join("") + "</div>" : "") +
    (role > 1 && y.region ? "<p class='soft'>" + (role === 2 ? t("contracts_in_region", { n: y.region.contracts }) + (y.region.spent === null ? "" : " · " + t("spent", { n: pc(y.region.spent) })) : t("placement", { n: pc(y.region.placement) }) + " · " + t("motivation", { n: pc(y.region.motivation) })) + "</p>" : "") +
    (y.failed.length ? "<div class='card'><h3>" + t("failed_tables") + "</h3>" + y.failed.map(failure).join("") + "</div>" : "") +
    (S.common.round < S.common.rounds ? "<div class='card'><h3>" + t("vote_title") + "</h3><div class='vote'>" + y.votes.map(function (c) { return b("vote", c, (y.vote === c ? "✓ " : "") + esc(c === "none" ? t("no_card") : WORDS[lang].cards[c]), y.vote === c ? "on" : "", " aria-pressed='" + (y.vote === c) + "'"); }).join("") + "</div></div>" : "");
}
function story(role) {
  var s = S.story;
  if (!s) return "<div class='card'>" + t("connecting") + "</div>";
  var best = s.first.filter(function (f) { return f.role === role; })[0];
  return "<div class='card' style='text-align:center'><div class='big num'>" + minus(S.me.points) + "</div><div class='soft'>" + t("rank", { n: S.me.rank, of: S.me.of }) + (best ? "<br>" + esc(t("best", { who: say(best.name), n: minus(best.points) })) : "") + "</div></div><div class='card'><p style='margin-bottom:8px'><b>" + esc(headline(s, s.region)) + "</b></p>" + compared(s, "small") + "<p class='soft small' style='margin-top:8px'>" + t("signed_of", { n: s.signed, of: s.tables, m: s.agents_would }) + "</p></div>" +
    (s.turn ? "<div class='card'><h3>" + turnTitle(s.turn) + "</h3>" + failure(s.turn) + effect(s) + "</div>" : "") +
    (s.failed.length ? "<div class='card'><h3>" + t("your_failed") + "</h3>" + s.failed.map(failure).join("") + "</div>" : "") + b("language", null, t("language"), "quiet");
}
draw();
connect();
