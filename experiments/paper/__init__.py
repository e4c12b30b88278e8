"""The review paper as a living table: every claim, the experiment that shows it in the model, and what came out.

    rows.toml      the claims, in our own words, each with its experiment or with why there is none
    worlds.toml    the worlds in which they are judged
    rows.py        reads both
    running.py     runs the experiments: one sweep a world, all sides of its rows as arms, the same seeds everywhere
    shown/         what rows show that is more than one mean: a module each, which measures it and draws it
    judging.py     from paired differences to verdicts
    page.py        the table for a terminal, and as a page of the documentation
    table.json     what was last found, as `abm paper` prints it

To add a claim, or an experiment to one, write a row; nothing else knows them.
"""

from __future__ import annotations

from experiments.paper.judging import Judgement, judge
from experiments.paper.rows import Row, rows
from experiments.paper.running import Ran, Table, load, ran, run

__all__ = ["Judgement", "Ran", "Row", "Table", "judge", "load", "ran", "rows", "run"]
