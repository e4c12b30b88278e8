"""Machine code is used again as long as the model's code is the same, and never after an equation has changed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pytest

from abm.machine import fingerprint, kernels

LAW = '''"""Laws."""
from abm.machine.kernels import kernel

@kernel(inline=True)
def law(x):
    """What x is worth."""
    return x + 1.0  # once
'''
FORMS = {
    "from": "from abm.laws import law",
    "from as": "from abm.laws import law as other\nlaw = other",
    "from package": "from abm import laws\nlaw = laws.law",
    "import as": "import abm.laws as laws\nlaw = laws.law",
    "import": "import abm.laws\nlaw = abm.laws.law",
    "several": "import os, abm.laws\nlaw = abm.laws.law",
    "relative": "from .laws import law",
    "relative package": "from . import laws\nlaw = laws.law",
    "parentheses": "from abm.laws import (  # the law\n    law,\n)",
    "star": "from abm.laws import *",
    "in a function": "def _law():\n    from abm.laws import law\n    return law\nlaw = _law()",
    "in a block": "if True:\n    from abm.laws import law",
    "by name": "from importlib import import_module\nlaw = import_module('abm.' + 'laws').law",
    "a line goes on": "from abm.laws \\\n    import law",
}
USER = """{0}
from abm.machine.kernels import kernel

@kernel
def value(x):
    return 10.0 * law(x)
"""
COMPILING = (
    "__init__.py", "machine/__init__.py", "machine/disk.py", "machine/errors.py", "machine/fingerprint.py",
    "machine/kernels.py", "machine/own_folder.py", "machine/plugins.py", "machine/version.py",
    "world/__init__.py", "world/parameters.toml",
)  # fmt: skip


class Copy:
    """A copy of what compiles, with a law and its users beside it."""

    def __init__(self, folder: Path):
        self.folder = folder / "abm"
        for name in COMPILING:
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(fingerprint.PACKAGE / name, self.folder / name)
        (self.folder / "laws.py").write_text(LAW)
        self.users = {f"user{i}": form for i, form in enumerate(FORMS.values())}
        for name, form in self.users.items():
            (self.folder / f"{name}.py").write_text(USER.format(form))

    def run(self, code: str, *path: Path) -> str:
        """What a new process prints."""
        places = os.pathsep.join(map(str, [self.folder.parent, *path]))
        environment = {**os.environ, "PYTHONPATH": places, "ABM_CACHE_DIR": str(self.folder.parent / "cache")}
        # Python looks for modules in the folder where it starts first.
        command, place = [sys.executable, "-c", code], self.folder.parent
        done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def values(self) -> dict[str, tuple[float, bool]]:
        """What each user gets for 1, and whether its machine code was found."""
        code = (
            "import importlib, json\nfound = {}\n"
            f"for name in {list(self.users)}:\n"
            "    value = importlib.import_module('abm.' + name).value\n"
            "    found[name] = value(1.0), bool(value.stats.cache_hits)\n"
            "print(json.dumps(found))"
        )
        return {name: (value, is_found) for name, (value, is_found) in json.loads(self.run(code)).items()}

    def edit(self, name: str, old: str, new: str) -> None:
        path = self.folder / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a copy whose kernels have been compiled once."""
    folder = tmp_path_factory.mktemp("compiled")
    copy = Copy(folder)
    assert set(copy.values().values()) == {(20.0, False)}
    return folder


@pytest.fixture
def copy(compiled: Path, tmp_path: Path) -> Copy:
    shutil.copytree(compiled, tmp_path / "again")
    again = Copy.__new__(Copy)
    again.folder, again.users = tmp_path / "again" / "abm", {f"user{i}": form for i, form in enumerate(FORMS.values())}
    return again


def test_an_edited_equation_is_compiled_anew_however_it_is_imported(copy: Copy) -> None:
    assert set(copy.values().values()) == {(20.0, True)}, "another place, the same code"
    copy.edit("laws.py", "x + 1.0", "x + 2.0")
    stale = [copy.users[name] for name, (value, _) in copy.values().items() if value != 30.0]
    assert not stale, "old machine code ran"
    copy.edit("laws.py", "x + 2.0", "x + 1.0")
    assert set(copy.values().values()) == {(20.0, True)}, "what was compiled before is still there"


