"""Mesa agents as views of rows: the columns own the state, an agent reads and writes its row.

Nothing here is made before somebody asks. Every column of abm.world.state becomes an attribute of the
agent of its kind: `enterprise.technology = 0.9` writes the column, `enterprise.aims` is the row.
Whole numbers that point at another agent are its row in that kind's columns.
"""

from __future__ import annotations

import multiprocessing
from random import Random
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import numpy as np

from abm.world import state as columns

_start_method = multiprocessing.get_start_method(allow_none=True)
import mesa  # noqa: E402

if multiprocessing.get_start_method(allow_none=True) != _start_method:
    # Mesa 3.3 sets the start method of the whole program to spawn when imported; that is the user's to choose.
    multiprocessing.set_start_method(_start_method, force=True)

if TYPE_CHECKING:
    from abm.population.identity import Members

STUDENT_COLUMNS = ("motivation", "ability", "practice", "employer", "match", "field", "status", "hired_at")
"""Columns of Students with one value a student (skills has K, offsets and entry_step belong to cohorts)."""


class Holder(Protocol):
    """What views and sets of them ask of the model that holds them."""

    state: columns.State
    random: Random

    def agent(self, kind: type[View], row: int) -> Any:
        """The agent of a row."""
        ...

    def members(self, kind: str) -> Members | None:
        """Ids and names of a kind, by row; None for students."""
        ...

    def first_id(self, kind: type[View]) -> int:
        """unique_id of row 0 of a kind."""
        ...

    def column(self, kind: type[View], name: str) -> Any:
        """The column behind an attribute, one entry a row, or None if there is none."""
        ...


class View(mesa.Agent):
    """A row of one kind of stakeholder, as a Mesa agent. Two views of one row are equal."""

    kind: ClassVar[str]
    """Attribute of State that holds the columns."""
    model: Any  # a Holder; Mesa declares its own Model here

    def __init__(self, model: Holder, row: int) -> None:
        # Mesa's own __init__ would register the agent; rows exist already, so a view only points at one.
        self.model = model
        self.row = row
        self.unique_id = model.first_id(type(self)) + row
        self.pos = None

    @property
    def given_id(self) -> Any:
        """Its id in the tables that the world was made from; `id` is the key of its draws. None for a student."""
        members = self.model.members(self.kind)
        return None if members is None else members.id[self.row]

    @property
    def given_name(self) -> str:
        """What it is called in those tables; empty if they do not say, and for a student."""
        members = self.model.members(self.kind)
        return "" if members is None else members.name[self.row]

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.model is self.model and other.unique_id == self.unique_id

    def __hash__(self) -> int:
        return hash((self.unique_id, id(self.model)))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.row})"

    def remove(self) -> None:
        """Refused: rows are the world's."""
        raise TypeError(f"{self!r} cannot be removed: the columns of a world have a fixed number of rows")


def _column(kind: str, name: str) -> property:
    def read(self: View) -> Any:
        return getattr(getattr(self.model.state, kind), name)[self.row]

    def write(self: View, value: Any) -> None:
        getattr(getattr(self.model.state, kind), name)[self.row] = value

    return property(read, write, doc=f"Column {kind}.{name} of this row.")


def _columns(kind: str, fields: tuple[str, ...]) -> Any:
    def decorate(cls: type[View]) -> type[View]:
        cls.kind = kind
        for name in fields:
            setattr(cls, name, _column(kind, name))
        return cls

    return decorate


@_columns("governments", columns.Governments._fields)
class Government(View):
    """A local government: one a region; its row is the region's number."""


@_columns("colleges", columns.Colleges._fields)
class College(View):
    """A college: it teaches, and looks for enterprises to cooperate with."""

    @property
    def partners(self) -> list[Enterprise]:
        """Enterprises with a running contract, by row."""
        ties = self.model.state.ties
        rows, _ = np.nonzero((ties.college == self.row) & (ties.level > 0))
        return [self.model.agent(Enterprise, int(row)) for row in rows]

    @property
    def programmes(self) -> dict[str, Any]:
        """Every column of its programmes, by field. Shape [S, ...] each; writing into one writes the world."""
        state = self.model.state
        n = len(state.sectors.demand)
        mine = slice(self.row * n, (self.row + 1) * n)
        return {name: column[mine] for name, column in state.programmes._asdict().items()}


@_columns("enterprises", columns.Enterprises._fields)
class Enterprise(View):
    """An enterprise: it employs graduates, and remembers the colleges it has worked with."""

    @property
    def partners(self) -> list[College]:
        """Colleges with a running contract, in slot order."""
        ties = self.model.state.ties
        rows = ties.college[self.row][ties.level[self.row] > 0]
        return [self.model.agent(College, int(row)) for row in rows]

    @property
    def ties(self) -> dict[str, Any]:
        """Every column of its remembered relations. Shape [H] each; writing into one writes the world."""
        return {name: column[self.row] for name, column in self.model.state.ties._asdict().items()}


class Student(View):
    """A student: a place in a yearly cohort. A view outlives its student and then refuses to read."""

    kind = "students"

    def __init__(self, model: Holder, row: int) -> None:
        places = model.state.students.motivation.shape[1]
        self.model = model
        self.cohort, self.place = divmod(row, places)
        self.entered = int(model.state.students.entry_step[self.cohort])
        self.row = row
        # A cohort's slot is reused every four years; the entry year tells its students apart.
        year = self.entered // columns.QUARTERS_A_YEAR + columns.COHORTS
        self.pos = None
        self.unique_id = model.first_id(Student) + year * places + self.place

    @property
    def is_present(self) -> bool:
        """Whether the student is still in the model."""
        return int(self.model.state.students.entry_step[self.cohort]) == self.entered

    def present(self) -> columns.Students:
        """The columns, if the student is still in the model; a LookupError if not."""
        if not self.is_present:
            raise LookupError(
                f"the student with unique_id {self.unique_id} has left the model "
                f"(entered at step {self.entered}); ask the model's agents again"
            )
        return self.model.state.students

    @property
    def college(self) -> int:
        """Row of the college."""
        return self.programme // len(self.model.state.sectors.demand)

    @property
    def programme(self) -> int:
        """Row of the programme: college * fields + field."""
        return int(np.searchsorted(self.present().offsets[self.cohort], self.place, side="right")) - 1

    @property
    def entry_step(self) -> int:
        """Step of the intake, negative for those enrolled before step 0."""
        return self.entered

    @property
    def skills(self) -> np.ndarray[Any, np.dtype[np.float32]]:
        """Mastered share of each skill field. Shape [K]."""
        return self.present().skills[:, self.cohort, self.place]

    @skills.setter
    def skills(self, value: Any) -> None:
        self.present().skills[:, self.cohort, self.place] = value

    def __setattr__(self, name: str, value: Any) -> None:
        if "unique_id" in self.__dict__ and name not in self.__dict__ and not hasattr(type(self), name):
            raise AttributeError(
                f"a Student has no column {name!r}: its view is made anew every time, so that only columns are kept"
            )
        super().__setattr__(name, value)


def _student_column(name: str) -> property:
    def read(self: Student) -> Any:
        return getattr(self.present(), name)[self.cohort, self.place]

    def write(self: Student, value: Any) -> None:
        getattr(self.present(), name)[self.cohort, self.place] = value

    return property(read, write, doc=f"Column students.{name} of this student.")


for _name in STUDENT_COLUMNS:
    setattr(Student, _name, _student_column(_name))

KINDS: tuple[type[View], ...] = (Government, College, Enterprise, Student)
