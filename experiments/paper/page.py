"""The table of the paper: for a terminal, and as a page of the documentation, in the language that is spoken."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from abm.machine.language import either, padded, say, spoken, wrapped
from abm.quarter.measurement.metrics import catalogue
from experiments.analysis.intervals import Interval
from experiments.paper import shown
from experiments.paper.judging import Judgement, Verdict
from experiments.paper.rows import IN_ORDER, LAST, Experiment, Row, Side, worlds
from experiments.paper.running import Table
from experiments.runs import identity

WIDE = 118
LONGEST = 140
"""Characters of one change; of longer ones (whole lists of rules) the first are shown, rows.toml has them all."""
_INDENT = " " * 15
HEADS = ("row", "paper", "claim", "in the model", "experiment", "effect", "asked", "verdict")


def effect_of(effect: Interval | None) -> str:
    """An effect with its interval; empty where nothing was run, a dash where it could not be measured."""
    if effect is None:
        return ""
    if not math.isfinite(effect.low):
        return "-"
    return f"{effect.value:+.3f} [{effect.low:+.3f}, {effect.high:+.3f}]"


def asked_for(experiment: Experiment) -> str:
    """Where the effect has to lie."""
    if experiment.sign == "exists":
        return say("off 0, at least {least} either way", least=f"{experiment.least:g}")
    if experiment.sign == "ordered":
        return say("in at least {share} of the seeds", share=f"{IN_ORDER:g}")
    return f"{'> ' if experiment.sign == '+' else '< -'}{experiment.least:g}"


def outcome_of(experiment: Experiment) -> str:
    """What is compared."""
    if experiment.shows:
        return either(experiment.named, experiment.named_zh)
    labels = [spoken(catalogue()[name].label) for name in experiment.outcome]
    if experiment.combine == "smaller":
        what = say("the smaller change of {a} and {b}", a=labels[0], b=labels[1])
    elif experiment.combine == "product":
        what = say("{a} times {b}", a=labels[0], b=labels[1])
    else:
        what = labels[0]
    if experiment.relative:
        what = say("{what}, change as a share of it", what=what)
    if experiment.start is None:
        return say("{what}, last {n} quarters", what=what, n=LAST)
    if experiment.end is None:
        return say("{what}, from quarter {start} on", what=what, start=experiment.start + 1)
    what = say("{what}, quarters {start} to {end}", what=what, start=experiment.start + 1, end=experiment.end)
    if experiment.before is None:
        return what
    start, end = experiment.before
    return say("{what}, as a share of its level in quarters {start} to {end}", what=what, start=start + 1, end=end)


def side_of(side: Side, world: str) -> str:
    """One side, in words: its world where that is another, and what is changed."""
    named = [] if side.world == world else [either(*worlds()[side.world][1:])]
    without = " ".join(sorted(key for key, value in side.changes if key in ("policies", "changes") and not value))
    if without:
        told = {
            "policies": say("without its policies"),
            "changes": say("without what changes on the way"),
            "changes policies": say("without its policies and what changes on the way"),
        }
        named.append(told[without])
    left = Side(side.world, tuple(change for change in side.changes if change[0] not in without.split())).said
    said = [change if len(change) <= LONGEST else change[:LONGEST].rsplit(", ", 1)[0] + " ..." for change in left]
    for change in said:
        rules = change.removeprefix("only ")
        named.append(f"`{rules}`" if rules == change else say("only {rules}", rules=f"`{rules}`"))
    return either(", ", "，").join(named) or say("as it is")


def contrast_of(experiment: Experiment) -> str:
    """What is held against what, where."""
    world, between = experiment.of.world, either("; ", "；")
    each = between.join(side_of(side, world) for side in experiment.each)
    if experiment.of == experiment.against:
        pair = between.join(filter(None, (side_of(experiment.of, world), each)))
        return say("{pair} ({world})", pair=pair, world=either(*worlds()[world][1:]))
    of, against = side_of(experiment.of, world), side_of(experiment.against, world)
    if experiment.shows and shown.is_one_sided(experiment.shows):
        # The other sides are drawn and are no part of the effect.
        pair = say("{pair}, beside {others}", pair=of, others=between.join(filter(None, (against, each))))
        return say("{pair} ({world})", pair=pair, world=either(*worlds()[world][1:]))
    pair = say("{of} against {against}", of=of, against=against)
    if each and experiment.shows:
        pair = say("{pair}, beside {others}", pair=pair, others=each)
    elif each:
        pair = say("{pair}, less each alone ({alone})", pair=pair, alone=each)
    return say("{pair} ({world})", pair=pair, world=either(*worlds()[world][1:]))


def experiment_of(experiment: Experiment | None) -> str:
    """What is compared of which worlds; empty for none."""
    if experiment is None:
        return ""
    return say("{a}: {b}", a=outcome_of(experiment), b=contrast_of(experiment))


def held(judgement: Judgement) -> str:
    """How the model holds a claim, or why it does not."""
    row = judgement.row
    if judgement.verdict is Verdict.DECLINED:
        return say("not modelled, because {why}", why=either(row.declined, row.declined_zh))
    what = either(row.mechanism, row.mechanism_zh)
    if judgement.verdict is Verdict.ABSENT:
        return say("not modelled yet: {what}", what=what)
    if row.shown_by:
        return say("{what}; shown by `{command}`, not judged here", what=what, command=row.shown_by)
    return what


def cited(row: Row) -> str:
    """Section and references."""
    return " ".join([row.section, *([f"[{', '.join(map(str, row.refs))}]"] if row.refs else [])])


def counted(judgements: Sequence[Judgement]) -> str:
    """The last line: how many rows have which verdict."""
    n = Counter(judgement.verdict for judgement in judgements)
    return say(
        "{n} of {all} rows strong, {weak} weak, {declined} declined, {absent} absent",
        n=n[Verdict.STRONG], all=len(judgements), weak=n[Verdict.WEAK], declined=n[Verdict.DECLINED],
        absent=n[Verdict.ABSENT],
    )  # fmt: skip


def text(judgements: Sequence[Judgement]) -> str:
    """One block a row."""
    lines: list[str] = []
    for j in judgements:
        row = j.row
        head = f"{row.number:>3} {padded(say(j.verdict.value), 11)}"
        lines += wrapped(f"{either(row.claim, row.claim_zh)} ({cited(row)})", WIDE, head, _INDENT)
        lines += wrapped(held(j), WIDE, _INDENT)
        if row.experiment is not None:
            lines += wrapped(experiment_of(row.experiment), WIDE, _INDENT)
        if row.experiment is not None and j.effect is not None:
            found = [effect_of(j.effect), asked_for(row.experiment)]
            lines.append(_INDENT + "; ".join(found + ([say(j.why)] if j.why else [])))
        elif j.why:
            lines.append(_INDENT + say(j.why))
    lines += ["", counted(judgements)]
    return "\n".join(lines)


def made_by(table: Table) -> str:
    """Where a table comes from."""
    first = table.seed * 1_000_000
    return say(
        "model {model}, seeds {first} to {last}, Python {python}",
        model=table.model, first=first, last=first + table.seeds - 1, python=table.made.get("python", "?"),
    )  # fmt: skip


def markdown(
    judgements: Sequence[Judgement], table: Table, figure: str, pictures: Mapping[int, str] | None = None
) -> str:
    """The page: what was asked, the picture, one row a claim. pictures: row -> file of its own picture."""
    lines = [
        f"# {say('The paper, claim by claim')}",
        "",
        say("Written by `abm paper --run` ({made}); do not edit.", made=made_by(table)),
        "",
        say(
            "Every claim of the review (H. Guo, on the integration of industry and education from the perspective of "
            "new quality productive forces) in our own words, and the experiment in which the model shows it. All "
            "sides of a comparison run under the same seeds, which were never used to tune anything; the effect is "
            "the mean difference, with its 95 % interval (Student's t). What is said of one world alone (a trend, an "
            "order, a distance from what was published) is measured in that world; a side that is named as "
            "beside others is run and drawn too, and what the effect is made of is said in front of the sides. A "
            "parameter that stands on both sides is one on which the claim builds and which is off (0) as shipped; the "
            "stake of row 18 (raised from 1 to 2) and the money of row 91 (matched) were set beforehand, on seeds 501 "
            "and on. A claim is strong if its whole interval lies "
            "beyond the least effect that counts, which was fixed beforehand, with Holm's correction over all claims "
            "that were run. A mechanism that is too weak, uncertain, goes the other way, or is not judged here is "
            "reported as weak. Of a claim that something exists, the interval has to lie off 0, on either side, "
            "and the effect itself has to be as large as what counts; of a claim that things come in an order, that "
            "order has to hold in at least .8 of the seeds (that share itself; its interval is Wilson's)."
        ),
        "",
        f"**{counted(judgements)}**",
        "",
        *([f"![{say('effects of all experiments')}]({figure})", ""] if figure else []),
        f"| {' | '.join(say(head) for head in HEADS)} |",
        "|---" * len(HEADS) + "|",
    ]
    for j in judgements:
        row, e = j.row, j.row.experiment
        verdict = f"**{say(j.verdict.value)}**" if j.verdict is Verdict.STRONG else say(j.verdict.value)
        cells = [
            str(row.number), cited(row), either(row.claim, row.claim_zh), held(j),
            experiment_of(e), effect_of(j.effect), "" if e is None else asked_for(e),
            say("{a}: {b}", a=verdict, b=say(j.why)) if j.why else verdict,
        ]  # fmt: skip
        if row.number in (pictures or {}):
            cells[-1] += f" ([{say('picture')}]({(pictures or {})[row.number]}))"
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join([*lines, ""])


def stale(table: Table) -> str:
    """What is said of a table that is not of this model, or of other experiments."""
    if table.model == identity.model():
        return say("stale: rows, worlds or how they are measured have changed since; `abm paper --run` renews it")
    return say("stale: this table is of model {model}; `abm paper --run` renews it", model=table.model)
