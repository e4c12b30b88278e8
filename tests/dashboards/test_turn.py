"""What takes long is worked out one at a time, in the order in which it was asked for; whoever waits is told so, no
turn is lost by one who leaves, and whatever goes wrong is said."""

from __future__ import annotations

import re
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
import solara
from solara.util import CancelledError, cancel_guard

from abm.machine.errors import InputError
from abm.scenario import load
from dashboards.controls.bench import Bench
from dashboards.controls.trial import SPEAK_EVERY, Progress, Trial, use_trial
from dashboards.live.feed import use_feed
from dashboards.live.lever_tests import check_worlds
from dashboards.live.paired import check_paired
from dashboards.live.session import Session, provide_session
from dashboards.live.turn import LOOK, Unwanted, in_turn, is_taken
from dashboards.pages import compare, lab
from tests.dashboards.browser import visiting
from tests.dashboards.opened import at, holds, part, until

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::DeprecationWarning")
SMALL = "scenario=classroom&set=population.n_enterprises=60&set=population.n_colleges=12&set=population.n_students=900"
LANGUAGES = ("en", "zh")


def test_a_turn_is_waited_for_and_left_when_unwanted() -> None:
    with in_turn(lambda: False), pytest.raises(Unwanted), in_turn(lambda: True):
        pass
    waited: list[None] = []
    with in_turn(lambda: True, lambda: waited.append(None)):
        assert is_taken() and not waited, "whoever finds the turn free takes it"
    assert not is_taken()


def test_a_turn_is_not_lost_by_one_who_leaves_while_it_is_given_away() -> None:
    """Both leave at once, as pages of one browser do: the holder gives the turn back to one that is being ended."""

    def ended(cancelled: threading.Event, work: Callable[[], object]) -> None:
        try:
            with cancel_guard(cancelled), in_turn(lambda: False):
                work()
        except CancelledError:
            pass

    for pause in (0.0, 0.25, 0.5, 0.75, 1.0) * 2:
        has_begun, is_done, leaves = threading.Event(), threading.Event(), threading.Event()

        def hold(has_begun: threading.Event = has_begun, is_done: threading.Event = is_done) -> None:
            with in_turn(lambda: False):
                has_begun.set()
                is_done.wait()

        holder = threading.Thread(target=hold)
        waiter = threading.Thread(target=ended, args=(leaves, time.sleep))
        holder.start()
        has_begun.wait()
        waiter.start()
        time.sleep(0.02 + pause * LOOK)
        leaves.set()
        is_done.set()
        for thread in (holder, waiter):
            thread.join(10)
            assert not thread.is_alive()
        assert not is_taken(), pause


def test_those_who_wait_are_served_in_the_order_in_which_they_came() -> None:
    served: list[int] = []
    waiting: list[int] = []

    def wait(number: int) -> None:
        with in_turn(lambda: False, lambda: waiting.append(number)):
            served.append(number)

    with in_turn(lambda: False):
        threads = [threading.Thread(target=wait, args=(number,)) for number in range(5)]
        for number, thread in enumerate(threads):
            thread.start()
            until(lambda number=number: len(waiting) == number + 1)
        # One that goes on does not hold up those behind it.
        with pytest.raises(Unwanted), in_turn(lambda: True):
            pass
    for thread in threads:
        thread.join(30)
    assert served == waiting == list(range(5)) and not is_taken()


Made = Trial[Any]


@contextmanager
def page(work: Callable[..., Any], **options: Any) -> Iterator[Callable[[], Made]]:
    """A page on which something may be asked for; gives how it stands."""
    made: list[Made] = []

    @solara.component
    def Page() -> None:  # noqa: N802
        made.append(use_trial(work, "now", **options))

    _, context = solara.render(Page(), handle_error=False)
    try:
        yield lambda: made[-1]
    finally:
        context.close()


