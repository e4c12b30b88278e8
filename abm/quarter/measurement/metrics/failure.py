"""Coordination failure: tables that close or fail, why, and blame where they closed."""

from __future__ import annotations

import numpy as np

from abm.machine.kernels import kernel
from abm.quarter.measurement.metrics import Metric, Seen, share, shares
from abm.quarter.measurement.tally import FAILED_BY
from abm.world.state import Floats
from abm.world.vocabulary import CAUSES

_BY_CAUSE = tuple(f"failed_by_{cause}" for cause in CAUSES)

METRICS = (
    Metric(
        "n_tables",
        "negotiations",
        "谈判数",
        "negotiations/quarter",
        0,
        1e7,
        "Negotiations concluded and invitations declined this quarter, without reviews.",
    ),
    Metric(
        "agreement_rate",
        "agreement rate",
        "达成率",
        "1",
        0,
        1,
        "Negotiations signed of one's own will over all.",
        "paper 3.2",
    ),
    Metric(
        "ordered_rate",
        "signed by order",
        "指令签约率",
        "1",
        0,
        1,
        "Negotiations signed because a mandate asked for it over all.",
        "[5]",
    ),
    Metric(
        "failed_share",
        "failed negotiations",
        "谈判失败率",
        "1",
        0,
        1,
        "Negotiations without a contract, declined invitations included, over all.",
        "paper 3.2",
    ),
    *(
        Metric(
            f"failed_by_{cause}",
            f"failed by {cause.replace('_', ' ')}",
            f"失败主因：{CAUSES.label(cause, 'zh')}",
            "1",
            0,
            1,
            "Of failed negotiations: those that it failed, in parts where causes share a failure.",
            "paper 3.2-3.4",
        )
        for cause in CAUSES
    ),
    Metric(
        "one_sided_keenness",
        "one-sided keenness",
        "一头热程度",
        "1",
        0,
        1,
        "Declined invitations over all, those without room included.",
        "[12]",
    ),
    Metric(
        "no_room",
        "invitations without room",
        "无名额邀请数",
        "invitations/quarter",
        0,
        1e7,
        "Invitations that nobody declined and that were dropped because one side had no room for a further partner.",
    ),
    Metric(
        "no_room_share",
        "invitations without room, share",
        "无名额邀请占比",
        "1",
        0,
        1,
        "Invitations dropped for lack of room over all that nobody declined.",
    ),
    Metric(
        "blame_rate",
        "blame rate",
        "推诿率",
        "1/quarter",
        0,
        1,
        "Blames over contracts served this quarter, those that blame ended included.",
        "[3]",
    ),
    Metric(
        "fines",
        "fines",
        "处罚数",
        "fines/quarter",
        0,
        1e7,
        "Sides of contracts that an audit found below the standard of effort.",
        "paper 5.4",
    ),
)

REGIONAL = (
    Metric(
        "failed_share",
        "failed negotiations",
        "谈判失败率",
        "1",
        0,
        1,
        "Failed negotiations over all of the enterprises in the region.",
    ),
    Metric("agreement_rate", "agreement rate", "达成率", "1", 0, 1, "Negotiations signed of one's own will over all."),
    Metric(
        "main_cause",
        "main cause of failure",
        "主要失败原因",
        "index",
        0,
        len(CAUSES) - 1,
        "Index in vocabulary.CAUSES of the cause of most failures (the first on ties); NaN without failures.",
    ),
    Metric(
        "no_room",
        "invitations without room",
        "无名额邀请数",
        "invitations/quarter",
        0,
        1e7,
        "Invitations from or to enterprises of the region that were dropped for lack of room.",
    ),
    Metric(
        "no_room_share",
        "invitations without room, share",
        "无名额邀请占比",
        "1",
        0,
        1,
        "Invitations dropped for lack of room over all that nobody declined.",
    ),
)


def measure(seen: Seen) -> dict[str, float]:
    """Rates over this quarter's tables."""
    n = seen.nation
    blames = seen.flow("blames_by_enterprises") + seen.flow("blames_by_colleges")
    no_room = seen.flow("no_room")
    by_cause = seen.sums[-1, FAILED_BY:].tolist()
    return {
        "n_tables": n.tables,
        "agreement_rate": share(n.agreements, n.tables),
        "ordered_rate": share(n.ordered, n.tables),
        "failed_share": share(n.failed, n.tables),
        **{name: share(count, n.failed) for name, count in zip(_BY_CAUSE, by_cause, strict=True)},
        "one_sided_keenness": share(n.declined, n.invitations + no_room),
        "no_room": no_room,
        "no_room_share": share(no_room, n.invitations - n.declined + no_room),
        "blame_rate": share(blames, seen.flow("served")),
        "fines": seen.flow("fines_enterprises") + seen.flow("fines_colleges"),
    }


def by_region(seen: Seen) -> dict[str, Floats]:
    """The same by region of the enterprise."""
    r = seen.regions
    no_room = seen.state.regional.get("no_room", np.full(len(r.tables), np.nan))
    return {
        "failed_share": shares(r.failed, r.tables),
        "agreement_rate": shares(r.agreements, r.tables),
        "main_cause": _most_frequent(seen.sums[:-1, FAILED_BY:]),
        "no_room": no_room.copy(),
        "no_room_share": shares(no_room, r.invitations - r.declined + no_room),
    }


@kernel
def _most_frequent(counts):
    """Index of each region's largest count, the first on ties; NaN where all are 0. Shape [R, causes] -> [R]."""
    found = np.empty(counts.shape[0])
    for r in range(counts.shape[0]):
        largest, found[r] = 0.0, np.nan
        for i in range(counts.shape[1]):
            if counts[r, i] > largest:
                largest, found[r] = counts[r, i], i
    return found
