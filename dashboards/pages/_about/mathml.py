"""Equations for the page, from a small notation to MathML that browsers draw themselves, without a network.

    u_E = ∑_m w_m y_m(d) − σ c(d)       subscripts and superscripts with _ and ^
    \\frac{a}{b}   \\sqrt{C T}            fractions and roots
    "paid"                              a word

Braces hold what belongs together: ``x_{t+1}``. Greek letters and signs are written as they are.
"""

from __future__ import annotations

import re
from html import escape

_TOKEN = re.compile(r'\s*(\\[a-z]+|"[^"]*"|\d+(?:\.\d+)?|\S)')
_LARGE = ("∑", "∏")
_OPERATORS = ('"min"', '"max"', '"arg min"', '"arg max"')
_COMMANDS = {"\\frac": ("mfrac", 2), "\\sqrt": ("msqrt", 1)}


def mathml(text: str) -> str:
    """One displayed equation. Raises ValueError where braces do not match or a command is unknown."""
    tokens = _TOKEN.findall(text)
    parts, rest = _row(tokens, 0)
    if rest < len(tokens):
        raise ValueError(f"`{text}` has a brace too many")
    return f'<math display="block">{parts}</math>'


def _row(tokens: list[str], i: int) -> tuple[str, int]:
    parts: list[str] = []
    while i < len(tokens) and tokens[i] != "}":
        part, i = _scripted(tokens, i)
        parts.append(part)
    return f"<mrow>{''.join(parts)}</mrow>", i


def _scripted(tokens: list[str], i: int) -> tuple[str, int]:
    is_large = tokens[i] in _LARGE or tokens[i] in _OPERATORS
    base, i = _atom(tokens, i)
    low = high = ""
    while i < len(tokens) and tokens[i] in "_^":
        script, following = _atom(tokens, i + 1)
        low, high = (script, high) if tokens[i] == "_" else (low, script)
        i = following
    kind = ("munder", "mover", "munderover") if is_large else ("msub", "msup", "msubsup")
    if low and high:
        return f"<{kind[2]}>{base}{low}{high}</{kind[2]}>", i
    if low or high:
        name = kind[0] if low else kind[1]
        return f"<{name}>{base}{low or high}</{name}>", i
    return base, i


def _atom(tokens: list[str], i: int) -> tuple[str, int]:
    if i >= len(tokens):
        raise ValueError("the equation ends too early")
    token = tokens[i]
    if token == "{":
        inner, end = _row(tokens, i + 1)
        if end >= len(tokens):
            raise ValueError("a brace is not closed")
        return inner, end + 1
    if token.startswith("\\"):
        if token not in _COMMANDS:
            raise ValueError(f"`{token}` is unknown: known are {', '.join(_COMMANDS)}")
        name, n = _COMMANDS[token]
        i += 1
        parts: list[str] = []
        for _ in range(n):
            part, i = _atom(tokens, i)
            parts.append(part)
        return f"<{name}>{''.join(parts)}</{name}>", i
    if token in _OPERATORS:
        return f'<mo lspace="0" rspace="0.25em" movablelimits="false">{token[1:-1]}</mo>', i + 1
    if token.startswith('"'):
        word = escape(token[1:-1])
        return (f"<mtext>&#8197;{word}&#8197;</mtext>" if " " in word else f"<mi>{word}</mi>"), i + 1
    if token[0].isdigit():
        return f"<mn>{token}</mn>", i + 1
    return (f"<mi>{token}</mi>" if token.isalpha() else f"<mo>{escape(token)}</mo>"), i + 1