def test_who_waits_is_told_so_and_the_time_left_is_counted_from_the_turn() -> None:
    goes_on = threading.Event()
    lefts: list[float] = []

    def slow(wish: object, tell: Callable[[int, int], object], is_unwanted: Callable[[], bool]) -> str:
        goes_on.wait(60)
        return "slow"

    def quick(wish: object, tell: Callable[[int, int], object], is_unwanted: Callable[[], bool]) -> str:
        tell(0, 2)
        time.sleep(0.6)
        tell(1, 2)
        until(lambda: second().progress.done == 1)
        lefts.append(second().progress.left)
        return "quick"

    session = Session("ann")
    with page(slow) as first, page(quick) as second:
        first().ask()
        until(is_taken)
        until(lambda: first().told(session) == session.say("trial.starting"))
        second().ask()
        until(lambda: second().progress.is_waiting)
        said: set[str] = set()
        for language in LANGUAGES:
            session.language.value = language
            told = second().told(session)
            assert told == second().spoken(session) == session.say("trial.waiting") != session.say("trial.starting")
            said.add(told)
        assert len(said) == 2 and second().is_running and not second().outcome
        time.sleep(2.5)
        goes_on.set()
        until(lambda: second().outcome == "quick")
        assert first().outcome == "slow"
        assert 0.5 < lefts[0] < 1.5, "not what it waited"
        assert not is_taken()


