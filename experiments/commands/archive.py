"""Pack a store as one zip for a journal: runs, scenarios, own data and code, versions, ODD, citation.

  abm archive studies/my-arms --report reports/my-arms-effects
  abm reproduce my-arms.zip

The zip says of itself how to make its runs again. What was run with plug-ins is packed with
them: name them by --plugin.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from abm.machine.language import say


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `abm archive`."""
    add = parser.add_argument
    add("store", type=Path, help="folder of a store, or of one study in it")
    add("--out", type=Path, metavar="FILE.zip", help="the archive (default: STORE.zip here)")
    add("--report", type=Path, nargs="+", default=[], metavar="DIR", help="folders of reports to pack too")


def main(args: argparse.Namespace) -> int:
    """Pack, and say what is in it."""
    from abm.machine import plugins
    from abm.machine.errors import InputError
    from experiments.commands._store import found, size
    from experiments.report.archive import default_name, pack
    from experiments.sweep.store import reading

    studies = found(args.store)
    target = args.out or default_name(args.store)
    if target.suffix != ".zip":
        raise InputError(f"--out {target}", why="is no .zip", mend=f"write {target.with_suffix('.zip').name}")
    active = plugins.codes()
    for study in studies:
        with reading(study.folder):
            broken = study.faults()
        if broken:
            first = next(iter(broken.items()))
            mend = "the same `abm sweep` mends it; then pack it"
            raise InputError(f"{study.folder}", why=f"is not whole ({first[0]}: {first[1]})", mend=mend)
        for name, code in study.manifest["code"].items():
            if name.startswith(plugins.NAMESPACE) and active.get(name) != code:
                mend = "name the same files by --plugin, so that they are packed"
                raise InputError(
                    f"{study.folder}", why=f"was run with the plug-in {name.rpartition('.')[2]}", mend=mend
                )
    place = pack(studies, target, args.report)
    runs = sum(len(study.summary()) for study in studies)
    print(
        say(
            "{file}: {n} runs of {studies} studies, {size}", file=place, n=f"{runs:,}", studies=len(studies),
            size=size(place.stat().st_size),
        )
    )  # fmt: skip
    print(f"abm reproduce {place}")
    return 0
