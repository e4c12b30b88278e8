// Fill, pattern and glyph of each cause of failure: the same in every picture. The colour is the kind of obstacle:
// what is wanted (purple, grey), trust (vermilion), rules and money (orange), seeing each other (sky).

export const CAUSES = {
  no_common_interest: { fill: "#8b9096", hatch: null, glyph: "○" },
  several: { fill: "#8b9096", hatch: "cross", glyph: "+" },
  skill_mismatch: { fill: "#CC79A7", hatch: null, glyph: "≠" },
  distrust: { fill: "#D55E00", hatch: null, glyph: "!" },
  poaching: { fill: "#D55E00", hatch: "diagonal", glyph: "↗" },
  cold_partner: { fill: "#D55E00", hatch: "dots", glyph: "~" },
  evaluation: { fill: "#E69F00", hatch: null, glyph: "★" },
  funding: { fill: "#E69F00", hatch: "level", glyph: "¥" },
  policy_inconsistency: { fill: "#E69F00", hatch: "cross", glyph: "§" },
  communication_cost: { fill: "#56B4E9", hatch: null, glyph: "…" },
  unidentified_interest: { fill: "#56B4E9", hatch: "back", glyph: "?" },
};
