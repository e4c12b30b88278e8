"""Open the manual in a browser: tutorial, how-to, reference, explanation, in English and Chinese."""

from __future__ import annotations

import argparse


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `abm docs`."""
    parser.add_argument("--where", action="store_true", help="say where it lies, and open nothing")


def main(args: argparse.Namespace) -> int:
    """Open it, or say how to get it."""
    import webbrowser

    from abm.machine.errors import InputError
    from dashboards.serve import manual

    page = manual.found()
    if page is None:
        if manual.has_sources():
            mend = "run `python docs/build.py` in the sources"
            raise InputError("the manual", why="has not been built here", mend=mend)
        raise InputError(
            "the manual", why="is no part of the installed package",
            mend="open `manual/index.html` in the folder or on the stick that you installed from, or get the sources "
            "and run `python docs/build.py` there",
        )  # fmt: skip
    print(page)
    if not args.where:
        webbrowser.open(page.as_uri())
    return 0
