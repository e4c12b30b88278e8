"""The `abm` command: finds its subcommands, runs one, and turns bad input into one clear message."""

from __future__ import annotations

import argparse
import io
import os
import pkgutil
import sys
import warnings
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.metadata import entry_points
from types import ModuleType
from typing import Any

import abm
from abm.commands import _help
from abm.machine import language, plugins
from abm.machine.errors import InputError, InputWarning
from abm.machine.language import say, told

GROUP = "abm.commands"
LANG = "language of what is said: en or zh (default: ABM_LANG, the settings file, the system's)"
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
                # import_.py, as Python keeps the word for itself.
                found[name.rstrip("_").replace("_", "-")] = import_module(f"{folder}.{name}")
    return dict(sorted(found.items()))


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    about = (abm.__doc__ or "").splitlines()[0]
    top = argparse.ArgumentParser(prog="abm", description=about, formatter_class=_help.Formatter)
    top.add_argument("--version", action="version", version=f"%(prog)s {abm.__version__}")
    top.add_argument("--lang", metavar="LANGUAGE", help=LANG)
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, module in command_modules().items():
        text = (module.__doc__ or "").strip()
        sub = commands.add_parser(name, help=text.splitlines()[0], description=text, formatter_class=_help.Formatter)
        module.register(sub)
        sub.set_defaults(main=module.main)
        what = "code or words of your own (a file or folder of rules, metrics, ...; docs/extend.md); may be repeated"
        sub.add_argument("--plugin", dest="plugins", action="append", default=[], metavar="PATH", help=what)
        sub.add_argument("--lang", metavar="LANGUAGE", default=argparse.SUPPRESS, help=LANG)
    _help.translate(top)
    return top


def _asked_language(argv: Sequence[str]) -> str | None:
    """What ``--lang`` says: help and errors of the command line itself are told in it already."""
    for i, word in enumerate(argv):
        if word == "--":
            break
        if word == "--lang":
            return argv[i + 1] if i + 1 < len(argv) else None
        if word.startswith("--lang="):
            return word.partition("=")[2]
    return None


def print_anywhere() -> None:
    """Print ? for what the terminal or the file behind standard output cannot hold (GBK, cp1252, ASCII), not fail."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="replace")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; exit code 0 done, 2 bad input, 130 interrupted."""
    print_anywhere()
    given = sys.argv[1:] if argv is None else list(argv)
    try:
        with language.speaking(_asked_language(given)):
            return _answer(given)
    except InputError as error:
        # About the language itself: this is said in English, as no other was understood.
        print(f"abm: {error}", file=sys.stderr)
        return 2


def _answer(given: list[str]) -> int:
    """Run one command in the language that is spoken."""
    _help.speak()
    args = parser().parse_args(given)
    warnings.showwarning = _remark(args.command, warnings.showwarning)
    try:
        # Before the model is loaded: its catalogue may get parameters and levers from there.
        plugins.use(args.plugins)
        if plugins.active():
            from abm.results import trial

            is_listing = args.main.__module__.startswith(f"{GROUP}.") and args.command != "run"
            (trial.look if is_listing else trial.check)()
        code = int(args.main(args))
        sys.stdout.flush()
        return code
    except InputError as error:
        print(f"abm {args.command}: {told(language.current(), error)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"abm {args.command}: {say('interrupted')}", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # The reader (head, less) has gone; keep the interpreter from complaining at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        # What a plug-in raises while the model runs is its author's to mend; all else is ours, and shown whole.
        if not plugins.is_theirs(error):
            raise
        print(f"abm {args.command}: {told(language.current(), plugins.fault(error))}", file=sys.stderr)
        return 2


def _remark(command: str, otherwise: Callable[..., None]) -> Callable[..., None]:
    """How a warning is shown: one about what somebody handed in as a line of the command."""

    def show(message: Warning | str, category: type[Warning], *where: Any) -> None:
        if issubclass(category, InputWarning):
            print(f"abm {command}: {language.paragraph(str(message))}", file=sys.stderr)
        else:
            otherwise(message, category, *where)

    return show
