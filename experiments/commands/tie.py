"""The life of one tie: its events with their causes, told beside its curves.

  abm tie results/mine
  abm tie results/mine --enterprise 17 --college 3 --out tie

RESULTS is a folder that `abm run` wrote. The run is made again, and the tie is followed through it: when it was signed,
renewed, revised, blamed, fined and ended, why, and what depth, effort and trust were then. Without names it is the tie
to which most different things happened. The picture goes to --out.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from abm.population.identity import Members
    from abm.population.tables import Called
    from experiments.analysis.one_tie import Pair


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `abm tie`."""
    add = parser.add_argument
    add("results", type=Path, metavar="RESULTS", help="results folder of a run, as `abm run` writes it")
    add("--enterprise", metavar="ID", help="id or name, as the tables have it (default: any)")
    add("--college", metavar="ID", help="id or name, as the tables have it (default: any)")
    add("--out", type=Path, default=Path("tie"), metavar="DIR", help="where the picture goes (default: tie)")


def main(args: argparse.Namespace) -> int:
    """Run again, tell the tie, draw it."""
    from abm.commands._again import again
    from abm.machine.disk import unwritable
    from abm.machine.errors import InputError
    from abm.machine.language import say
    from abm.results.saved import saved
    from experiments.analysis.one_tie import Follower, figure_of, told
    from experiments.figures import style as figure_style

    of = saved(args.results)
    follower = Follower()
    results = again(of, after_step=follower, progress=True)
    of.check(results.result_hash())
    if results.population is None:
        raise InputError(
            f"{args.results}", why="does not say who took part", mend="run its scenario.toml again with `abm run`"
        )
    members = results.population.members
    pairs = follower.pairs(results)
    pair = _chosen(pairs, members, args.enterprise, args.college)
    life = follower.life(pair, results)
    title = say(
        "{enterprise} and {college}, field {field}", enterprise=members.enterprise.label(pair.enterprise),
        college=members.college.label(pair.college), field=pair.field,
    )  # fmt: skip
    print(say("{tie}: {n} quarters under contract, {m} events", tie=title, n=pairs[pair], m=len(life.events)))
    for line in told(life):
        print(line)
    try:
        args.out.mkdir(parents=True, exist_ok=True)
        with figure_style.drawing():
            png, _ = figure_style.save(figure_of(life), args.out, "tie")
    except OSError as error:
        raise unwritable(f"--out {args.out}", error, "give another folder") from error
    print(say("picture: {place}", place=png))
    return 0


def _chosen(pairs: dict[Pair, int], members: Called, enterprise: str | None, college: str | None) -> Pair:
    """The first of the ties that were asked for; InputError where there is none."""
    from abm.machine.errors import InputError

    e = None if enterprise is None else _row(enterprise, members.enterprise, "--enterprise")
    c = None if college is None else _row(college, members.college, "--college")
    for pair in pairs:
        if e in (None, pair.enterprise) and c in (None, pair.college):
            return pair
    asked = " ".join(f"{flag} {text}" for flag, text in (("--enterprise", enterprise), ("--college", college)) if text)
    known = [f"{members.enterprise.id[p.enterprise]} and {members.college.id[p.college]}" for p in list(pairs)[:6]]
    mend = f"some that had one: {', '.join(known)}" if known else "nobody had one in this run"
    raise InputError(asked or "nobody", why="had no contract in this run", mend=mend)


def _row(text: str, of: Members, flag: str) -> int:
    """The row of an institution by its id or its name."""
    from abm.machine.errors import InputError, nearest

    ids = [str(i) for i in of.id]
    for known in (ids, of.name):
        if text.strip() in known:
            return known.index(text.strip())
    mend = nearest(text, [*ids, *filter(None, of.name)]) or "see the ids of the table `contracts`"
    raise InputError(f"{flag} {text}", why="is nobody in this run", mend=mend)
