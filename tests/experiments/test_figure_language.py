"""What figures of methods say in words has its Chinese, whole texts with their blanks filled in."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import experiments
from abm.machine.language import paragraph, speaking
from experiments.analysis.sensitivity import METHODS

HOME = Path(experiments.__file__).parent
FIGURES = sorted(HOME.rglob("figures.py"))
QUESTIONS = [path for path in sorted((HOME / "questions").glob("*.py")) if "@drawing" in path.read_text("utf-8")]
"""Questions that draw their own figures."""
WRITES = {"set_xlabel", "set_ylabel", "set_title", "set_label", "annotate", "text", "suptitle"}
"""What puts a text on a figure, or beside it."""
FILLED = "0.7"
"""Stands for whatever a blank of a text holds."""


def filled(node: ast.expr) -> str | None:
    """The text of a constant or of a formatted string, its blanks filled in; None for what is no text."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else FILLED for part in node.values)
    return None


def written(tree: ast.AST) -> set[str]:
    """Texts that a module of figures puts on them: those handed to what writes, and sentences kept in names before."""
    found: set[str] = set()
    for node in ast.walk(tree):
        inner: list[ast.expr] = []
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES:
            inner = node.args[:1]
        elif isinstance(node, (ast.Assign, ast.For)):
            inner = [node.value if isinstance(node, ast.Assign) else node.iter]
        ahead = list(inner)
        while ahead:
            one = ahead.pop()
            text = filled(one)
            if text is None:
                # What a call is handed may be a key, such as that of a label: its first text is none of a figure.
                kinds = (ast.IfExp, ast.Tuple, ast.List, ast.Call)
                ahead += (
                    [n for n in ast.iter_child_nodes(one) if isinstance(n, ast.expr)] if isinstance(one, kinds) else []
                )
            elif re.search(r"[A-Za-z]{3}", text.replace(FILLED, "")) and (" " in text or isinstance(node, ast.Call)):
                found.add(" ".join(text.split()))
    return found


WORDS = {
    "way 0.7": ("way up", "way down"),
    "0.7: seen 0.7, model 0.7": ("met: seen 0.7, model 0.7", "not met: seen 0.7, model 0.7"),
    "0.7 for 0.7 (0.7)": tuple(f"{of.index} for 0.7 ({of.meaning})" for of in METHODS.values()),
}
"""Texts whose blanks hold words of their own, with all that they come to."""
KEYS = {"cost"}
"""Keys by which a label is looked up."""


def drawing_parts(tree: ast.Module) -> list[ast.AST]:
    """Functions of a question that draw: a figure, or one panel of it."""
    found: list[ast.AST] = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            is_panel = any(own.arg == "ax" for own in node.args.args)
            if is_panel or any("drawing" in ast.unparse(own) for own in node.decorator_list):
                found.append(node)
    return found


def is_english(text: str) -> bool:
    """Whether a text has no Chinese, or three English words in a row."""
    return not re.search(r"[\u4e00-\u9fff]", text) or bool(re.search(r"[A-Za-z]{2,}( [A-Za-z]{2,}){2}", text))


@pytest.mark.parametrize("path", sorted((HOME / "questions").glob("[a-z]*.py")), ids=lambda path: path.stem)
def test_what_a_question_says_of_itself_has_its_chinese(path: Path) -> None:
    """Its title and what is to be kept in mind."""
    tree = ast.parse(path.read_text("utf-8"))
    texts: list[str] = []
    for node in tree.body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in ("TITLE", "CAVEATS"):
            given = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
            texts += [text for own in given if (text := filled(own)) is not None]
    with speaking("zh"):
        assert len(texts) > 1 and not [text for text in texts if is_english(paragraph(text))]


@pytest.mark.parametrize("path", [*FIGURES, *QUESTIONS], ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_text_of_a_figure_has_its_chinese(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    texts = (written(tree) if path.name == "figures.py" else set().union(*map(written, drawing_parts(tree)))) - KEYS
    whole = [one for text in sorted(texts) for one in WORDS.get(text, (text,))]
    with speaking("zh"):
        lacking = [text for text in whole if is_english(paragraph(text))]
    assert whole and not lacking


def test_a_text_without_chinese_is_found() -> None:
    tree = ast.parse('ax.set_xlabel(f"Nobody says {x} here")\nword = "not said" if y else "nor this"')
    assert written(tree) == {f"Nobody says {FILLED} here", "not said", "nor this"}
