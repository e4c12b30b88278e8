"""Integration communities: how many there are, who is inside. They change once a year."""

from __future__ import annotations

import numpy as np

from abm.quarter.measurement.metrics import Metric, Seen, share
from abm.world.state import Floats

METRICS = (
    Metric(
        "n_candidates",
        "candidate communities",
        "候选共同体数",
        "communities",
        0,
        1e6,
        "Clusters that meet the conditions but not yet long enough.",
        "paper 5.2",
    ),
    Metric(
        "n_communities",
        "integration communities",
        "产教融合共同体数",
        "communities",
        0,
        1e6,
        "Established communities.",
        "paper 5.2",
    ),
    Metric(
        "n_self_sustaining",
        "self-sustaining communities",
        "自我维持共同体数",
        "communities",
        0,
        1e6,
        "Established communities in which every member gains without public money.",
        "paper 5.2 P3",
    ),
    Metric(
        "community_share",
        "institutions inside communities",
        "共同体内机构占比",
        "1",
        0,
        1,
        "Enterprises and colleges inside established communities over all.",
    ),
    Metric(
        "candidate_share",
        "institutions inside candidates",
        "候选共同体内机构占比",
        "1",
        0,
        1,
        "Enterprises and colleges inside candidates or communities over all.",
    ),
    Metric(
        "self_sustaining_share",
        "institutions inside self-sustaining communities",
        "自我维持共同体内机构占比",
        "1",
        0,
        1,
        "Enterprises and colleges inside self-sustaining communities over all.",
        "[6]",
    ),
    Metric(
        "enterprise_community_share",
        "enterprises inside communities",
        "共同体内企业占比",
        "1",
        0,
        1,
        "Enterprises inside established communities.",
    ),
    Metric(
        "college_community_share",
        "colleges inside communities",
        "共同体内院校占比",
        "1",
        0,
        1,
        "Colleges inside established communities.",
    ),
    Metric(
        "members_output",
        "output of communities' members",
        "共同体成员的人均产出",
        "share of the frontier",
        0,
        1,
        "Technology times fit of graduates at work with enterprises inside established communities, mean half a year "
        "after graduation; NaN without any.",
        "[20]",
    ),
)

REGIONAL = (
    Metric(
        "n_communities",
        "integration communities",
        "产教融合共同体数",
        "communities",
        0,
        1e6,
        "Established communities with most members in the region.",
    ),
    Metric(
        "community_share",
        "institutions inside communities",
        "共同体内机构占比",
        "1",
        0,
        1,
        "Enterprises and colleges of the region inside established communities.",
    ),
    Metric(
        "candidate_share",
        "institutions inside candidates",
        "候选共同体内机构占比",
        "1",
        0,
        1,
        "The same, candidates included.",
    ),
    Metric(
        "self_sustaining_share",
        "institutions inside self-sustaining communities",
        "自我维持共同体内机构占比",
        "1",
        0,
        1,
        "The same, self-sustaining communities only.",
    ),
)


def measure(seen: Seen) -> dict[str, float]:
    """Counts of communities and shares of institutions."""
    n, communities = seen.nation, seen.state.communities
    established = [c for c in communities if c.established >= 0]
    candidates, inside, sustaining = seen.members[:, -1].tolist()
    return {
        "n_candidates": float(len(communities) - len(established)),
        "n_communities": float(len(established)),
        "n_self_sustaining": float(sum(c.is_self_sustaining for c in established)),
        "community_share": inside,
        "candidate_share": candidates,
        "self_sustaining_share": sustaining,
        "enterprise_community_share": share(n.in_community_enterprises, n.enterprises),
        "college_community_share": share(n.in_community_colleges, n.colleges),
        "members_output": share(n.member_output, n.member_recorded),
    }


def by_region(seen: Seen) -> dict[str, Floats]:
    """The same by region; a community counts where most of its members sit."""
    counts = np.zeros(seen.sums.shape[0] - 1)
    for c in seen.state.communities:
        if c.established >= 0:
            counts[c.region] += 1.0
    candidates, inside, sustaining = seen.members[:, :-1]
    return {
        "n_communities": counts,
        "community_share": inside,
        "candidate_share": candidates,
        "self_sustaining_share": sustaining,
    }