def test_what_changes_no_code_compiles_nothing_anew(copy: Copy) -> None:
    copy.edit("laws.py", "  # once", "  # or twice")
    copy.edit("laws.py", "What x is worth.", "Its worth, in other words.\n\n    And more.")
    copy.edit("laws.py", '"""Laws."""', '"""Laws."""\n\n# A comment, and lines move down.\n')
    for name in copy.users:
        copy.edit(f"{name}.py", "@kernel", '"""A string that stands alone."""\n# Lines move here too.\n@kernel')
        os.utime(copy.folder / f"{name}.py", (1, 1))
    assert set(copy.values().values()) == {(20.0, True)}


def test_names_of_the_catalogue_count_and_its_texts_do_not(copy: Copy) -> None:
    code = "from abm.machine.kernels import kernels_folder\nprint(kernels_folder().name)"
    before = copy.run(code)
    with (copy.folder / "world" / "parameters.toml").open("a") as file:
        file.write("# More to say.\n")
    assert copy.run(code) == before
    with (copy.folder / "world" / "parameters.toml").open("a") as file:
        file.write("[a_new_parameter]\n")
    assert copy.run(code) != before


def test_kernels_from_outside_see_what_lies_beside_them_and_the_model(copy: Copy, tmp_path: Path) -> None:
    place = tmp_path / "mine"
    place.mkdir()
    (place / "beside.py").write_text(LAW)
    (place / "mine.py").write_text(USER.format("from beside import law\nfrom abm.laws import law as theirs").replace(
        "law(x)", "law(x) + theirs(x)"))  # fmt: skip
    code = "import mine\nprint(mine.value(1.0), bool(mine.value.stats.cache_hits))"
    assert copy.run(code, place).split() == ["22.0", "False"]
    assert copy.run(code, place).split() == ["22.0", "True"]
    (place / "beside.py").write_text(LAW.replace("1.0", "2.0"))
    assert copy.run(code, place).split() == ["32.0", "False"]
    copy.edit("laws.py", "x + 1.0", "x + 2.0")
    assert copy.run(code, place).split() == ["33.0", "False"]


def test_functions_of_one_name_keep_their_own_machine_code(copy: Copy) -> None:
    text = "from abm.machine.kernels import kernel\n" + "".join(
        f"@kernel\ndef value(x):\n    return x + {k}.5\nof_{k} = value\n" for k in (1, 2)
    )
    (copy.folder / "twice.py").write_text(text)
    code = "from abm import twice\nprint(twice.of_1(0.0), twice.of_2(0.0))"
    assert copy.run(code).split() == copy.run(code).split() == ["1.5", "2.5"]


def test_a_module_edited_after_the_hash_was_taken_neither_finds_nor_leaves_machine_code(copy: Copy) -> None:
    code = (
        "from pathlib import Path\nfrom abm import user0\nuser0.value(1.0)\n"
        f"path = Path({str(copy.folder / 'user1.py')!r})\n"
        "path.write_text(path.read_text().replace('10.0', '7.00'))\n"
        "from abm import user1\nprint(user1.value(1.0), bool(user1.value.stats.cache_hits))"
    )
    assert copy.run(code).split() == ["14.0", "False"]
    copy.edit("user1.py", "7.00", "10.0")
    assert copy.values()["user1"] == (20.0, True)


def test_a_kernel_whose_module_has_another_name_is_compiled_anew(copy: Copy, tmp_path: Path) -> None:
    place = tmp_path / "inside"
    place.mkdir()
    (place / "one.py").write_text(USER.format("from abm.laws import law"))
    assert copy.run("import one\nprint(one.value(1.0))", place).split() == ["20.0"]
    code = "import inside.one as one\nprint(one.value(1.0), bool(one.value.stats.cache_hits))"
    assert copy.run(code, tmp_path).split() == ["20.0", "False"]


def test_a_kernel_from_no_file_is_compiled(copy: Copy) -> None:
    code = "from abm.machine.kernels import kernel\nfrom abm.laws import law\nprint(kernel(lambda x: law(x))(1.0))"
    assert copy.run(code).split() == ["2.0"]


