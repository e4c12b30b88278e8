"""One-line changes of a source file: a comparison turned, a sign, a number, a bound, a condition, a lost statement."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TURNED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
}  # fmt: skip
SWAPPED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
}  # fmt: skip
OTHER = {"min": "max", "max": "min", "smaller": "larger", "larger": "smaller"}


@dataclass(frozen=True)
class Mutant:
    """One line of one file, as it was and as it is."""

    path: Path
    line: int
    before: str
    after: str
    kind: str

    def source(self) -> str:
        """The whole file with the line changed."""
        lines = self.path.read_text("utf-8").splitlines(keepends=True)
        lines[self.line - 1] = self.after + "\n"
        return "".join(lines)


def mutants_of(path: Path) -> Iterator[Mutant]:
    """Every mutant of a file whose change lies on one line and leaves the file readable."""
    text = path.read_text("utf-8")
    lines, tree = text.splitlines(), ast.parse(text)
    seen: set[tuple[int, str]] = set()
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        for node in _inside(function):
            if node.lineno != node.end_lineno:
                continue
            for changed, kind in _changes(node):
                line = lines[node.lineno - 1]
                # Columns count bytes.
                raw = line.encode()
                new = (raw[: node.col_offset] + changed.encode() + raw[node.end_col_offset :]).decode()
                if new == line or (node.lineno, new) in seen:
                    continue
                seen.add((node.lineno, new))
                mutant = Mutant(path, node.lineno, line, new, kind)
                try:
                    ast.parse(mutant.source())
                except SyntaxError:
                    continue
                yield mutant


def _inside(function: ast.FunctionDef) -> Iterator[ast.expr | ast.stmt]:
    """Nodes of a function's body; docstrings, annotations, decorators, defaults and raised errors left out."""
    ahead: list[ast.AST] = list(function.body)
    while ahead:
        node = ahead.pop()
        if isinstance(node, ast.Raise | ast.Assert | ast.FunctionDef | ast.Import | ast.ImportFrom | ast.JoinedStr):
            continue
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        if isinstance(node, ast.AnnAssign):
            ahead += [node.value] if node.value else []
            continue
        if isinstance(node, ast.expr | ast.stmt):
            yield node
        ahead += list(ast.iter_child_nodes(node))


def _changes(node: ast.expr | ast.stmt) -> Iterator[tuple[str, str]]:
    """What may stand in a node's place, and what kind of change it is."""
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in TURNED:
        new = copy.deepcopy(node)
        new.ops = [TURNED[type(node.ops[0])]()]
        yield ast.unparse(new), "comparison"
    elif isinstance(node, ast.BinOp) and type(node.op) in SWAPPED:
        new = copy.deepcopy(node)
        new.op = SWAPPED[type(node.op)]()
        yield f"({ast.unparse(new)})", "arithmetic"
    elif isinstance(node, ast.BoolOp):
        new = copy.deepcopy(node)
        new.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield f"({ast.unparse(new)})", "condition"
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        yield (repr(node.value + 1) if node.value == 0 else repr(node.value * 2)), "number"
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.Not):
        yield f"({ast.unparse(node.operand)})", "sign"
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in OTHER:
        new = copy.deepcopy(node)
        assert isinstance(new.func, ast.Name)
        new.func.id = OTHER[node.func.id]
        yield ast.unparse(new), "bound"
    elif isinstance(node, ast.AugAssign | ast.Assign):
        target = node.target if isinstance(node, ast.AugAssign) else node.targets[0]
        if isinstance(node, ast.AugAssign) or isinstance(target, ast.Subscript):
            yield "pass", "statement"
