"""Lessons of the page Learn: one file each, found by discovery; a new .toml file here, or of a plug-in, is a new scene.

    order = 1                     # place among the scenes
    minutes = 10                  # in class
    seed = 1                      # of all runs of the lesson
    watch = ["verdict", "depth"]  # views shown while it runs
    levers = []                   # what may be moved meanwhile (optional)

    [title]                       # so too rule, story, question, task, picture, surprise, learnt, notes:
    en = "..."                    # a text in English and in Chinese
    zh = "..."

    [[choices]]                   # answers to the question; the model decides which is right:
    en = "..."
    zh = "..."
    measure = "signed"            # right where this measure lies in from <= value < below,
    from = 0.4                    # or, with neither, where it is the largest of all choices' measures
    below = 0.75

    [[runs]]                      # the first is watched, the others are its comparisons
    name = "free"
    en = "..."
    zh = "..."
    scenario = "classroom"
    overrides = { steps = 48 }    # as `Scenario.with_overrides` takes them (optional)
    policies = []                 # in place of the scenario's own (optional)
    effort = 1.0                  # by hand: effort that the college always gives (optional)
    accepts = true                # by hand: it accepts every invitation (optional)

    [[measures]]                  # numbers of the surprise: means of a metric over quarters of a run
    name = "signed"
    en = "..."
    zh = "..."
    run = "free"
    metric = "agreement_rate"
    quarters = [36, 40]           # 36, 37, 38, 39
    over = "paper"                # divided by another measure (optional)
    shown = "percent"             # or "number", or "count" for whole ones

    [[claims]]                    # what must come out under any seed; a test plays it
    measure = "signed"
    below = 0.4                   # above, below or both

    [measured]                    # written by `python -m dashboards.teach.lessons`: mean, lowest, highest over seeds

The surprise may cite measures as ``{signed}``: the numbers on the page are those of the runs just
played, never written down in the file.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from abm.machine import plugins
from dashboards.teach.lessons._lesson import Choice, Claim, Lesson, LessonRun, Measure, Words
from dashboards.teach.lessons._reading import LessonError, read

FOLDER = Path(__file__).parent

__all__ = ["Choice", "Claim", "Lesson", "LessonError", "LessonRun", "Measure", "Words", "lessons", "read"]


@plugins.kept
def lessons() -> tuple[Lesson, ...]:
    """All lessons in their order, those of plug-ins too. Raises LessonError for the first file that does not fit."""
    read_all = [read(path) for path in FOLDER.glob("*.toml")]
    for path in plugins.tables("lesson"):
        lesson = read(path, is_outside=True)
        if any(lesson.name == other.name for other in read_all):
            raise LessonError(
                f"the lesson `{lesson.name}`",
                place=str(path),
                why="has the name of one that exists already",
                mend="give it another name",
                code="plugin.exists",
                values={"path": str(path)},
            )
        read_all.append(lesson)
    found = sorted(read_all, key=lambda lesson: (lesson.order, lesson.name))
    for before, after in pairwise(found):
        if before.order == after.order:
            raise LessonError(
                f"`order` = {after.order}",
                place=f"{after.name}.toml",
                why=f"is also that of {before.name}.toml",
                mend="give each lesson a place of its own",
            )
    return tuple(found)
