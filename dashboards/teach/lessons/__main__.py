"""`python -m dashboards.teach.lessons`: play every lesson under several seeds, hold its claims against the model,
and write what was measured into the lesson's file."""

from __future__ import annotations

import sys

from abm.machine import plugins
from dashboards.teach.lessons import FOLDER, lessons
from dashboards.teach.lessons.playing import broken, summary, sweep


def main() -> int:
    """Exit code 1 if a claim does not hold."""
    failures: list[str] = []
    for lesson in lessons():
        values = sweep(lesson)
        found = summary(lesson, values)
        path = FOLDER / f"{lesson.name}.toml"
        if not path.exists():
            path = next(path for path in plugins.tables("lesson") if path.stem == lesson.name)
        head = path.read_text("utf-8").split("\n[measured]", 1)[0].rstrip("\n")
        lines = [f"{name} = [{', '.join(f'{value:.3g}' for value in row)}]" for name, row in found.items()]
        path.write_text("\n".join([head, "", "[measured]", *lines, ""]), "utf-8")
        failures += [f"seed {seed}: {text}" for seed, row in values.items() for text in broken(lesson, row)]
        print(lesson.name, *(f"  {line}" for line in lines), sep="\n")
    print(*failures, sep="\n", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
