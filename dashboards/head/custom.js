// Before the first paint: the look that this visitor chose last time. Kept in this browser only.
(() => {
  const kept = (name, otherwise) => { try { return localStorage.getItem(`abm.${name}`) ?? otherwise; } catch { return otherwise; } };
  const root = document.documentElement;
  const language = kept("language", navigator.language.startsWith("zh") ? "zh" : "en");
  root.dataset.theme = kept("theme", "light");
  root.dataset.projected = kept("projected", "false");
  root.lang = language === "zh" ? "zh-CN" : "en";
  window.abm = {
    choices: () => ({ theme: root.dataset.theme, language: root.lang.startsWith("zh") ? "zh" : "en", is_projected: root.dataset.projected === "true" }),
    choose(name, value) {
      try { localStorage.setItem(`abm.${name}`, String(value)); } catch { /* Private windows may refuse: the choice lasts for this page. */ }
      if (name === "language") root.lang = value === "zh" ? "zh-CN" : "en";
      else root.dataset[name] = String(value);
    },
  };
  // Solara leaves out of the address the path under which a proxy shows the pages.
  addEventListener("solara.router", () => {
    const under = window.solara?.rootPath ?? "";
    if (!location.pathname.startsWith(under)) history.replaceState(history.state, "", under + location.pathname + location.search + location.hash);
  });
})();
