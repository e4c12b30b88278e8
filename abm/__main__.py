"""The `abm` command: finds its subcommands, runs one, and turns bad input into one clear message."""

from __future__ import annotations

import argparse
import os
import pkgutil
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import entry_points
from types import ModuleType

import abm
from abm.errors import InputError

GROUP = "abm.commands"
INTERRUPTED = 130
"""Exit code after Ctrl-C (128 + SIGINT)."""


def command_modules() -> dict[str, ModuleType]:
    """Every module of every folder registered under the entry points, by command name."""
    folders = {point.value for point in entry_points(group=GROUP)} | {GROUP}
    found: dict[str, ModuleType] = {}
    for folder in sorted(folders):
        package = import_module(folder)
        for _, name, _ in pkgutil.iter_modules(package.__path__):
            if not name.startswith("_"):
                found[name.replace("_", "-")] = import_module(f"{folder}.{name}")
    return dict(sorted(found.items()))


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = argparse.ArgumentParser(prog="abm", description=(abm.__doc__ or "").splitlines()[0])
    top.add_argument("--version", action="version", version=f"%(prog)s {abm.__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, module in command_modules().items():
        text = (module.__doc__ or "").strip()
        sub = commands.add_parser(
            name, help=text.splitlines()[0], description=text, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        module.register(sub)
        sub.set_defaults(main=module.main)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; exit code 0 done, 2 bad input, 130 interrupted."""
    args = parser().parse_args(argv)
    try:
        code = int(args.main(args))
        sys.stdout.flush()
        return code
    except InputError as error:
        print(f"abm {args.command}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"abm {args.command}: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # The reader (head, less) has gone; keep the interpreter from complaining at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


if __name__ == "__main__":
    sys.exit(main())