def test_what_is_remembered_of_trees_may_be_lost_or_broken(tmp_path: Path) -> None:
    usual = fingerprint.fingerprint.__wrapped__(tmp_path)
    (page,) = tmp_path.iterdir()
    for broken in ("", "[1]", "{}", json.dumps(dict.fromkeys(json.loads(page.read_text()), 1))):
        page.write_text(broken)
        assert fingerprint.fingerprint.__wrapped__(tmp_path) == usual
        assert len(json.loads(page.read_text())) > 50
        assert list(tmp_path.iterdir()) == [page]


def test_a_file_that_nobody_can_import_counts_as_it_is() -> None:
    assert fingerprint.tree_hash(b"x = (") != fingerprint.tree_hash(b"x = ((")


def test_kernels_that_nobody_asks_for_are_thrown_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("0123456789abcdef", "fedcba9876543210", "my own folder"):
        (tmp_path / name).mkdir()
    for name in ("0123456789abcdef", "my own folder"):
        os.utime(tmp_path / name, (1, 1))
    monkeypatch.setattr(kernels, "cache_root", lambda: tmp_path)
    monkeypatch.setattr(kernels, "trusted", kernels.trusted.__wrapped__)
    now = kernels.kernels_folder.__wrapped__()
    assert now is not None
    left = {path.name for path in tmp_path.iterdir() if path.is_dir()}
    assert left == {now.name, "fedcba9876543210", "my own folder"}


def test_no_kernel_stands_or_looks_above_the_compiled_model() -> None:
    modules = [
        ".".join(path.relative_to(fingerprint.PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
        for path in fingerprint.model_files()
    ]
    code = f"import importlib, sys\nfor m in {modules}: importlib.import_module(m)\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    above = {f"abm.{name.removesuffix('.py').replace('/', '.')}" for name in fingerprint.ABOVE}
    assert not above & set(done.stdout.split())
    for name in fingerprint.ABOVE:
        path = fingerprint.PACKAGE / name
        assert path.exists()
        for file in [path] if path.is_file() else path.rglob("*.py"):
            assert "@kernel" not in file.read_text("utf-8"), file


CALLER = """
from abm.machine.kernels import kernel

ONE, TWO = 1, 2

@kernel(inline=True)
def times(kind, x):
    return kind * x

@kernel
def both(x):
    return times(ONE, x) + times(TWO, x) + times(3, x)
"""


def test_a_kernel_is_compiled_once_for_all_constants_that_it_is_called_with() -> None:
    # From no file: nothing of it is kept.
    found: dict[str, Any] = {}
    exec(compile(CALLER, "<no file>", "exec"), found)
    assert found["both"](1.5) == 9.0
    assert len(found["times"].signatures) == 1


BORROWER = """
from abm.machine.kernels import kernel

@kernel(borrows=True)
def largest(x):
    most = x[0]
    for i in range(1, x.shape[0]):
        most = max(most, x[i])
    return most

@kernel(borrows=True)
def same(x):
    return x, 1

@kernel(borrows=True)
def made(x):
    return np.zeros(3).sum()
"""


def test_a_kernel_that_borrows_neither_gives_arrays_away_nor_makes_any() -> None:
    found: dict[str, Any] = {"np": np}
    exec(compile(BORROWER, "<no file>", "exec"), found)
    assert found["largest"](np.array([1.0, 3.0])) == 3.0
    with pytest.raises(TypeError, match="same gives arrays away"):
        found["same"](np.array([1.0, 3.0]))
    with pytest.raises(numba.TypingError):
        found["made"](np.array([1.0, 3.0]))


HELD = """
from numba.core.runtime import rtsys
from abm import IntegrationModel

model, held = IntegrationModel("classroom", seed=1), []
for _ in range(24):
    model.step()
    stats = rtsys.get_allocation_stats()
    held.append(stats.mi_alloc - stats.mi_free)
print(held[7], held[-1])
"""


def test_no_quarter_leaves_arrays_that_nobody_frees() -> None:
    counted = {**os.environ, "NUMBA_NRT_STATS": "1"}
    done = subprocess.run([sys.executable, "-c", HELD], capture_output=True, text=True, env=counted)
    assert done.returncode == 0, done.stderr
    early, late = done.stdout.split()
    assert early == late
