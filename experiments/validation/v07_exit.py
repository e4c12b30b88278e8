"""V7: orders deepen the paper, subsidies buy ties for as long as they last, reform and supervision build what stays."""

from __future__ import annotations

from experiments.validation._pattern import Effect, Pattern, Run, Runs, package, world

_END, _STEPS = 44, 100
_SERIOUS = "substantive_depth_per_enterprise"


def _fall(run: Run, name: str = "n_ties") -> float:
    """Share of the last two years before the exit that is gone in the last three years of the run."""
    before = run.mean(name, _END - 8, _END)
    return 1.0 - run.last(name, 12) / before


def _difference(name: str, of: str, start: int, end: int):
    return lambda runs: runs[of].mean(name, start, end) - runs["none"].mean(name, start, end)


def _kept(runs: Runs) -> float:
    """Substance above the world without policy long after the exit: built by reform minus bought by subsidy."""
    return runs["reform"].last(_SERIOUS, 12) - runs["subsidy"].last(_SERIOUS, 12)


PATTERN = Pattern(
    number="V7",
    statement="A mandate raises formal depth, not substance; subsidy-built ties fall after exit, "
    "reform-and-supervision-built ones stay",
    source="[5]; Wang, Liu & Dai 2024",
    worlds={
        "none": world(policies=(), steps=_STEPS),
        "mandate": world(policies=({"rule": "mandate", "level": 3, "from": 4, "until": _END},), steps=_STEPS),
        "subsidy": world(policies=({"rule": "subsidy", "rate": 0.5, "from": 4, "until": _END},), steps=_STEPS),
        "reform": world(policies=package(4, until=_END, ramp=4), steps=_STEPS),
    },
    effects=(
        Effect("formal depth, mandate - none", _difference("mean_formal_depth", "mandate", 12, _END), above=0.1),
        Effect(
            "substantive depth a contract, mandate - none",
            _difference("mean_substantive_depth", "mandate", 12, _END),
            below=0.02,
        ),
        Effect("contracts, subsidy - none, before exit", _difference("n_ties", "subsidy", 24, _END), above=0),
        Effect("share of contracts lost after exit, subsidy", lambda runs: _fall(runs["subsidy"]), above=0.1),
        Effect("share of substance lost after exit, reform", lambda runs: _fall(runs["reform"], _SERIOUS), below=0.35),
        Effect("substance an enterprise long after, reform - subsidy", _kept, above=0.1),
    ),
)
