// Colours and sizes of all views. Blue is integrated, the more the deeper; vermilion is failed; grey and hollow is none of it;
// everything else is numbered. tests/dashboards/test_palette.py tries all of them against colour blindness.

const LIGHT = {
  paper: "#ffffff", ink: "#1c1d1f", soft: "#5c6166", rule: "#dadcdf", wash: "#f1f2f3", shade: "#8b9096",
  integrated: "#0072B2", failed: "#D55E00",
};
const DARK = {
  paper: "#15181b", ink: "#f2f2f0", soft: "#adb3b9", rule: "#363c42", wash: "#22272b", shade: "#7c838a",
  integrated: "#2E93D1", failed: "#E8762B",
};

// Fills of communities, always numbered as well: none is that of what is integrated, failed or outside. Where there are more
// communities than fills, the fills come again with a mark (dashboards/views/memberships.py).
export const COMMUNITIES = ["#009E73", "#E69F00", "#882255", "#88CCEE", "#332288", "#DDCC77"];
const HATCHED = [null, "diagonal", "level"];
export const STAGES = [0, 0.3, 0.6, 1]; // how much of blue a stage has

export const FONT = 'system-ui, "Segoe UI", Roboto, "Noto Sans", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif';

export function look(theme, isProjected, width) {
  const colours = theme === "dark" ? DARK : LIGHT;
  const sizes = isProjected
    ? { least: 24, small: 24, text: 26, head: 34, number: 56, line: 4, hair: 2, mark: 3 }
    : { least: 9, small: 12, text: 14, head: 20, number: 34, line: 2.5, hair: 1, mark: 1.5 };
  return {
    ...colours, ...sizes, theme, isProjected, isNarrow: width < 34 * sizes.text,
    stages: STAGES.map((share) => mixed(colours.wash, colours.integrated, share)),
    community: (i) => (i >= 0 ? COMMUNITIES[i % COMMUNITIES.length] : colours.shade),
    // 0 = plain, 1 and 2 = the same fill with a mark.
    turn: (i) => Math.max(0, Math.floor(i / COMMUNITIES.length)) % HATCHED.length,
    hatch: (i) => HATCHED[Math.max(0, Math.floor(i / COMMUNITIES.length)) % HATCHED.length],
  };
}

// A share in the language of the view.
export function percent(look, share) {
  return Number.isFinite(share) ? filled(look.words.percent, { n: Math.round(100 * share) }) : "–";
}

export function number(value) {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size >= 1000) return Math.round(value).toLocaleString("en");
  return size >= 100 ? value.toFixed(0) : size >= 10 ? value.toFixed(1) : value.toFixed(2);
}

// A word with {holes} filled in.
export function filled(words, values) {
  return words.replace(/\{(\w+)\}/g, (hole, name) => (name in values ? values[name] : hole));
}

// The mixture of two colours "#rrggbb", the share t of the second.
export function mixed(a, b, t) {
  const part = (c, i) => parseInt(c.slice(1 + 2 * i, 3 + 2 * i), 16);
  return "#" + [0, 1, 2].map((i) => Math.round(part(a, i) + t * (part(b, i) - part(a, i))).toString(16).padStart(2, "0")).join("");
}

// Black or white, whichever is read more easily on a fill.
export function inkOn(fill) {
  const [r, g, b] = [0, 1, 2].map((i) => {
    const c = parseInt(fill.slice(1 + 2 * i, 3 + 2 * i), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.22 ? "#1c1d1f" : "#ffffff";
}
