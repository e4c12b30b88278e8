"""Building: a package says the commit that it was built from (abm.results.folder.commit reads it)."""

from __future__ import annotations

import subprocess
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py
from setuptools.command.sdist import sdist

HERE = Path(__file__).parent
NAME = "commit.txt"


def commit() -> str:
    """The commit of these sources, with -dirty if they were changed; that of the archive they came in; else empty."""
    kept = HERE / "abm" / NAME
    if not (HERE / ".git").exists():
        return kept.read_text(encoding="utf-8").strip() if kept.is_file() else ""
    words = ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    try:
        return subprocess.run(words, cwd=HERE, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""


def write(root: Path) -> None:
    """Say the commit in a tree that is about to be packed."""
    found = commit()
    if found:
        (root / "abm" / NAME).write_text(f"{found}\n", encoding="utf-8")


class BuildWithCommit(build_py):
    """Modules, and where they come from."""

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            write(Path(self.build_lib))


class ArchiveWithCommit(sdist):
    """Sources, and where they come from."""

    def make_release_tree(self, base_dir: str, files: list[str]) -> None:
        super().make_release_tree(base_dir, files)
        write(Path(base_dir))


setup(cmdclass={"build_py": BuildWithCommit, "sdist": ArchiveWithCommit})
