"""Expressions of Python in words: what a message says, with … where a number or a name is filled in."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from types import ModuleType

from pathfa.core.text import count

OPEN = "…"
_DEEPEST = 8  # names that stand for names
_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")
Value = ast.expr | str
Block = tuple[int, str]


@dataclass(frozen=True)
class _Assigned:
    name: str
    value: Value
    line: int
    block: Block


class Scope:
    """What names stand for where a call is made.

    Parameters
    ----------
    module
        The module of the call.
    tree
        Its source.
    call
        The call.
    """

    def __init__(self, module: ModuleType, tree: ast.AST, call: ast.Call) -> None:
        self.module, self.line = module, call.lineno
        around = [node for node in ast.walk(tree) if _holds(node, call)]
        functions = [node for node in around if isinstance(node, ast.FunctionDef)]
        self.blocks = {block for node in around for block in _blocks_with(node, call)}
        self.assigned = [each for function in functions[:1] for each in _assigned(function, (id(function), "body"))]
        self._loops = [node for node in around if isinstance(node, ast.For)]

    def turns(self) -> list[dict[str, Value]]:
        """Return what the loops around the call give to names: one mapping per turn, if they are over literals."""
        per_loop = []
        for loop in self._loops:
            literal = isinstance(loop.iter, ast.Tuple | ast.List)
            items = loop.iter.elts if literal else ()  # type: ignore[attr-defined] # of a literal
            per_loop.append([dict(self._bound(loop.target, item)) for item in items] or [{}])
        return [{name: value for turn in turns for name, value in turn.items()} for turns in product(*per_loop)]

    def _bound(self, target: ast.expr, value: object) -> Iterator[tuple[str, Value]]:
        if isinstance(value, ast.Name) and isinstance(known := getattr(self.module, value.id, None), tuple):
            value = known
        match target, value:
            case ast.Name(id=name), (ast.expr() | str()) as found:
                yield name, found
            case ast.Tuple(elts=targets), ast.Tuple(elts=values):
                for pair in zip(targets, values, strict=True):
                    yield from self._bound(*pair)
            case ast.Tuple(elts=targets), tuple() as values:
                for pair in zip(targets, values, strict=True):
                    yield from self._bound(*pair)

    def values(self, name: str, line: int) -> list[tuple[Value, int]]:
        """Return what a name may stand for on a line: the last assignments that reach it, with their lines."""
        reaching: list[tuple[Value, int]] = []
        for each in sorted(self.assigned, key=lambda each: each.line, reverse=True):
            if each.name == name and each.line < line:
                reaching.append((each.value, each.line))
                if each.block in self.blocks:
                    break
        return reaching


@dataclass(frozen=True)
class Words:
    """The words of expressions in a scope, in one turn of its loops."""

    scope: Scope
    turn: Mapping[str, Value]

    def of(self, node: Value, line: int | None = None, depth: int = 0) -> str:
        """Return an expression in words."""
        line = self.scope.line + 1 if line is None else line
        if isinstance(node, str) or depth > _DEEPEST:
            return node if isinstance(node, str) else OPEN

        def inner(part: Value, at: int = line) -> str:
            return self.of(part, at, depth + 1)

        match node:
            case ast.Constant(value=value):
                return str(value)
            case ast.JoinedStr(values=parts):
                return "".join(map(inner, parts))
            case ast.FormattedValue(value=part):
                return inner(part)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return inner(left) + inner(right)
            case ast.IfExp(body=body, orelse=other):
                return _either([inner(body), inner(other)])
            case ast.Call(func=ast.Name(id="count"), args=[_, noun, *verb]):
                return _counted(inner(noun), *map(inner, verb))
            case ast.Call(func=ast.Name(id="part_of"), args=[_, _, noun, verb]):
                return f"{OPEN} of {_counted(inner(noun), inner(verb))}"
            case ast.Name(id=name):
                return self._name(name, line, depth)
        return OPEN

    def _name(self, name: str, line: int, depth: int) -> str:
        if name in self.turn:
            return self.of(self.turn[name], line, depth + 1)
        if reaching := self.scope.values(name, line):
            return _either([self.of(value, at, depth + 1) for value, at in reversed(reaching)])
        known = getattr(self.scope.module, name, None)
        return str(known) if isinstance(known, str) else OPEN


def _counted(noun: str, verb: str = "") -> str:
    known = count(2, noun, verb if verb != OPEN else "").removeprefix("2")
    return f"{OPEN}{known} {OPEN}" if verb == OPEN else f"{OPEN}{known}"


def _either(texts: Sequence[str]) -> str:
    """Return alternatives, each once; open ones are no help beside others."""
    kept = [text for text in dict.fromkeys(texts) if text.strip(f"{OPEN} ")] or list(texts[:1])
    return " / ".join(kept)


def _holds(node: ast.AST, call: ast.Call) -> bool:
    """Return whether a call stands within a statement, by their places in the file."""
    if not isinstance(node, ast.stmt | ast.excepthandler):
        return False
    begin, end = (node.lineno, node.col_offset), (node.end_lineno or 0, node.end_col_offset or 0)
    return begin <= (call.lineno, call.col_offset) and (call.end_lineno or 0, call.end_col_offset or 0) <= end


def _blocks_with(node: ast.AST, call: ast.Call) -> Iterator[Block]:
    """Yield the block of a statement in which a call stands."""
    for field in _BLOCKS:
        part = getattr(node, field, None)
        if isinstance(part, list) and any(_holds(each, call) for each in part):
            yield id(node), field


def _assigned(node: ast.AST, block: Block) -> Iterator[_Assigned]:
    """Yield the assignments inside a statement, each with its block."""
    for field, part in ast.iter_fields(node):
        for each in part if isinstance(part, list) else [part]:
            if not isinstance(each, ast.AST):
                continue
            inside = (id(node), field) if field in _BLOCKS else block
            yield from _given(each, inside)
            yield from _assigned(each, inside)


def _given(node: ast.AST, block: Block) -> Iterator[_Assigned]:
    match node:
        case (
            ast.Assign(targets=[ast.Name(id=name)], value=value) | ast.NamedExpr(target=ast.Name(id=name), value=value)
        ):
            yield _Assigned(name, value, node.lineno, block)
        case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
            for name, value in zip(names, values, strict=True):
                if isinstance(name, ast.Name):
                    yield _Assigned(name.id, value, node.lineno, block)
