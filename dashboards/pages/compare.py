"""Compare: two runs of one scenario and seed under one clock; what differs, the policies caused in this seed."""

from __future__ import annotations

import math
from collections.abc import Callable
from html import escape
from typing import Any

import solara

from abm.quarter.measurement.metrics import catalogue
from dashboards.controls import content
from dashboards.controls.bench import Bench
from dashboards.controls.parts import Difference, Seen, Tabs
from dashboards.controls.steering import ChooserBar, LeverPanel, NoWorld, TimeBar, use_address
from dashboards.controls.trial import use_trial
from dashboards.controls.views import ViewOf, is_shown
from dashboards.live import shares
from dashboards.live.feed import Feed, use_feed
from dashboards.live.frames import Snapshot
from dashboards.live.paired import SEEDS, Paired, check_paired, paired
from dashboards.live.run import PAUSED, STANDING, LiveRun
from dashboards.live.session import Session, use_session
from dashboards.words import say
from dashboards.words.vocabulary import as_said

PATH, LABEL, ORDER = "compare", "pages.compare", 30

MEASURES = (
    "failed_share", "mean_formal_depth", "mean_substantive_depth", "blame_rate", "community_share",
    "self_sustaining_share", "field_related_share", "skill_mismatch", "spent_total_kcny",
)  # fmt: skip
COUNTED = tuple(sorted({of for name in MEASURES for of in shares.COUNTED.get(name, ())} - set(MEASURES)))
"""What else is wanted of a run, for shares of a whole year."""
VIEWS = ("tile_map", "causes", "depth")
"""Views side by side below the verdicts and the difference."""
OF_A, OF_B = "is-of-world is-a", "is-of-world is-b"
"""Classes of a view: it bears the letter of its world, and stands beside its twin."""


class Pair:
    """Two benches that start from one scenario and keep step."""

    def __init__(self, session: Any, query: str) -> None:
        self.a = Bench(session, query)
        self.b = Bench(session, self.a.link.second())
        self._matched = self.a.run.value
        self.match()

    def match(self) -> None:
        """Give B the world of A from the start where A has got another, and let them walk together."""
        first = self.a.run.value
        is_other = first is not self._matched or self.b.run.value is None
        if first is not None and is_other:
            if self.b.run.value is None or self.a.world() != self.b.world():
                self.b.follow(self.a)
            self._matched = first
        second = self.b.run.value
        if first is not None and second is not None:
            first.walk_with(second)
            second.walk_with(first)

    def query(self) -> str:
        """The link to both worlds at the moment shown."""
        return self.a.query(self.b)

    def again(self) -> None:
        """Try once more what could not be begun."""
        for bench in (self.a, self.b):
            if bench.run.value is None:
                bench.again()
        self.match()

    def reset(self, settings: dict[str, Any] | None = None) -> None:
        """Both from the start again, without what was changed on the way."""
        self.a.reset(settings)
        self.b.reset()
        self.match()


@solara.component
def Page() -> None:  # noqa: N802
    """The visitor's pair, made at the first look and found again afterwards."""
    session = use_session()
    query = solara.use_router().search or ""

    def pair_of() -> Pair:
        if "compare" not in session.kept:
            session.kept["compare"] = Pair(session, query)
        return session.kept["compare"]

    pair = solara.use_memo(pair_of, [])
    first, second = pair.a.run.value, pair.b.run.value
    solara.use_effect(pair.match, [id(first)])
    solara.HTML("h1", escape(session.say(LABEL)), classes=["abm-hidden"])
    ChooserBar(pair.a, pair.query)
    solara.Text(session.say("compare.both"), classes=["abm-soft"])
    if first is None or second is None:
        NoWorld(pair.again)
    else:
        Both(pair, first, second).key(f"{id(first)} {id(second)}")


@solara.component
def Both(pair: Pair, first: LiveRun, second: LiveRun) -> None:  # noqa: N802
    """Both columns, their difference, and the levers of the one that is chosen."""
    session = use_session()
    a, b = use_feed(first), use_feed(second)
    looks = pair.a.looks.value
    side = 0 if looks.get("steer") == "a" else 1

    def steer(row: int) -> None:
        pair.a.look("steer", "" if row else "a")

    Clock(pair, a, b)
    Heard(b)
    if not (is_shown(a, "chooser.waiting") and is_shown(b, "chooser.waiting")):
        return
    with solara.Div(classes=["abm-lab"]):
        with solara.Div(classes=["abm-views"]):
            with solara.Div(classes=["is-wide", "abm-pair"]):
                Head(session.say("compare.a"), a)
                Head(session.say("compare.b"), b)
            with solara.Div(classes=["is-wide"]):
                Differences(pair, a, b)
            for view in VIEWS:
                ViewOf(view, a, -1, _ignore, OF_A).key(f"{view}-a")
                ViewOf(view, b, -1, _ignore, OF_B).key(f"{view}-b")
        with solara.Div(classes=["abm-side"]):
            names = [session.say("compare.steer", world=letter) for letter in "AB"]
            Tabs(names=names, chosen=side, label=session.say("levers.levers"), event_choose=steer)
            Steering((pair.a, pair.b)[side], (a, b)[side], a).key(f"levers-{side}")


