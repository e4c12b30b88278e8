"""The sentences that errors are made of, found in the source: what a visitor may be told, {} for what is filled in.

Looks at every place that makes an InputError (or a kind of it) or notes a problem of a table, and follows names,
constants, conditions and small functions to the texts that they can stand for.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

BLANK = "{}"
ROLES = ("what", "place", "why", "mend")
KINDS = ("InputError", "ScenarioError", "ParameterError", "StoreError", "PluginError", "TablesError")
NOTED = {
    "add": ("place", "why", "mend"),
    "add_rows": ("", "", "", "why", "mend"),
    "refuse": ("", "", "what", "why", "mend"),
    "refuse with a code": ("", "", "what", "why", "mend", ""),
    "unwritable": ("what", "", "mend"),
    "at_least": ("", "", "", "why"),
}
"""Functions that make errors or note problems, and what their arguments are."""


@dataclass(frozen=True)
class Sentence:
    """A text that an error may hold, the part of the error that it is, and where it is written."""

    text: str
    role: str
    where: str


class Module:
    """A source file and the texts in it."""

    def __init__(self, path: Path, shared: dict[str, set[str]]) -> None:
        self.path = path
        self.tree = ast.parse(path.read_text(encoding="utf-8"))
        self.functions = {node.name: node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef)}
        self.constants = {
            target.id: node.value
            for node in self.tree.body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        self.shared = shared
        """What functions of other modules may return, by name."""
        self.ahead: list[str] = []
        """Names that are being followed."""

    def sentences(self) -> Iterator[Sentence]:
        """All that its errors may say."""
        # Methods and functions within functions are looked at inside what holds them, whose names they see.
        for node in self.tree.body:
            for call in ast.walk(node):
                if isinstance(call, ast.Call):
                    scope = self._around(node, call)
                    for role, argument in _arguments(call):
                        for text in self.texts(argument, scope):
                            yield Sentence(text, role, f"{self.path.name}:{call.lineno}")

    def returned(self, function: ast.AST) -> set[str]:
        """The texts that a function may return."""
        found: set[str] = set()
        for node in ast.walk(function):
            if isinstance(node, ast.Return) and node.value is not None:
                found |= self.texts(node.value, function)
        return found or {BLANK}

    def texts(self, node: ast.expr, scope: ast.AST) -> set[str]:
        """The texts that an expression may stand for."""
        match node:
            case ast.Constant(value=str(text)):
                return {text}
            case ast.JoinedStr(values=parts):
                return {"".join(texts) for texts in product(*(self.texts(part, scope) for part in parts))}
            case ast.FormattedValue(value=value, conversion=conversion):
                return {BLANK} if conversion == ord("r") else self.texts(value, scope)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return {a + b for a, b in product(self.texts(left, scope), self.texts(right, scope))}
            case ast.IfExp(body=body, orelse=orelse):
                return self.texts(body, scope) | self.texts(orelse, scope)
            case ast.BoolOp(values=values):
                return {text for value in values for text in self.texts(value, scope)}
            case ast.Lambda(body=body):
                return self.texts(body, scope)
            case ast.Name(id=name):
                return self._named(name, scope)
            case ast.Call(func=ast.Name(id=name)) if name in self.shared:
                return self.shared[name]
            case ast.Call(func=ast.Name(id=name)) if name in self.functions:
                return self.returned(self.functions[name])
            case _:
                return {BLANK}

    def _named(self, name: str, scope: ast.AST) -> set[str]:
        if name in self.ahead:
            # `text = text or ...`: what it was before.
            return {BLANK}
        self.ahead.append(name)
        try:
            return self._meaning(name, scope)
        finally:
            self.ahead.pop()

    def _meaning(self, name: str, scope: ast.AST) -> set[str]:
        given = [value for node in ast.walk(scope) for value in _given(node, name)]
        if given:
            return {text for value in given for text in self.texts(value, scope)}
        if name in self.constants:
            return self.texts(self.constants[name], self.tree)
        return self.returned(self.functions[name]) if name in self.functions else {BLANK}

    def _around(self, top: ast.AST, call: ast.Call) -> ast.AST:
        """The innermost function that is not within another, or the method, in which a call stands."""
        inside = [f for f in ast.walk(top) if isinstance(f, ast.FunctionDef) and any(n is call for n in ast.walk(f))]
        return inside[0] if inside else top


def _arguments(call: ast.Call) -> Iterator[tuple[str, ast.expr]]:
    function = call.func
    name = (
        function.id if isinstance(function, ast.Name) else function.attr if isinstance(function, ast.Attribute) else ""
    )
    if name in KINDS:
        yield from zip(ROLES[:1], call.args[:1], strict=False)
        yield from ((keyword.arg, keyword.value) for keyword in call.keywords if keyword.arg in ROLES)
        return
    for roles in (NOTED.get(name), NOTED.get(f"{name} with a code")):
        if roles is not None and len(call.args) == len(roles):
            yield from ((role, value) for role, value in zip(roles, call.args, strict=True) if role)


def _given(node: ast.AST, name: str) -> Iterator[ast.expr]:
    """Values that a statement gives to a name: by one or several assignments, or a loop over what is listed."""
    match node:
        case ast.Assign(targets=[target], value=value):
            yield from _matched(target, value, name)
        case ast.For(target=target, iter=ast.Tuple(elts=items)):
            for item in items:
                yield from _matched(target, item, name)
        case _:
            return


def _matched(target: ast.expr, value: ast.expr, name: str) -> Iterator[ast.expr]:
    match target, value:
        case ast.Name(id=found), _ if found == name:
            yield value
        case ast.Tuple(), ast.IfExp(body=body, orelse=orelse):
            yield from _matched(target, body, name)
            yield from _matched(target, orelse, name)
        case ast.Tuple(elts=targets), ast.Tuple(elts=values):
            for one, of in zip(targets, values, strict=True):
                yield from _matched(one, of, name)
        case _:
            return
