"""What was tried and what came out, as a row of the page."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

MOST_TOLD = 20
"""Falls told of one row."""


@dataclass
class Tally:
    """One row: a part of the attack, how often it was tried, what came out."""

    part: str
    what: str
    tried: int = 0
    seconds: float = 0.0
    came: Counter[str] = field(default_factory=Counter[str])
    """How the tries ended, in words."""
    fell: list[str] = field(default_factory=list[str])
    """What should not have happened; must be empty."""
    n_fell: int = 0

    def end(self, how: str) -> None:
        """One try ended as it may."""
        self.tried += 1
        self.came[how] += 1

    def fall(self, what: str) -> None:
        """One try ended as it must not."""
        self.tried += 1
        self.n_fell += 1
        if len(self.fell) < MOST_TOLD:
            self.fell.append(what)

    def check(self, is_so: bool, how: str, what: str) -> None:
        """One try that had to end in one way."""
        if is_so:
            self.end(how)
        else:
            self.fall(what)

    def to_json(self) -> str:
        """For the process that asked."""
        return json.dumps(vars(self))

    @classmethod
    def from_json(cls, text: str) -> Tally:
        """What another process counted."""
        about: dict[str, Any] = json.loads(text)
        return cls(**{**about, "came": Counter(about["came"])})
