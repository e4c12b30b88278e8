"""How sentences of an answer begin, and how numbers stand in them."""

from __future__ import annotations


def begun(words: str) -> str:
    """Words as a sentence begins with them; their own capitals stay."""
    return words[:1].upper() + words[1:]


def number(value: float, *, digits: int = 3, sign: str = "") -> str:
    """A number with so many digits, written out where it is large. sign: "+" where it is always said."""
    text = f"{value:{sign}.{digits}g}"
    return f"{float(text):{sign},.0f}" if "e+" in text else text
