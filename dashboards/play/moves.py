"""What phones may send, and how it is read: whatever does not fit is refused before the game hears of it."""

from __future__ import annotations

import json
import math
import unicodedata
from typing import Any, cast

from abm.world.vocabulary import N_LEVELS
from dashboards.play.table import ACCEPT, OFFER, TAKE_BACK, WALK, Refused

MOST_BYTES = 2048
"""Of one message."""
LONGEST_ID = 40
LONGEST_NAME = 16
MOST_ROWS = 1_000_000
HOST_DOES = ("start", "next", "pause", "go_on", "more", "card", "free", "end")


def read(text: str) -> dict[str, Any]:
    """A message as an object. Refused for what is none."""
    if len(text) > MOST_BYTES:
        raise Refused("malformed")
    try:
        found: Any = json.loads(text)
    except (ValueError, RecursionError):
        raise Refused("malformed") from None
    if not isinstance(found, dict):
        raise Refused("malformed")
    return cast("dict[str, Any]", found)


def move(message: dict[str, Any]) -> dict[str, Any]:
    """The entry of a player's move. Refused (malformed) for what cannot be one."""
    do, name = message.get("do"), message.get("id")
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST_ID:
        raise Refused("malformed")
    entry: dict[str, Any] = {"do": do, "id": name}
    if do in ("invite", "drop"):
        entry["row"] = _whole(message, "row")
    elif do in (OFFER, ACCEPT):
        entry |= {key: _whole(message, key, least=-MOST_ROWS) for key in ("level", "tenths")}
        entry["table"] = _whole(message, "table")
    elif do in (WALK, TAKE_BACK):
        entry["table"] = _whole(message, "table")
    elif do == "effort":
        if type(message.get("earnest")) is not bool:
            raise Refused("malformed")
        entry |= {"row": _whole(message, "row"), "earnest": message["earnest"]}
    elif do == "rule":
        entry |= {key: _share(message.get(key), most) for key, most in (("share", 0.8), ("ceiling", 1), ("audits", 1))}
    elif do == "thresholds":
        least = message.get("least")
        if not isinstance(least, list) or len(cast("list[object]", least)) != N_LEVELS:
            raise Refused("malformed")
        entry["least"] = [_share(value, 1.0) for value in cast("list[object]", least)]
    elif do == "vote":
        entry["card"] = _word(message, "card")
    elif do != "done":
        raise Refused("malformed")
    return entry


def host(message: dict[str, Any]) -> dict[str, Any]:
    """The entry of what the host does."""
    do = message.get("do")
    if do not in HOST_DOES:
        raise Refused("malformed")
    entry: dict[str, Any] = {"do": do}
    if do == "card":
        entry["card"] = _word(message, "card")
    elif do == "next":
        entry["part"] = _word(message, "part")
    elif do == "free":
        entry["n"] = _whole(message, "n")
    return entry


def name(value: object) -> str:
    """A name as it is shown: letters, figures and few signs, cut to its length; empty for none."""
    if not isinstance(value, str):
        return ""
    kept = "".join(c for c in value[:200] if unicodedata.category(c)[0] in "LN" or c in " -.·'")
    return " ".join(kept.split())[:LONGEST_NAME].strip()


def _whole(message: dict[str, Any], key: str, least: int = 0) -> int:
    value = message.get(key)
    if type(value) is not int or not least <= value <= MOST_ROWS:
        raise Refused("malformed")
    return value


def _share(value: object, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise Refused("malformed")
    if not 0.0 <= value <= most:
        raise Refused("malformed")
    return round(float(value), 4)


def _word(message: dict[str, Any], key: str) -> str:
    value = message.get(key)
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_ID:
        raise Refused("malformed")
    return value
