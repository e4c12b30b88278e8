"""Who is who in a user's tables: ids as they are written, names, and the keys of the random streams.

An id may be any text or number. Chance draws by a key, a number of 31 bits (the search takes the other half of 32
for colleges): a whole number that fits is its own key; for any other id it is a hash of the text, on a collision the
next free number, in the order of the sorted ids. So the order of rows changes no draw.
"""

from __future__ import annotations

import hashlib
import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from abm.world.state import Keys

LARGEST_KEY = 2**31 - 1
"""A whole-number id up to this is its own key."""
_WHOLE = re.compile(r"([0-9]+)(?:\.0+)?")
SHORTENED = re.compile(r"[0-9](?:[.,][0-9]+)?[eE]\+[0-9]{1,3}")
"""What a spreadsheet makes of a long code: 4.11101E+09. The rest of its digits is lost."""
LARGEST_EXACT = 2**53
"""From here on a number in a spreadsheet or a float column is no longer exact."""


class Members(NamedTuple):
    """What the institutions of one kind are called by those who brought them; one entry a row."""

    id: npt.NDArray[np.int64] | list[str]
    """Whole numbers where all ids are, else texts."""
    name: list[str]
    """"" = none given."""

    def label(self, row: int) -> str:
        """Name and id, for a reader."""
        name, given = self.name[row], str(self.id[row])
        return f"{name} [{given}]" if name and name != given else given


def written(cell: Any) -> str:
    """An id as a text: without outer blanks, whole numbers without the fraction that tables add; "" = empty."""
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    text = unicodedata.normalize("NFC", str(cell)).strip()
    found = _WHOLE.fullmatch(text)
    return found[1] if found else text


def same(text: str) -> str:
    """What two ids share that mean the same: 007 and 7 do."""
    return (text.lstrip("0") or "0") if _WHOLE.fullmatch(text) else text


def keys(ids: Sequence[str]) -> Keys:
    """The key of each id (``same`` texts, unique). Shape [n]."""
    found = {text: int(text) for text in ids if text.isascii() and text.isdigit() and len(text) <= 10}
    found = {text: key for text, key in found.items() if key <= LARGEST_KEY}
    taken = set(found.values())
    for text in sorted(set(ids) - found.keys()):
        key = hashed(text)
        while key in taken:
            key = (key + 1) % (LARGEST_KEY + 1)
        taken.add(key)
        found[text] = key
    return np.array([found[text] for text in ids], np.uint32)


def hashed(text: str) -> int:
    """The key that a text asks for, if nobody has it."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=4).digest()) & LARGEST_KEY


def members(ids: Sequence[str], names: Sequence[str], order: Iterable[Any]) -> Members:
    """Ids and names of rows in the order in which they stand in the world."""
    rows = [int(row) for row in order]
    texts = [ids[row] for row in rows]
    are_whole = all(text == same(text) and text.isascii() and text.isdigit() and len(text) <= 18 for text in texts)
    return Members(np.array([int(t) for t in texts], np.int64) if are_whole else texts, [names[row] for row in rows])


def unnamed(n: int) -> Members:
    """Members of an invented world: their ids count the rows."""
    return Members(np.arange(n, dtype=np.int64), [""] * n)
