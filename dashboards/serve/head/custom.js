// Before the first paint: the look that this visitor chose last time. Kept in this browser; the server hears the language.
(() => {
  const kept = (name, otherwise) => { try { return localStorage.getItem(`abm.${name}`) ?? otherwise; } catch { return otherwise; } };
  const root = document.documentElement;
  const language = kept("language", navigator.language.startsWith("zh") ? "zh" : "en");
  root.dataset.theme = kept("theme", "light");
  root.dataset.projected = kept("projected", "false");
  root.lang = language === "zh" ? "zh-CN" : "en";
  const tell = (language) => { document.cookie = `abm-language=${language}; path=/; max-age=31536000; samesite=lax`; };
  tell(language);
  const keep = (name, value) => { try { localStorage.setItem(`abm.${name}`, String(value)); } catch { /* Private windows may refuse: the choice lasts for this page. */ } };
  window.abm = {
    kept,
    keep,
    choices: () => ({ theme: root.dataset.theme, language: root.lang.startsWith("zh") ? "zh" : "en", is_projected: root.dataset.projected === "true" }),
    choose(name, value) {
      keep(name, value);
      if (name === "language") { root.lang = value === "zh" ? "zh-CN" : "en"; tell(value); }
      else root.dataset[name] = String(value);
    },
  };
  // What Solara's template says where no server can be asked: in both languages, of which the style shows one. The
  // sentences are those of its template, the words those of dashboards/words/*.toml, put here by `python -m dashboards.words`.
  const words = {"loading": [["en", "Loading"], ["zh-CN", "正在载入"]], "lost": [["en", "The connection is lost. It comes back by itself; the run waits."], ["zh-CN", "连接已断开，会自动恢复；运行在等待。"]], "restoring": [["en", "Going back to where you were"], ["zh-CN", "正在回到刚才的状态"]], "stale": [["en", "This page has lost its server: what you do here has no effect. Load it anew; the address line leads to the same moment."], ["zh-CN", "此页面已与服务器失去联系，操作不再生效。请重新载入；地址栏中的链接会回到同一时刻。"]], "anew": [["en", "Load the page anew"], ["zh-CN", "请重新载入页面"]], "gone": [["en", "The server no longer holds this page. Load it anew: the address line leads to the same moment."], ["zh-CN", "服务器已不再保留此页面。请重新载入：地址栏中的链接会回到同一时刻。"]], "soon": [["en", "The server no longer holds this page. It is loaded anew in a moment."], ["zh-CN", "服务器已不再保留此页面，稍后会自动重新载入。"]], "refresh": [["en", "Load anew"], ["zh-CN", "重新载入"]], "cancel": [["en", "Not now"], ["zh-CN", "暂不"]], "clear": [["en", "Clear the messages"], ["zh-CN", "清除消息"]]};
  const said = {
    "{{ loading_text }}": "loading",
    "Server disconnected.": "lost",
    "Restoring session…": "restoring",
    "App is disconnected, and may not function properly. Please refresh the page.": "stale",
    "Could not restore session. Please refresh the page.": "gone",
    "Could not restore session. Please refresh.": "gone",
    "Could not restore session. Will refresh in {{autoRefreshCount}} seconds.": "soon",
    "Please refresh the page": "anew",
    "Refresh now": "refresh",
    "Cancel": "cancel",
    "Clear messages": "clear",
    "A widget with mount-id=\"solara-main\" should go here": "",
  };
  const template = document.getElementById("vue-app-template");
  if (template) {
    const spans = (key) => key && `<span class="abm-said" role="status">${words[key].map(([lang, text]) => `<span lang="${lang}">${text}</span>`).join("")}</span>`;
    // Only between tags, and however its lines are broken.
    const between = (sentence) => new RegExp(`(>\\s*)${sentence.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/ /g, "\\s+")}(?=\\s*<)`, "g");
    // Solara's bars of progress have no name: what they show is said in words.
    template.textContent = template.textContent.replace(/<v-progress-linear(?=\s)/g, '<v-progress-linear aria-hidden="true"');
    template.textContent = Object.entries(said).reduce((text, [sentence, key]) => text.replace(between(sentence), (_, start) => start + spans(key)), template.textContent);
  }
  // The widgets' library gives up a picture whose script is not there within two seconds: what the server then tells it is
  // lost, and on a busy machine it would stand still for ever. It waits here. Nothing else on these pages has so short a limit.
  const limited = AbortSignal.timeout.bind(AbortSignal);
  AbortSignal.timeout = (milliseconds) => (milliseconds < 10_000 ? new AbortController().signal : limited(milliseconds));
  // Solara leaves out of the address the path under which a proxy shows the pages.
  addEventListener("solara.router", () => {
    const under = window.solara?.rootPath ?? "";
    if (!location.pathname.startsWith(under)) history.replaceState(history.state, "", under + location.pathname + location.search + location.hash);
  });
})();
