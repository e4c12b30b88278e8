"""What a view draws at one moment: arrays and words, as one binary message."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from abm.world.state import Floats
    from dashboards.live.frames import Frame, History, World

KINDS = {
    np.dtype(np.float32): "f4", np.dtype(np.int32): "i4", np.dtype(np.int16): "i2", np.dtype(np.uint16): "u2",
    np.dtype(np.uint8): "u1", np.dtype(np.int8): "i1",
}  # fmt: skip
"""Array kinds that a message carries; others are narrowed to the first two."""

Table = tuple[list[str], list[list[Any]]]
"""Head and rows of the numbers behind a picture."""


@dataclass(frozen=True)
class Seen:
    """What a view may look at: a moment of a run, and the language in which to speak of it."""

    world: World
    history: History
    frame: Frame
    step: int
    language: str

    def metric(self, name: str) -> Floats:
        """A national series up to the moment. Shape [step]; empty before the first step."""
        return self.history.metric(name, self.step) if self.history.steps else np.empty(0)

    def regional(self, name: str) -> Floats:
        """A regional series up to the moment. Shape [step, R]."""
        if not self.history.steps:
            return np.empty((0, len(self.world.region_names)))
        return self.history.regional(name, self.step)

    def last(self, name: str) -> float:
        """The last value of a national metric that could be measured; NaN if none could."""
        values = self.metric(name)
        known = values[np.isfinite(values)]
        return float(known[-1]) if len(known) else float("nan")


@dataclass(frozen=True)
class Style:
    """How a view is shown, and who hears what is chosen in it."""

    theme: str = "light"
    is_projected: bool = False
    selected: int = -1
    """Row of a region, -1 = none."""
    on_act: Callable[[str, Any], None] | None = None
    """Hears ("region", row), ("moment", step), ("apply", {"key": lever, "value"})."""

    def traits(self) -> dict[str, Any]:
        """The same as traits of a LiveCanvas."""
        return {
            "theme": self.theme, "is_projected": self.is_projected, "selected": self.selected, "on_act": self.on_act,
        }  # fmt: skip


PLAIN = Style()


@dataclass(frozen=True)
class Scene:
    """What a drawing module gets, and the same for those who do not see it."""

    label: str = ""
    """One sentence with the number that the picture shows."""
    words: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Numbers and words by name."""
    arrays: Mapping[str, npt.NDArray[Any]] = field(default_factory=dict[str, npt.NDArray[Any]])
    """One or two dimensions each."""
    table: Callable[[], Table] | None = None
    """The picture as a table, made when asked for."""

    def message(self) -> tuple[dict[str, Any], list[bytes]]:
        """The message to the browser and its buffers."""
        arrays: list[Sequence[Any]] = []
        buffers: list[bytes] = []
        for name, values in self.arrays.items():
            narrow = _narrowed(values)
            arrays.append((name, KINDS[narrow.dtype], narrow.shape))
            buffers.append(narrow.tobytes())
        return {"meta": {**self.words, "label": self.label}, "arrays": arrays}, buffers


def _narrowed(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """An array of a kind that a message carries."""
    if values.dtype in KINDS:
        return np.ascontiguousarray(values)
    return values.astype(np.float32 if values.dtype.kind == "f" else np.int32)


def yearly_sums(values: Floats, quarters: int = 4) -> Floats:
    """Sums over the last ``quarters`` rows at each row (fewer at the start). Along the first axis."""
    total = np.cumsum(values, axis=0)
    total[quarters:] = total[quarters:] - total[:-quarters]
    return total
