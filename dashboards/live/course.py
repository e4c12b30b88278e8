"""What a visitor changed in a run, as a list that can be gone through backwards: undo, redo, remove one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from abm.scenario.changes import Change

Changes = tuple[Change, ...]
MOST_KEPT = 200
"""Steps that can be undone."""


@dataclass(frozen=True)
class Course:
    """The changes of a run, those before the last steps, and those that an undo took back."""

    changes: Changes = ()
    """In the order in which they were decided."""
    before: tuple[Changes, ...] = ()
    undone: tuple[Changes, ...] = ()

    def moved(self, step: int, values: Mapping[str, Any]) -> Course:
        """With other values from ``step`` on, whatever was changed later; moved twice in a row there, once is told."""
        kept = self.changes
        while kept and kept[-1].start == step and kept[-1].key in values:
            kept = kept[:-1]
        return self._to((*kept, *(Change(step, key, value) for key, value in values.items())))

    def without(self, change: Change) -> Course:
        """Without one change; as it is where there is none such."""
        kept = tuple(c for c in self.changes if c != change)
        return self._to(kept) if kept != self.changes else self

    def back(self) -> Course:
        """As it was before the last step."""
        if not self.before:
            return self
        return Course(self.before[-1], self.before[:-1], (*self.undone, self.changes))

    def forth(self) -> Course:
        """With the step that was undone last."""
        if not self.undone:
            return self
        return Course(self.undone[-1], (*self.before, self.changes), self.undone[:-1])

    def _to(self, changes: Changes) -> Course:
        return Course(changes, (*self.before, self.changes)[-MOST_KEPT:])


def parts_at(old: Changes, new: Changes) -> int | None:
    """The quarter from which two lists of changes give different runs; None where they are the same."""
    if old == new:
        return None
    starts = sorted({change.start for change in (*old, *new)})
    # Those that act at one quarter act in the order in which they were decided.
    at = (start for start in starts if [c for c in old if c.start == start] != [c for c in new if c.start == start])
    return next(at, None)
