"""How results and answers show themselves in a notebook: what they say, in the language that is spoken, and tables.

Names of tables and columns are names, and stay. Nothing is fetched and no script runs: it is seen wherever a notebook
is, on a machine without network too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import TYPE_CHECKING

from abm.machine.language import paragraph, say

if TYPE_CHECKING:
    import pandas as pd

    from abm.results.run_tables import RunTables

ROWS = 8
"""Of a table."""


def of_answer(sentences: Iterable[str], tables: Mapping[str, pd.DataFrame]) -> str:
    """An answer in words and the beginning of its tables, as HTML."""
    parts = [f"<p>{escape(paragraph(one))}</p>" for one in sentences if one]
    for name, table in tables.items():
        if len(table):
            heading = escape(name)
            if len(table) > ROWS:
                heading += " " + escape(say("(the first {n} of {all} rows)", n=ROWS, all=f"{len(table):,}"))
            shown = table.head(ROWS).to_html(index=False, border=0, float_format="{:.4g}".format, na_rep="")
            parts.append(f"<p><b>{heading}</b></p>{shown}")
    return f"<div>{''.join(parts)}</div>"


def of_run(results: RunTables) -> str:
    """The verdict, figures at the end, episodes and what tables there are, as HTML."""
    from abm.results.summary import ends, episodes, heading, verdict

    rows = "".join(f"<tr><th>{escape(say(name))}</th><td>{escape(said)}</td></tr>" for name, said in ends(results))
    told = "".join(
        f"<li>{escape(say('{when}: {what}', when=when, what=what))}</li>" for when, what in episodes(results)
    )
    tables = ", ".join(f"<code>results.{name}</code>" for name in results.columns)
    return (
        f"<div><p><b>{escape(verdict(results))}</b></p><p>{escape(heading(results))}</p><table>{rows}</table>"
        f"<ul>{told}</ul><p>{escape(say('Tables:'))} {tables}</p></div>"
    )


class Shown:
    """What has an answer in words and tables shows both where a notebook ends with it."""

    @property
    def tables(self) -> Mapping[str, pd.DataFrame]:
        """By name."""
        raise NotImplementedError

    def answer(self) -> str:
        """In words."""
        raise NotImplementedError

    def _repr_html_(self) -> str:
        return of_answer((self.answer(), *getattr(self, "caveats", ())), self.tables)
