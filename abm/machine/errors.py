"""What is wrong with an input, where, why, and how to mend it.

Everything that a person hands to the model (a scenario file, a table, a name on the command line)
fails with an InputError. The ``abm`` command prints its message and leaves with exit code 2; nobody
has to read a traceback because of a typing error.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple


class InputError(ValueError):
    """An input that the model cannot use. ``str(error)`` is the whole message.

    what: the offending thing, such as "`rate` = 1.4"; place: where it stands, such as
    "policies[2] of guangdong.toml"; why: the reason; mend: what to do about it. code: which error it is, such as
    "scenario.unknown_key", the same whatever the words are; values: what the words are about, by name. Who translates
    or counts errors goes by these two.
    """

    def __init__(
        self,
        what: str,
        *,
        place: str = "",
        why: str = "",
        mend: str = "",
        code: str = "",
        values: Mapping[str, Any] | None = None,
    ) -> None:
        self.what, self.place, self.why, self.mend = what, place, why, mend
        self.code, self.values = code, dict(values or {})
        super().__init__(what, place, why, mend)

    def placed(self, place: str, kind: type[InputError] | None = None) -> InputError:
        """The same error at another place, which whoever asked knows better; of another kind if wanted."""
        return (kind or type(self))(
            self.what, place=place, why=self.why, mend=self.mend, code=self.code, values=self.values
        )

    def __str__(self) -> str:
        text = f"{self.what} in {self.place}" if self.place else self.what
        if self.why:
            text += f" {self.why}"
        if self.mend:
            # A list of what to mend stands on lines of its own.
            text += f":{self.mend}" if self.mend.startswith("\n") else f": {self.mend}"
        return text

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.what, self.place, self.why, self.mend, self.code, self.values)


class InputWarning(UserWarning):
    """An input that works, though not all of it acts. The ``abm`` command shows it as a line of its own."""


class ScenarioError(InputError):
    """A scenario that cannot be read, or whose parts do not fit together."""


class ParameterError(InputError):
    """A parameter that is not in the catalogue, or a value outside its range."""


class Problem(NamedTuple):
    """One thing that is wrong with a table."""

    place: str
    why: str
    mend: str


class TablesError(InputError):
    """Tables that cannot be used, with all that is wrong: the first problems, and how many more there are."""

    def __init__(self, problems: Sequence[Problem], untold: int = 0) -> None:
        self.problems, self.untold = tuple(problems), untold
        self.more = f"... and {untold:,} more" if untold else ""
        lines = [f"{place}: {why}; {mend}" for place, why, mend in self.problems]
        told = "\n  ".join(["", *lines, *([self.more] if untold else [])])
        super().__init__("the tables", why="cannot be used", mend=told)

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.problems, self.untold)


def _rebuild(
    kind: type[InputError], what: str, place: str, why: str, mend: str, code: str, values: dict[str, Any]
) -> InputError:
    return kind(what, place=place, why=why, mend=mend, code=code, values=values)


def with_unit(label: str, unit: str) -> str:
    """A quantity as a message names it: its unit in brackets, none ("1" or empty) for a plain number."""
    return f"{label} ({unit})" if unit not in ("", "1") else label


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint at the known names closest to ``name``: 'did you mean `x`?', or a list of them all."""
    known = list(known)
    close = difflib.get_close_matches(name, known, n=2, cutoff=0.6)
    if close:
        return "did you mean " + " or ".join(f"`{c}`" for c in close) + "?"
    if len(known) <= 20:
        return "known are " + ", ".join(f"`{k}`" for k in known)
    return "no name comes close to it"
