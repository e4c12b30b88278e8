"""Play the notebooks of this folder and store them with what came out.

    pip install -e ".[dev]"
    python docs/notebooks/store.py

A notebook in Chinese is played in Chinese. Counts of cells, marks of the kernel's own and what is only said while one
waits are left out, so that playing again changes nothing but the seconds that a run took.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).parent
PLAIN = {"display_name": "Python 3", "language": "python", "name": "python3"}


def notebooks() -> list[Path]:
    """All notebooks of this folder."""
    return sorted(HERE.glob("*.ipynb"))


def language_of(path: Path) -> str:
    """Language that a notebook is written in."""
    return "zh" if path.stem.endswith("_zh") else "en"


def played(path: Path, folder: Path) -> Any:
    """A notebook with what its cells give when they run in a folder; CellExecutionError for one that raises."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(folder)}})
    # The kernel sees these sources, from whatever folder it runs in.
    paths = [str(HERE.parents[1]), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    client.execute(env=os.environ | {"ABM_LANG": language_of(path), "PYTHONPATH": os.pathsep.join(paths)})
    return cleaned(notebook)


def cleaned(notebook: Any) -> Any:
    """A notebook without what differs from play to play and from machine to machine."""
    notebook.metadata = nbformat.from_dict({"kernelspec": PLAIN, "language_info": {"name": "python"}})
    for number, cell in enumerate(notebook.cells):
        cell.id, cell.metadata = f"cell-{number}", nbformat.from_dict({})
        if cell.cell_type == "code":
            cell.execution_count = None
            cell.outputs = [out for out in cell.outputs if out.get("name") != "stderr"]
            for out in cell.outputs:
                out.pop("execution_count", None)
                if out.output_type == "execute_result":
                    out.execution_count = None
                if "metadata" in out:
                    out.metadata = nbformat.from_dict({})
                if "text/html" in out.get("data", {}) or "image/png" in out.get("data", {}):
                    # Beside a page or a picture it is only the repr of an object.
                    out.data.pop("text/plain", None)
    return notebook


def main() -> None:
    """Play and store every one."""
    for path in notebooks():
        with tempfile.TemporaryDirectory() as folder:
            nbformat.write(played(path, Path(folder)), path)
        print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