@solara.component
def Clock(pair: Pair, first: Feed, second: Feed) -> None:  # noqa: N802
    """The transport bar of both, and the link to the moment shown."""
    told, other = first.told.value, second.told.value

    standing = STANDING if other.phase in STANDING else ()
    changes = (first.run.changes, second.run.changes)
    use_address(told, standing, lambda: pair.a.address(pair.b), [other.phase, changes, pair.a.looks.value])
    TimeBar(first, [first.run, second.run], pair.reset)


@solara.component
def Heard(feed: Feed) -> None:  # noqa: N802
    """Tells the feed whose time is not shown that its texts are drawn."""
    Seen(number=feed.told.value.number, event_seen=lambda number: feed.written(int(number)))


@solara.component
def Steering(bench: Bench, feed: Feed, lead: Feed) -> None:  # noqa: N802
    """The levers of one of the two worlds; ``lead`` is the one whose time is shown."""
    is_past = lead.told.value.phase == PAUSED and feed.told.value.step < feed.run.head
    LeverPanel(bench, is_past, feed.run.course, feed.run.scenario_now(), is_of_pair=True)


@solara.component
def Head(name: str, feed: Feed) -> None:  # noqa: N802
    """One of the two worlds: its name, what was changed in it, its verdict."""
    with solara.Div(classes=["abm-column"]):
        with solara.Div(classes=["abm-column-head"]):
            solara.Text(name, classes=["abm-column-name"])
            Moves(feed)
        ViewOf("verdict", feed, -1, _ignore)


@solara.component
def Moves(feed: Feed) -> None:  # noqa: N802
    """What was changed in a world on the way."""
    session, _told = use_session(), feed.told.value
    found = [content.change_text(session, change) for change in feed.run.changes]
    solara.Text(session.say("comma").join(found), classes=["abm-soft"])


def _ignore(name: str, value: Any) -> None:
    """Nothing can be chosen in a comparison."""


@solara.component
def Differences(pair: Pair, first: Feed, second: Feed) -> None:  # noqa: N802
    """The table of measures and the one that is drawn."""
    session = use_session()
    measure = pair.a.looks.value.get("measure")
    chosen = measure if measure in MEASURES else MEASURES[0]
    a, b = first.told.value.snapshot or first.latest, second.told.value.snapshot or second.latest
    step = 0 if a is None or b is None else min(a.step, b.step)
    language = session.language.value
    moment = (first.run.changes, second.run.changes, step)
    trial = use_trial(
        lambda wish, tell, is_unwanted: paired(
            first.run.scenario, second.run.scenario, wish[-1], (*MEASURES, *COUNTED), tell, is_unwanted
        ),
        moment,
        check=lambda wish: check_paired(first.run.scenario, second.run.scenario, wish[-1]),
        is_over=lambda: first.run.is_over or second.run.is_over,
    )  # fmt: skip

    def test() -> None:
        # What is asked of a moment is shown beside it: both stay there.
        for run in (first.run, second.run):
            run.seek(step)
        trial.ask()

    outcome = trial.outcome
    came = solara.use_memo(lambda: None if outcome is None else as_shown(outcome, language), [outcome, language])
    # The page is drawn anew while a test is under way, too, and nothing of this has become another then.
    rows = solara.use_memo(lambda: _rows(session, a, b, step, came), [a, b, step, came, language])
    line_a, line_b, bands = solara.use_memo(
        lambda: _lines(session, a, b, step, chosen, came), [a, b, step, chosen, came, language]
    )
    if a is None or b is None:
        return
    Difference(
        rows=rows,
        chosen=chosen,
        a=line_a,
        b=line_b,
        horizon=first.run.scenario.steps,
        share=session.say("percent", n="{n}") if _is_share(chosen) else "",
        bands=bands,
        isTesting=trial.is_running,
        hasBegun=step > 0,
        progress=trial.told(session),
        spoken=trial.spoken(session),
        caution=session.say("compare.people") if first.run.played or second.run.played else "",
        words=session.words("compare"),
        event_test=lambda *_: test(),
        event_choose=lambda name: pair.a.look("measure", "" if name == MEASURES[0] else str(name)),
    )


