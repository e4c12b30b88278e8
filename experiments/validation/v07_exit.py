"""V7: orders deepen the paper, subsidies buy ties for as long as they last, reform and supervision build what stays."""

from __future__ import annotations

from collections.abc import Callable

from experiments.validation._pattern import Effect, Pattern, Run, Runs, package, world

_END, _STEPS = 44, 100
_SUBSTANCE = "substantive_depth_per_enterprise"


def _order_based(run: Run, start: int, end: int | None = None) -> float:
    """Mean number of contracts at level 3 or deeper over quarters."""
    return sum(run.mean(f"n_ties_level_{level}", start, end) for level in (3, 4, 5))


def _bought(runs: Runs) -> float:
    """Contracts at level 3 or deeper that the subsidy adds to the world without policy, before the exit."""
    return _order_based(runs["subsidy"], _END - 12, _END) - _order_based(runs["none"], _END - 12, _END)


def _lost(runs: Runs) -> float:
    """How many of those it added are gone in the last three years."""
    return _bought(runs) - (_order_based(runs["subsidy"], -12) - _order_based(runs["none"], -12))


def _stays(runs: Runs) -> float:
    """Of the substance that reform added to the world without policy, the share there in the last three years."""
    reform, none = runs["reform"], runs["none"]
    built = reform.mean(_SUBSTANCE, _END - 12, _END) - none.mean(_SUBSTANCE, _END - 12, _END)
    return (reform.last(_SUBSTANCE, 12) - none.last(_SUBSTANCE, 12)) / built


def _difference(name: str, of: str, start: int, end: int) -> Callable[[Runs], float]:
    return lambda runs: runs[of].mean(name, start, end) - runs["none"].mean(name, start, end)


def _kept(runs: Runs) -> float:
    """Substance above the world without policy long after the exit: built by reform minus bought by subsidy."""
    return runs["reform"].last(_SUBSTANCE, 12) - runs["subsidy"].last(_SUBSTANCE, 12)


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
    note="Under a mandate substance a contract rises by about a sixth of what formal depth does: even who shirks does "
    "something, and of a deeper contract that is more. How many bought ties fall after the exit differs much from seed "
    "to seed.",
    effects=(
        Effect("formal depth, mandate - none", _difference("mean_formal_depth", "mandate", 12, _END), above=0.1),
        Effect(
            "substantive depth a contract, mandate - none",
            _difference("mean_substantive_depth", "mandate", 12, _END),
            below=0.02,
        ),
        Effect("contracts at level 3 or deeper, subsidy - none, before the exit", _bought, above=0),
        Effect("of these, gone in the last three years", _lost, above=0),
        Effect("share of the substance added by reform that stays", _stays, above=0.5),
        Effect("substance an enterprise long after, reform - subsidy", _kept, above=0.1),
    ),
)
