"""Makes odd inputs: by the grammar of what a reader knows, and by breaking what is whole."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from typing import Any

NUMBERS = (
    "0", "1", "-1", "0.5", "1.0", "-0.0", "3", "80", "0.25", "1e-300", "1e308", "-1e308", "1e999", "nan", "inf", "-inf",
    "9223372036854775807", "9223372036854775808", "18446744073709551616", "-9223372036854775809", "1" * 70, "9" * 400,
    "7" * 5000, "0x7f", "0o17", "0b1", "1_000", "2147483648", "4294967296", "1e22", "5e-324", ".3", "30 %", "０.３",
    "１２", "+5", "- 5", "1e", "1.", "00", "--1", "٣",
)  # fmt: skip
WORDS = (
    "", " ", "classroom", "x", "../../etc/passwd", "/etc/passwd", "CON", "a\0b", "<script>alert(1)</script>", "'\"`;--",
    "%00", "\u202e", "𝕏", "中文", "🙂" * 9, "a" * 300, "a" * 70_000, "\r\n", "\t", "true", "null", "None", "__class__",
    "nan", "\x7f", "a.b", ".", "..", "[", "{{x}}", "${x}", "\ufeff", "ﬀ", "é", "e\u0301", "\u2028", "=", "#",
)  # fmt: skip
OTHERS = (
    "true", "false", "1979-05-27", "1979-05-27T07:32:00Z", "07:32:00", "[]", "{}", "[[]]", "[1, 'a']", "[nan]", "[{}]",
    "{ a = 1 }", "{ low = 0, high = 1 }", "{ low = 1, high = 0, n = 3 }", "{ low = 0.0, high = 1.0, scale = 'log' }",
    "{ values = [] }", "{ name = 'sobol', n = 8 }", "{ name = [] }", "{ metric = 'failed_share', last = 0 }",
    "{ metric = 'failed_share', above = 0.5 }", "[0, 1]", "[true]", "['a', 'a']", "[0.1, 0.1]", "{ 'a.b' = 1 }",
)  # fmt: skip


class Maker:
    """Odd values, texts and bytes, always the same for a seed."""

    def __init__(self, seed: int | str) -> None:
        self.random = random.Random(str(seed))

    def one(self, of: Sequence[Any]) -> Any:
        """One of these."""
        return self.random.choice(of)

    def often(self, share: float) -> bool:
        """True in this share of cases."""
        return self.random.random() < share

    def number(self) -> str:
        """A number as text, or nearly."""
        if self.often(0.3):
            return repr(self.random.choice((self.random.random(), self.random.uniform(-1e6, 1e6))))
        if self.often(0.2):
            return str(self.random.randrange(-(10 ** self.random.randrange(1, 25)), 10 ** self.random.randrange(1, 25)))
        return self.one(NUMBERS)

    def word(self, known: Sequence[str] = ()) -> str:
        """A known word, or an odd one."""
        return self.one(known) if known and self.often(0.7) else self.one(WORDS)

    def quoted(self, text: str) -> str:
        """A text as TOML has it; now and then not quite."""
        if self.often(0.05):
            return self.one(("'", '"', '"""', "'''", "")) + text + self.one(("'", '"', ""))
        return json.dumps(text, ensure_ascii=False)

    def value(self, known: Sequence[str] = (), depth: int = 0) -> str:
        """A value of TOML, or nearly."""
        kind = self.random.random()
        if kind < 0.45:
            return self.number()
        if kind < 0.65:
            return self.quoted(self.word(known))
        if kind < 0.8 or depth > 3:
            return self.one(OTHERS)
        if kind < 0.81:
            n = self.one((50, 400, 3000))
            return "[" * n + "]" * self.one((n, n - 1))
        if kind < 0.92:
            return "[" + ", ".join(self.value(known, depth + 1) for _ in range(self.random.randrange(5))) + "]"
        inside = (f"{self.key(known)} = {self.value(known, depth + 1)}" for _ in range(self.random.randrange(4)))
        return "{ " + ", ".join(inside) + " }"

    def key(self, known: Sequence[str]) -> str:
        """A key as TOML has it."""
        if known and self.often(0.85):
            return self.one(known)
        return self.one((self.quoted(self.one(WORDS)), "a.b.c", "x", '""', "from", "1", "-"))

    def toml(self, known: dict[str, Sequence[str]], words: Sequence[str]) -> str:
        """A text of TOML: entries, and tables with theirs. known: keys by table, "" for the top."""
        lines = [self.entry(known[""], words) for _ in range(self.random.randrange(6))]
        for _ in range(self.random.randrange(5)):
            table = self.one([name for name in known if name])
            lines.append(f"[[{table}]]" if self.often(0.35) else f"[{table}]")
            lines += [self.entry(known[table], words) for _ in range(self.random.randrange(5))]
        return "\n".join(lines) + "\n"

    def entry(self, known: Sequence[str], words: Sequence[str]) -> str:
        """A line."""
        return f"{self.key(known)} = {self.value(words)}"

    def json(self, depth: int = 0) -> Any:
        """A value of JSON."""
        kind = self.random.random()
        if kind < 0.35:
            return self.one((0, 1, -1, 0.5, 1e308, 2**63, 10**60, float("nan"), float("inf"), True, None))
        if kind < 0.6 or depth > 3:
            return self.one(WORDS)
        if kind < 0.8:
            return [self.json(depth + 1) for _ in range(self.random.randrange(4))]
        return {self.one(WORDS): self.json(depth + 1) for _ in range(self.random.randrange(4))}

    def json_changed(self, value: Any) -> Any:
        """A value of JSON with one place in it made odd, left out or doubled."""
        if isinstance(value, dict) and value and self.often(0.85):
            key = self.one(list(value))
            found = dict(value)
            if self.often(0.2):
                del found[key]
            else:
                found[key] = self.json_changed(value[key])
            return found
        if isinstance(value, list) and value and self.often(0.8):
            at = self.random.randrange(len(value))
            if self.often(0.2):
                return [*value[:at], *value[at + 1 :]]
            return [*value[:at], self.json_changed(value[at]), *value[at + 1 :]]
        return self.json()

    def text_broken(self, text: str, known: Sequence[str] = ()) -> str:
        """A whole text with something wrong in it."""
        for _ in range(self.random.randrange(1, 4)):
            lines, kind = text.split("\n"), self.random.random()
            at = self.random.randrange(len(lines))
            if kind < 0.4 and "=" in lines[at]:
                lines[at] = f"{lines[at].partition('=')[0]}= {self.value(known)}"
            elif kind < 0.5:
                lines[at] = ""
            elif kind < 0.6:
                lines.insert(at, self.one(lines))
            elif kind < 0.75:
                lines.insert(at, self.entry(known, known))
            else:
                lines[at] = self.spliced(lines[at], self.one((*WORDS, *NUMBERS, "[", "]", "]]", "=", '"', "#", "\\u")))
            text = "\n".join(lines)
        return text

    def spliced(self, text: str, part: str) -> str:
        """Something put into a text, in place of something."""
        first, last = sorted(self.random.randrange(len(text) + 1) for _ in range(2))
        return text[:first] + part + text[last if self.often(0.5) else first :]

    def bytes_broken(self, content: bytes) -> bytes:
        """Whole bytes with some of them wrong."""
        for _ in range(self.random.randrange(1, 4)):
            found, kind = bytearray(content), self.random.random()
            at = self.random.randrange(len(found) + 1)
            if kind < 0.5 and at < len(found):
                found[at] ^= 1 << self.random.randrange(8)
            elif kind < 0.7:
                # The end says most of how the rest is to be read.
                at = max(0, len(found) - 1 - self.random.randrange(600))
                found[at : at + 1] = bytes([self.one((0, 1, 0x7F, 0x80, 0xFF, self.random.randrange(256)))])
            elif kind < 0.8:
                del found[at : at + self.random.randrange(1, 40)]
            elif kind < 0.85:
                found = found[:at]
            elif kind < 0.95:
                found[at:at] = self.one(
                    (b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"PAR1", b",", b'"', b"\n", b"\r", b"\xed\xa0\x80")
                )
            else:
                start = self.random.randrange(len(found) + 1)
                found[at:at] = found[start : start + self.random.randrange(1, 200)]
            content = bytes(found)
        return content

    def csv_broken(self, text: str) -> str:
        """A whole table with odd cells, columns and rows."""
        rows = [line.split(",") for line in text.splitlines()]
        for _ in range(self.random.randrange(1, 5)):
            row = self.random.randrange(len(rows))
            column = self.random.randrange(max(1, len(rows[row])))
            kind = self.random.random()
            if kind < 0.6:
                cell = self.one((self.number(), self.one(WORDS), '"', '"a,b"', '"a\nb"', "=1+1", "", "1,5", "NA", "-"))
                rows[row][column : column + 1] = [cell]
            elif kind < 0.7:
                rows.insert(row, list(rows[row]))
            elif kind < 0.8 and len(rows) > 1:
                del rows[row]
            elif kind < 0.9:
                rows = [line[:column] + line[column + 1 :] for line in rows]
            else:
                rows = [[*line, line[column] if column < len(line) else ""] for line in rows]
        return "\n".join(",".join(line) for line in rows) + self.one(("\n", "", "\n\n\n", ",,,\n"))

    def repeated(self, makers: Sequence[Callable[[], Any]]) -> Any:
        """What one of these makes."""
        return self.one(makers)()
