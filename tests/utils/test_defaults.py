"""A default of a configuration is written once: other code takes it from there."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from generated import configs_of
from sprint.commands import COMMANDS
from sprint.utils.config.fields import fields_of

SRC = Path(__file__).resolve().parents[2] / "src"
TRIVIAL = (None, False, 0, 1, "", ())
"""Nothing, none and one are no choice that could be made differently in two places."""


def written(tree: ast.AST) -> Iterator[tuple[str, ast.expr, int]]:
    """The name, the default and the line of each field and parameter that has a default."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            for part in node.body:
                if isinstance(part, ast.AnnAssign) and part.value is not None:
                    yield ast.unparse(part.target), part.value, part.lineno
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            parts = node.args
            places = [*parts.posonlyargs, *parts.args]
            first = len(places) - len(parts.defaults)
            names = [*places[first:], *parts.kwonlyargs]
            for name, default in zip(names, [*parts.defaults, *parts.kw_defaults], strict=True):
                if default is not None:
                    yield name.arg, default, name.lineno


def test_a_default_is_written_once() -> None:
    modules = [*COMMANDS.values(), "model_server"]
    fields = {one.name for name in modules for kind in configs_of(name) for one in fields_of(kind)}
    places = defaultdict[tuple[str, object], list[str]](list)
    for path in sorted(SRC.rglob("*.py")):
        for name, default, line in written(ast.parse(path.read_text(encoding="utf-8"))):
            value = default.value if isinstance(default, ast.Constant) else None
            if name in fields and value not in TRIVIAL:
                places[name, value].append(f"{path.relative_to(SRC)}:{line}")
    assert len(places) > 40
    assert {key: found for key, found in places.items() if len(found) > 1} == {}
