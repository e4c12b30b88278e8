"""Measure how far the methods' sentences can be trusted.

  python -m tests.trusted                    all that is not measured yet; prints a line a claim
  python -m tests.trusted --only effects     claims whose name has this in it
  python -m tests.trusted --write            and write docs/methods_trusted.md

What was measured is kept (--keep): a suite that was stopped goes on, and after an edit of the methods begins anew.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.trusted.claims import claims
from tests.trusted.page import page
from tests.trusted.tally import Journal, Tally, measure

PAGE = Path(__file__).parents[2] / "docs" / "methods_trusted.md"


def main() -> int:
    """Measure, print, write; 1 if a claim is outside its bound."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", metavar="WORD", help="claims whose name has one of these words in it")
    parser.add_argument("--share", type=float, default=1.0, help="of the studies (default: all)")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--keep", type=Path, default=Path("studies/trusted.jsonl"), metavar="FILE")
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.name}")
    args = parser.parse_args()
    journal = Journal(args.keep)
    chosen = [c for c in claims() if not args.only or any(word in c.name for word in args.only)]

    def tell(tally: Tally) -> None:
        word = "holds" if tally.holds else "OUTSIDE"
        what = f"{tally.hits:4} of {tally.n:4} ({tally.wanted})  {tally.claim.name}  {tally.seconds:.0f} s"
        print(f"{word:8}{what}", flush=True)

    tallies = measure(chosen, journal, args.workers, args.share, tell)
    bad = [tally for tally in tallies if not tally.holds]
    print(f"{len(tallies)} claims, {len(bad)} outside their bounds")
    if args.write:
        PAGE.write_text(page([journal.tally(claim) for claim in claims()]), encoding="utf-8")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
