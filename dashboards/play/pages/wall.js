// The projector: nothing secret.
function greet() { send({ t: "hello", as: "wall" }); }
var shown = null, playing = 0;
var acts = {
  year: function (n) { shown = n; stop(); draw(); },
  run: function () {
    if (playing) { stop(); draw(); return; }
    if (shown === null || shown >= S.story.rewind.length - 1) shown = 0;
    playing = setInterval(function () { if (shown >= S.story.rewind.length - 1) stop(); else shown += 1; draw(); }, 1600);
    draw();
  }
};
function stop() { clearInterval(playing); playing = 0; }
function view() {
  if (!S.common) return "<p class='soft' style='padding:30vh 0;text-align:center'>" + t("connecting") + "</p>";
  return head() + (S.common.part === "lobby" ? lobby() : S.common.part === "debrief" ? fin() : play());
}
function head() {
  var c = S.common;
  return "<header class='head'><div class='grow'><h1>" + esc(say(c.title)) + (c.round ? " · " + t("year", { n: c.round, of: c.rounds }) : "") + "</h1><div class='soft'>" + (c.part === "lobby" ? t("waiting") : t(c.part) + (c.part === "look" ? colon() + t("look_text") : c.part === "deliver" ? colon() + t("deliver_text") : c.part === "see" && c.round < c.rounds ? colon() + t("vote_text") : "")) + "</div></div>" +
    (c.part !== "lobby" && S.room ? "<div class='soft' style='text-align:right'>" + esc((S.room.joining[0] || "").replace(/^https?:\/\/|\/\?.*/g, "")) + "<br>" + t("code_is") + " <b class='num'>" + esc(S.room.code) + "</b></div>" : "") +
    (c.paused ? "<b class='clock'>" + t("paused") + "</b>" : c.left !== null ? "<b class='clock num' data-clock>" + time() + "</b>" : "") + b("language", null, t("language"), "quiet") + "</header>";
}
function lobby() {
  var r = S.room || { joining: [""], code: "" }, first = r.joining[0] || "";
  return "<div class='lob'><div>" + (r.wifi ? "<p><b>" + t("scan_wifi") + "</b></p><img class='qr wifi' alt='' src='" + BASE + "code.svg?of=wifi'>" : "") + "<p style='margin-bottom:.4em'><b>" + (r.wifi ? "2. " : "") + t("scan") + "</b></p><img class='qr" + (r.wifi ? " less" : "") + "' alt='' src='" + BASE + "code.svg?of=0'></div><div><p class='soft'>" + t("or_open") + "</p><p class='url'>" + esc(first.replace(/^https?:\/\/|\/\?.*/g, "")) + "</p><p class='soft' style='margin-top:1em'>" + t("code_is") + "</p><p class='code num'>" + esc(r.code) + "</p><p style='margin-top:.8em'><b style='font-size:1.4em'>" + t("people_here", { n: S.common.people }) + "</b> <span class='soft'>· " + t("agents_play", { n: S.common.seats - S.common.people }) + "</span></p><div class='who'>" + who() + "</div></div></div>";
}
function who() { return (S.seats || []).map(function (s) { return "<span class='tag'" + (s.here ? "" : " style='opacity:.5'") + ">" + icon(s.role, true) + esc(s.player || called(s)) + "</span>"; }).join(""); }
function play() {
  return "<div class='play'><section class='card'><h2>" + t("network") + "</h2>" + network() + inForce() + "</section><div class='stack'>" + (S.common.part === "see" && S.votes && S.common.round < S.common.rounds ? votes() : "") + (live() || years()) + "</div></div>";
}
function network(then) {
  var r = S.region, ties = then ? then.ties : r.ties, stages = then ? then.stages : r.stages, n = r.names.length, out = "", wide = 640, gap = 14, rows = [], y = 16, at = { e: {}, c: {} };
  for (var i = 0; i < n; i++) {
    var es = [], cs = [];
    r.e.forEach(function (reg, k) { if (reg === i) es.push(k); });
    r.c.forEach(function (reg, k) { if (reg === i) cs.push(k); });
    var high = Math.max(64, 400 / n - 50);
    es.forEach(function (k, j) { at.e[k] = [30 + (wide - 60) * (j + .5) / es.length, y + 26]; });
    cs.forEach(function (k, j) { at.c[k] = [30 + (wide - 60) * (j + .5) / cs.length, y + 26 + high]; });
    rows.push("<text x='4' y='" + (y + 4) + "'>" + esc(say(r.names[i])) + " · " + esc(WORDS[lang].stages[stages[i]]) + "</text>");
    y += high + 46 + gap;
  }
  ties.forEach(function (tie) {
    var a = at.e[tie[0]], z = at.c[tie[1]]; if (!a || !z) return;
    var fresh = tie[3] < 0, real = Math.min(1, tie[3] / (tie[2] / 5)), mid = (a[1] + z[1]) / 2;
    out += "<path d='M" + a[0].toFixed(1) + " " + a[1] + "C" + a[0].toFixed(1) + " " + mid + " " + z[0].toFixed(1) + " " + mid + " " + z[0].toFixed(1) + " " + z[1] + "' fill='none' stroke='" + (fresh ? "var(--soft)" : real > .5 ? "var(--good)" : "var(--bad)") + "' stroke-width='" + (1 + 1.1 * tie[2]) + "' stroke-opacity='" + (fresh ? .7 : .4 + .5 * real).toFixed(2) + "'" + (fresh || real > .5 ? "" : " stroke-dasharray='7 5'") + "/>";
  });
  var k;
  for (k in at.e) out += "<rect x='" + (at.e[k][0] - 6) + "' y='" + (at.e[k][1] - 6) + "' width='12' height='12' rx='3' fill='" + (r.pe.indexOf(+k) >= 0 ? "var(--e)" : "#fff") + "' stroke='var(--e)' stroke-width='2'/>";
  for (k in at.c) out += "<circle cx='" + at.c[k][0] + "' cy='" + at.c[k][1] + "' r='7.5' fill='" + (r.pc.indexOf(+k) >= 0 ? "var(--c)" : "#fff") + "' stroke='var(--c)' stroke-width='2'/>";
  return "<svg class='net' viewBox='0 0 " + wide + " " + (y - gap) + "' role='img' aria-label='" + t("network") + "'>" + rows.join("") + out + "</svg><div class='legend'><span><i style='background:var(--good)'></i>" + t("legend_earnest") + "</span><span><i style='background:repeating-linear-gradient(90deg,var(--bad) 0 .4em,transparent .4em .65em)'></i>" + t("legend_paper") + "</span><span><i style='background:var(--soft)'></i>" + t("legend_new") + "</span><span><b style='color:var(--e)'>■</b> " + t("enterprises") + "</span><span><b style='color:var(--c)'>●</b> " + t("colleges") + "</span><span>■ " + t("person") + " □ " + t("agent") + "</span></div>";
}
function live() {
  var all = S.live; if (!all || !all.length) return "";
  var count = { open: 0, signed: 0, failed: 0 };
  all.forEach(function (x) { count[x.state] += 1; });
  // More than a screen holds: those that have failed go first.
  var kept = all.length > 36 ? all.filter(function (x) { return x.state !== "failed"; }).slice(0, 36) : all;
  return "<section class='card'><h2>" + t("tables") + " <span class='soft num'>" + ["open", "signed", "failed"].map(function (k) { return t(k) + " " + count[k]; }).join(" · ") + "</span></h2><div class='tabs'>" + kept.map(function (x) {
    return "<div><div class='of'><b>" + esc(say(x.e)) + " · " + esc(say(x.c)) + "</b>" + outcome(x) + "</div><div class='bar'><i style='width:" + Math.round(100 * x.clock) + "%'></i></div></div>";
  }).join("") + "</div></section>";
}
function votes() {
  var v = S.votes, most = 1, k; for (k in v) most = Math.max(most, v[k]);
  return "<section class='card'><h2>" + t("vote_title") + "</h2><div class='votes'>" + Object.keys(v).map(function (c) { return bar(esc(c === "none" ? t("no_card") : WORDS[lang].cards[c]), v[c], most, ""); }).join("") + "</div></section>";
}
function bar(label, n, most, kind) { return "<div><span>" + label + "</span><div class='bar" + kind + "'><i style='width:" + 100 * n / most + "%'></i></div><b class='num'>" + n + "</b></div>"; }
function years() {
  var y = S.years || [];
  if (!y.length) return "<section class='card'><h2>" + t("years") + "</h2><p class='soft'>" + t("no_years") + "</p></section>";
  return "<section class='card'><h2>" + t("years") + "</h2><div class='spark'>" + METRICS.map(function (m) {
    var v = y.map(function (x) { return x[m] || 0; }), most = m === "n_ties" ? Math.max.apply(null, v.concat(1)) : 1, n = Math.max(2, S.common.rounds);
    var at = v.map(function (x, i) { return (4 + 192 * i / (n - 1)).toFixed(1) + "," + (52 - 46 * x / most).toFixed(1); });
    var end = at[at.length - 1].split(",");
    return "<div><span class='soft'>" + t("m_" + m) + "</span><br><b class='num'>" + figure(m, v[v.length - 1]) + "</b><svg viewBox='0 0 200 56' style='width:100%'><path d='M4 52H196' stroke='var(--rule)'/><polyline points='" + at.join(" ") + "' fill='none' stroke='var(--good)' stroke-width='3' stroke-linejoin='round'/><circle cx='" + end[0] + "' cy='" + end[1] + "' r='4.5' fill='var(--good)'/></svg></div>";
  }).join("") + "</div></section>";
}
function fin() {
  var s = S.story; if (!s) return "<p class='soft'>" + t("connecting") + "</p>";
  var why = s.causes.map(function (n, i) { return [n, i]; }).filter(function (x) { return x[0]; }).sort(function (a, z) { return z[0] - a[0]; }).slice(0, 5), most = why.length ? why[0][0] : 1;
  return "<div class='fin'><section class='card'><h2>" + t("result") + "</h2>" + compared(s) + "<p style='margin-top:.8em'>" + t("signed_of", { n: s.signed, of: s.tables, m: s.agents_would }) + "</p></section><section class='card stack'><h2>" + t("why") + "</h2><div class='votes'>" + why.map(function (x) { return bar(WORDS[lang].causes[x[1]], x[0], most, " low"); }).join("") + "</div>" +
    (s.turn ? "<h2>" + turnTitle(s.turn) + "</h2>" + failure(s.turn) + effect(s) : "") + "<h2>" + t("best") + "</h2><div class='who'>" + s.first.map(function (f) { return "<span class='tag'>" + icon(f.role, true) + esc(called(f)) + " <b class='num'>" + minus(f.points) + "</b></span>"; }).join("") + "</div></section>" + rewind(s) + "</div>";
}
function rewind(s) {
  var all = s.rewind || [], n = shown === null ? all.length - 1 : shown;
  if (!all.length) return "";
  return "<section class='card' style='grid-column:1/-1'><div class='row'><h2 class='grow'>" + t("rewind") + "</h2>" + b("run", null, playing ? t("stop") : t("run"), "main") + all.map(function (_, i) { return b("year", i, String(i + 1), i === n ? "on" : "", " aria-pressed='" + (i === n) + "'"); }).join("") + "</div><p class='soft'>" + t("rewind_year", { n: n + 1, signed: all[n].signed, failed: all[n].failed }) + "</p><div style='max-width:1100px;margin:auto'>" + network(all[n]) + "</div></section>";
}
draw();
connect();