def _rows(
    session: Session, a: Snapshot | None, b: Snapshot | None, step: int, came: Paired | None
) -> list[dict[str, str]]:
    """The table of measures at a step, with what holds over several seeds where that was asked."""
    if a is None or b is None:
        return []
    language = session.language.value
    rows = [_row(_label(session, name), name, a, b, step, language) for name in MEASURES]
    return rows if came is None else [row | {"over": over(came, row["name"], language)} for row in rows]


def _lines(
    session: Session, a: Snapshot | None, b: Snapshot | None, step: int, name: str, came: Paired | None
) -> tuple[list[float | None], list[float | None], dict[str, Any] | None]:
    """What is drawn of a measure: a line for each world, and bands of several seeds."""
    if a is None or b is None:
        return [], [], None
    first, second = (_series(of, name, step, session.language.value) for of in (a, b))
    return first, second, None if came is None else _bands(session, came, name)


def _label(session: Session, name: str) -> str:
    """What a measure is called, with the span that it is of or its unit where that is not the quarter or a share."""
    if name == "spent_total_kcny":
        return session.say("compare.money", what=content.metric_label(session, "spent_total"))
    label = content.metric_label(session, name)
    return session.say("compare.last_year", what=label) if name in shares.COUNTED else label


def as_shown(came: Paired, language: str) -> Paired:
    """What came of several seeds as the page has its measures."""
    first, second = (
        {name: _measured(side.__getitem__, name, language) for name in MEASURES} for side in (came.a, came.b)
    )
    return came._replace(a=first, b=second)


def _measured(metric: Callable[[str], Any], name: str, language: str) -> Any:
    """A measure at each step: shares of negotiations of the last year, money in the unit of its label."""
    values = shares.over_a_year(metric, name)
    return as_said(values, language) if name.endswith("_kcny") else values


def _series(snapshot: Snapshot, name: str, step: int, language: str = "en") -> list[float | None]:
    values = _measured(lambda of: snapshot.history.metric(of, step), name, language)
    return [float(v) if math.isfinite(v) else None for v in values]


def _row(label: str, name: str, a: Snapshot, b: Snapshot, step: int, language: str = "en") -> dict[str, str]:
    last = [next((v for v in reversed(_series(s, name, step, language)) if v is not None), None) for s in (a, b)]
    digits, scale = _digits(name)
    first, second = (None if value is None else round(scale * value, digits) for value in last)

    def told(value: float | None) -> str:
        if value is None:
            return "–"
        number = f"{value + 0.0:,.{digits}f}"
        return say(language, "percent", n=number) if _is_share(name) else number

    # Of the numbers as they are shown: a reader who subtracts them finds it.
    apart = None if first is None or second is None else round(second - first, digits)
    difference = ("+" if apart is not None and apart > 0 else "") + told(apart)
    return {
        "name": name, "label": label, "a": told(first), "b": told(second), "difference": difference.replace("-", "−"),
    }  # fmt: skip


def _bands(session: Session, came: Paired, name: str) -> dict[str, Any]:
    """What is drawn of several seeds."""
    sides = {key: came.band(side, name) for key, side in (("a", came.a), ("b", came.b))}
    return {
        "head": session.say("compare.over_seeds", n=SEEDS),
        "told": session.say("compare.band", n=SEEDS, first=came.first_seed, last=came.first_seed + SEEDS - 1),
        **{key: {"low": low, "high": high} for key, (low, high) in sides.items()},
    }


def over(came: Paired, name: str, language: str) -> str:
    """B less A over several seeds with its interval, in the units of the other columns."""
    mean, low, high, n = came.apart(name)
    if n == 0:
        return "–"
    digits, scale = _digits(name)
    known = (mean,) if n == 1 else (mean, low, high)
    # A zero that is shown has no sign.
    rounded = [round(scale * value, digits) + 0.0 for value in known]
    shown = [f"{value:{'+' if value else ''},.{digits}f}".replace("-", "−") for value in rounded]
    told = shown[0] if n == 1 else f"{shown[0]} [{shown[1]}, {shown[2]}]"
    return say(language, "percent", n=told) if _is_share(name) else told


def _digits(name: str) -> tuple[int, float]:
    """Digits of a measure behind the point, and by how much it is multiplied."""
    return (0, 100.0) if _is_share(name) else (2, 1.0) if catalogue()[name].high <= 1 else (0, 1.0)


def _is_share(name: str) -> bool:
    """Whether a measure is shown in percent, as the verdict and the pictures show it."""
    entry = catalogue()[name]
    return entry.high <= 1 and entry.unit in ("1", "1/quarter")
