"""How resilient are integration communities?

A world that the reform package has brought to deep integration is struck after fifteen years: its hubs leave
(colleges, or enterprises), skill demand jumps, or all policies end at once. Every struck run is held against
the run under the same seed that is spared.
"""

from __future__ import annotations

from abm import scenario
from experiments.analysis._runs import rows
from experiments.analysis._worlds import SPARED, names_of, series_by, shocked
from experiments.analysis.resilience import resilience
from experiments.questions import Reply, Setting
from experiments.questions._asking import provenance, study

TITLE = "How resilient communities are"
CAVEATS = (
    "Hubs that leave are not replaced: nobody founds a college or an enterprise in the model.",
    "Size and date of the shocks are assumptions.",
)
LABELS = {
    "substantive_depth_per_place": "substantive depth a place",
    "field_related_share": "share of field-related jobs",
}
COMMUNITIES = "n_communities"
AT, STEPS, HUBS = 60, 120, 0.1


def ask(setting: Setting) -> Reply:
    """Strike the reform package's world, with and without each shock."""
    world = scenario.load("reform_package").with_overrides(steps=STEPS)
    design = shocked(world, AT, HUBS, 10 if setting.is_quick else 40, [*LABELS, COMMUNITIES])
    done = study(setting, design)
    names = names_of(design)
    found = resilience(
        series_by(done, "shock", names), {name: AT for name in names if name != SPARED}, list(LABELS), spared=SPARED,
        communities=COMMUNITIES, labels=LABELS,
    )  # fmt: skip
    return Reply(
        found.answer(), found.tables, found.figures(), len(done.summary()), provenance([design]), found.caveats,
        conclusions={
            f"{row['shock']}: {LABELS[row['response']]}": "lost" if row["is_lost"] else "not told"
            for row in rows(found.summary)
        },
    )  # fmt: skip
