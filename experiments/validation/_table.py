"""The table of patterns, for a terminal and for the documentation."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version

import abm
from abm.machine.language import padded, say, spoken
from abm.results.folder import commit
from experiments.validation._runner import Finding, Outcome


def asked(finding: Finding) -> str:
    """Where the effect must lie, in words; empty for one that is only reported."""
    above, below = finding.effect.above, finding.effect.below
    if above is not None and below is not None:
        return say("between {low} and {high}", low=f"{above:g}", high=f"{below:g}")
    if above is not None:
        return say("above {low}", low=f"{above:g}")
    return "" if below is None else say("below {high}", high=f"{below:g}")


def _verdict(finding: Finding) -> str:
    if not asked(finding):
        return say("reported")
    return say("it holds" if finding.holds else "DOES NOT HOLD")


def text(outcomes: Sequence[Outcome], *, is_of_targets: bool = False) -> str:
    """One block a pattern: what it claims, its effects with their intervals, whether they hold."""
    lines: list[str] = []
    for outcome in outcomes:
        pattern = outcome.pattern
        held = padded(say("it holds" if outcome.holds else "DOES NOT HOLD"), 15)
        lines.append(f"{pattern.number:<4}{held}{spoken(pattern.statement)}")
        for f in outcome.findings:
            lines.append(f"{'':<8}{spoken(f.effect.name)}: {f.mean:.3f} [{f.low:.3f}, {f.high:.3f}]")
            lines.append(f"{'':<12}{' - '.join(part for part in (asked(f), _verdict(f)) if part)}")
    n_held = sum(outcome.holds for outcome in outcomes)
    held = say(
        "{n} of {all} published figures are met" if is_of_targets else "{n} of {all} patterns hold",
        n=n_held, all=len(outcomes),
    )  # fmt: skip
    lines.append(f"\n{held}")
    return "\n".join(lines)


TUNED_ON = range(1, 7)
"""Seeds under which somebody looked at the patterns while parameters were settled."""


TARGETS = "--targets "
"""What the command of the published figures has more."""


def markdown(outcomes: Sequence[Outcome], seeds: range) -> str:
    """The table of patterns as a page of the documentation; the same inputs and sources give the same bytes."""
    opening = (
        "Every pattern runs its worlds under the same seeds, so that they share all draws that they can. The effect "
        "is the mean over seeds, with its 95 % interval (Student's t). A pattern holds if the whole interval of each "
        "of its effects lies where it must; an effect without a bound is only reported.",
        "",
        "Parameters that no source gives, and what exactly is compared, were settled by looking at these patterns with "
        f"seeds {TUNED_ON[0]} to {TUNED_ON[-1]}: the table shows that one set of parameters shows them together, "
        "not that they were foretold.",
    )
    return _page("Validation", "", ("pattern", "hold"), opening, outcomes, seeds)


def markdown_of_targets(outcomes: Sequence[Outcome], seeds: range) -> str:
    """The table of published figures as a page of the documentation."""
    from experiments.analysis.wording import begun
    from experiments.validation._targets import NOT_ASKED, targets

    opening = (
        "Published figures (`experiments/validation/targets.csv`), and what the model gives for each; no statistical "
        "fit was made. `fit`: parameters were set by hand with the figure in view; `check`: nothing was. The mean is "
        "over seeds, with its 95 % interval (Student's t); a figure is met if the whole interval lies where it must. "
        "What is compared, and its bounds, stood fixed before these seeds were run.",
    )
    page = _page("Published figures", TARGETS, ("figure", "are met"), opening, outcomes, seeds)
    quantity = {target.id: target.quantity for target in targets()}
    left_out = [f"- {begun(quantity[name])}. {why}" for name, why in NOT_ASKED.items()]
    return page + "\n".join(["", "## Not asked", "", *left_out, ""])


def _page(
    title: str,
    more: str,
    words: tuple[str, str],
    opening: Sequence[str],
    outcomes: Sequence[Outcome],
    seeds: range,
) -> str:
    """more: what the command has beside the seeds; words: what a row is, what is said of one that holds."""
    what, do = words
    is_fresh = seeds.start >= TUNED_ON.stop
    fresh = f", none of which is among {TUNED_ON[0]} to {TUNED_ON[-1]}, under which parameters were settled"
    held = sum(outcome.holds for outcome in outcomes)
    lines = [
        f"# {title}",
        "",
        f"Written by `abm validate {more}--first-seed {seeds[0]} --seeds {len(seeds)} --out FILE`, "
        f"with industry-education-abm {abm.__version__} "
        f"(commit {commit() or 'unknown'}), NumPy {version('numpy')}, numba {version('numba')}; "
        f"seeds {seeds[0]} to {seeds[-1]}{fresh if is_fresh else ''}. Do not edit.",
        "",
        *opening,
        "",
        f"{held} of {len(outcomes)} {what}s {do}.",
        "",
        f"| # | {what} | source | effect | mean [95 % interval] | must be | |",
        "|---|---|---|---|---|---|---|",
    ]
    for outcome in outcomes:
        pattern = outcome.pattern
        head = f"| {pattern.number} | {pattern.statement}: **{'holds' if outcome.holds else 'does not hold'}** "
        head += f"| {pattern.source} "
        for f in outcome.findings:
            cells = f"| {f.effect.name} | {f.mean:.3f} [{f.low:.3f}, {f.high:.3f}] | {asked(f)} | {_verdict(f)} |"
            lines.append(head + cells)
            head = "| | | "
    notes = [f"**{o.pattern.number}.** {o.pattern.note}" for o in outcomes if o.pattern.note]
    if notes:
        lines += ["", "## Notes", ""]
        lines += "\n\n".join(notes).split("\n")
    return "\n".join(lines) + "\n"
