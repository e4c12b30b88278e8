"""Compare the worlds of the golden file with what they give now; ``--write`` keeps what they give now."""

from __future__ import annotations

import argparse
from collections import Counter

from tests import golden


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.golden", description=__doc__)
    parser.add_argument("--write", action="store_true", help="keep what the worlds give now")
    parser.add_argument("--only", metavar="WORD", help="only worlds with this word in their name")
    options = parser.parse_args()
    if options.write and options.only:
        parser.error("--write takes all worlds: leave --only out")
    before, found = golden.read(), {}
    by_bytes = golden.MADE_WITH.exists() and golden.is_made_alike()
    if before and not by_bytes:
        print("made on another machine or with other versions: values are compared to 1e-9, not bytes")
    by_column: Counter[str] = Counter()
    by_world: dict[str, int] = {}
    chosen = [name for name in golden.worlds() if not options.only or options.only in name]
    for name in chosen:
        found[name] = golden.run(golden.worlds()[name])
        if name in before:
            names = golden.moved(before[name], found[name], by_bytes=by_bytes)
            by_column.update(names)
            if names:
                by_world[name] = len(names)
        else:
            by_world[name] = len(found[name])
            print(f"new world: {name}")
    if missing := golden.not_in_any_world():
        print(f"in no world yet: {', '.join(missing)}")
    for name in before.keys() - golden.worlds().keys():
        print(f"no longer a world: {name}")
    for column, n in sorted(by_column.items(), key=lambda item: (-item[1], item[0])):
        print(f"{n:4d} of {len(found)} worlds  {column}")
    print(f"{len(by_world)} of {len(found)} worlds moved" + (f": {', '.join(by_world)}" if by_world else ""))
    if options.write:
        golden.write(found)
        print(f"written: {golden.FILE.name}")
        return 0
    return 1 if by_world else 0


if __name__ == "__main__":
    raise SystemExit(main())