def test_progress_is_read_out_once_in_a_while_only(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr("dashboards.controls.trial.time", SimpleNamespace(monotonic=lambda: clock[0]))
    heard: set[Progress] = set()
    told: set[Progress] = set()

    def work(wish: object, tell: Callable[[int, int], object], is_unwanted: Callable[[], bool]) -> str:
        for done in range(41):
            clock[0] = float(done)
            tell(done, 40)
            until(lambda done=done: trial().progress.done == done)
            heard.add(trial().heard)
            told.add(trial().progress)
        return "it"

    session = Session("ann")
    with page(work) as trial:
        trial().ask()
        until(lambda: trial().outcome == "it")
        assert len(told) == 41 and len(heard) == 1 + 40 // SPEAK_EVERY
        assert trial().told(session) == ""
        assert trial().spoken(session) == session.say("trial.done")
        assert trial().spoken(session, "More trust.") == "More trust."


def failing(error: Exception) -> Callable[..., object]:
    def fail(*_: object) -> object:
        raise error

    return fail


@pytest.mark.parametrize("error", [MemoryError(), ZeroDivisionError("of a rule"), InputError("x", why="y", mend="z")])
def test_whatever_goes_wrong_is_said_and_gives_the_turn_back(error: Exception) -> None:
    session = Session("ann")
    with page(failing(error)) as trial:
        trial().ask()
        until(lambda: trial().error is not None and not trial().is_running)
        said = set[str]()
        for language in LANGUAGES:
            session.language.value = language
            expected = session.told(error) if isinstance(error, InputError) else session.say("trial.failed")
            assert trial().told(session) == trial().spoken(session) == expected
            said.add(expected)
        assert len(said) == 2 and not is_taken()
    # Asked again, it is worked out again.
    with page(lambda *_: "well") as trial:
        trial().ask()
        until(lambda: trial().outcome == "well")
        assert trial().told(session) == ""


def test_what_may_not_be_worked_out_waits_for_no_turn() -> None:
    with in_turn(lambda: False), page(lambda *_: "it", check=failing(InputError("too long"))) as trial:
        trial().ask()
        until(lambda: trial().error is not None)
        assert trial().outcome is None


def test_what_is_worked_out_is_not_traced_line_by_line_and_ends_with_its_page() -> None:
    traced: list[object] = []
    ended = threading.Event()

    def work(wish: object, tell: Callable[[int, int], object], is_unwanted: Callable[[], bool]) -> str:
        traced.append(sys.gettrace())
        while not is_unwanted():
            time.sleep(0.01)
        ended.set()
        raise Unwanted

    with page(work) as trial:
        before = sys.gettrace()
        trial().ask()
        until(lambda: traced)
    assert ended.wait(30) and traced == [before]
    until(lambda: not is_taken())


def lever_tests(session: Session) -> Callable[[], None]:
    bench = Bench(session, SMALL)

    @solara.component
    def Part() -> None:  # noqa: N802
        run = bench.run.value
        assert run is not None
        lab.Mended(use_feed(run), lambda _: None)

    at(bench, 4)
    return Part


def comparison(session: Session) -> Callable[[], None]:
    pair = compare.Pair(session, SMALL)

    @solara.component
    def Part() -> None:  # noqa: N802
        first, second = pair.a.run.value, pair.b.run.value
        assert first is not None and second is not None
        compare.Differences(pair, use_feed(first), use_feed(second))

    at(pair.a, 4)
    at(pair.b, 4)
    return Part


@pytest.mark.parametrize(
    ("what", "place", "event"),
    [(lever_tests, "in_this_world", "test"), (lever_tests, "in_worlds", "worlds"), (comparison, "paired", "test")],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_test_on_a_page_takes_the_turn_and_says_what_went_wrong(
    what: Callable[[Session], Callable[[], None]],
    place: str,
    event: str,
    language: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    session = Session("ann")
    session.language.value = language
    module = compare if place == "paired" else lab
    taken: list[bool] = []

    def fail(*_: object) -> object:
        taken.append(is_taken())
        raise MemoryError

    monkeypatch.setattr(module, place, fail)
    inside = what(session)

    @solara.component
    def Around() -> None:  # noqa: N802
        provide_session(session)
        inside()

    box, context = solara.render(Around(), handle_error=False)
    try:
        until(lambda: holds(box, "progress"))
        with in_turn(lambda: False):
            getattr(part(box, "progress"), f"vue_event_{event}")({})
            until(lambda: session.say("trial.waiting") in said(box))
            assert not taken
        until(lambda: session.say("trial.failed") in said(box))
        assert taken == [True] and not is_taken()
        assert session.say("trial.failed") in spoken(box)
    finally:
        context.close()
        session.end_all()


def said(box: Any) -> list[str]:
    """What stands on a part of a page of how far a test is."""
    progress = part(box, "progress").progress
    return progress if isinstance(progress, list) else [progress]


def spoken(box: Any) -> list[str]:
    """What a screen reader is given of it."""
    text = part(box, "progress").spoken
    return text if isinstance(text, list) else [text]


def test_worlds_in_which_a_test_takes_too_long_are_refused_by_name() -> None:
    session = Session("ann")
    large = load("china").with_overrides(**{"population.scale": 0.5})
    for check, command in (
        (lambda: check_worlds(large, 40), "abm advise"),
        (lambda: check_paired(large, large, 80), "abm compare"),
    ):
        with pytest.raises(InputError) as refused:
            check()
        for language in LANGUAGES:
            session.language.value = language
            said = session.told(refused.value)
            assert command in said and re.search(r"\d,\d{3}", said)
            assert bool(re.search("[\u4e00-\u9fff]", said)) == (language == "zh")
    for name in ("china", "guangdong", "three_eras"):
        world = load(name)
        check_worlds(world, world.steps)
        check_paired(world, world, world.steps)


@pytest.mark.slow
def test_a_second_visitor_waits_is_told_so_and_has_the_turn_when_the_first_has_left(browser: Any, address: str) -> None:
    button, waiting = "Test all levers in eight worlds", Session("ann").say("trial.waiting")
    with visiting(browser, address) as first, visiting(browser, address) as second, visiting(browser, address) as third:
        for visitor in (first, second, third):
            visitor.open(f"lab?{SMALL}&step=8").page.get_by_role("button", name=button).wait_for()
        first.page.get_by_role("button", name=button).click()
        first.page.get_by_text(re.compile(r"of \d+ runs")).wait_for(timeout=60_000)
        for visitor in (second, third):
            visitor.page.get_by_role("button", name=button).click()
            visitor.page.locator("p.abm-mend-progress", has_text=waiting).wait_for()
        # One that works and one that waits leave at once.
        first.page.close()
        second.page.close()
        third.page.locator(".is-of-worlds tbody tr").first.wait_for(timeout=150_000)
        assert not third.complaints
