"""The rooms of the package: who may import whom, what starting a command loads, and names."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from sprint.commands import COMMANDS
from support.limits import PROCESS_PATIENCE

ROOT = Path(__file__).resolve().parents[1]
SRC = ROOT / "src"
BUILT_ON = {
    "serving": {"agent_orchestration", "base_model_evaluation", "analysis"},
    "latency_tuning": {"agent_orchestration", "finetuning"},
    "__main__": {"commands"},
}
"""The only folders of src that import others than utils."""
IN_EACH_STAGE = {"__init__", "__main__", "command", "config", "page", "report", "stage"}
"""Modules that may share a name: each is the same part of another stage or tool."""
HEAVY = {"datasets", "matplotlib", "numpy", "openai", "pandas", "sympy", "torch", "transformers"}
UNDECLARED = {"deepspeed", "uvloop", "vllm", "pydantic_core"}
"""vllm comes with the extra for the machine and brings uvloop, deepspeed is for several GPUs, and
pydantic pins its core."""


@cache
def modules() -> Mapping[str, Path]:
    """Each module of src by its name without `sprint.`; a package by the name of its folder."""
    found = {}
    for path in sorted(SRC.rglob("*.py")):
        parts = path.relative_to(SRC).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def imports(module: str) -> frozenset[str]:
    """The modules of src that a module imports when it is imported itself."""
    path = modules()[module]
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    found = set[str]()
    for node in _at_import(ast.parse(path.read_text(encoding="utf-8")).body):
        if isinstance(node, ast.ImportFrom) and node.level:
            parts = package.split(".") if package else []
            base = [*parts[: len(parts) - node.level + 1], *(node.module or "").split(".")]
            name = ".".join(part for part in base if part)
            below = [f"{name}.{one.name}".strip(".") for one in node.names]
            found |= {one if one in modules() else name for one in below}
    return frozenset(found & modules().keys())


def _at_import(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements that run at import: not those of functions or `if TYPE_CHECKING`."""
    for node in body:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node
            for field in ("body", "orelse", "finalbody"):
                yield from _at_import(getattr(node, field, []))


def room(module: str) -> str:
    """The folder in src, or in utils, that a module is in; a file is a room of its own."""
    parts = module.split(".")
    return ".".join(parts[:2]) if parts[0] == "utils" else parts[0]


def assert_no_circle(graph: Mapping[str, Iterable[str]]) -> None:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_no_modules_import_each_other() -> None:
    assert_no_circle({module: imports(module) for module in modules()})


def test_no_rooms_import_each_other() -> None:
    rooms: dict[str, set[str]] = {}
    for module in modules():
        rooms.setdefault(room(module), set()).update(map(room, imports(module)))
    assert_no_circle({name: others - {name, "utils"} for name, others in rooms.items()})


def test_stages_never_import_each_other() -> None:
    for module in modules():
        own = module.split(".")[0]
        others = {other.split(".")[0] for other in imports(module)} - {own, "utils", "", "prompts"}
        assert others <= BUILT_ON.get(own, set()), module


def test_utils_has_few_rooms() -> None:
    assert len([one for one in (SRC / "utils").iterdir() if (one / "__init__.py").is_file()]) <= 13


def test_no_two_modules_share_a_name() -> None:
    names = Counter(module.rpartition(".")[2] for module in modules())
    moved = {"compare", "figures", "viewer", "packing"}  # public paths of what moved
    assert {name for name, count in names.items() if count > 1} <= IN_EACH_STAGE | moved


def test_no_two_types_share_a_name() -> None:
    """A reader who knows one would mistake the other for it. Private types stay in one file.

    Types are classes and aliases; type variables have conventional names.
    """
    places: dict[str, list[str]] = {}
    for name, path in modules().items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if type_name := _type_name(node):
                places.setdefault(type_name, []).append(f"{name}:{node.lineno}")
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def _type_name(node: ast.AST) -> str:
    """The public class or type alias that a statement defines, or ""."""
    match node:
        case ast.ClassDef(name=name):
            pass
        case ast.Assign(value=ast.Call()):
            return ""
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            pass
        case _:
            return ""
    return name if re.fullmatch("[A-Z]+[a-z]+[A-Za-z]*", name) else ""


def test_no_module_has_more_than_400_lines() -> None:
    lines = {name: len(path.read_text().splitlines()) for name, path in modules().items()}
    assert {name: count for name, count in lines.items() if count > 400} == {}


def test_all_that_is_imported_is_declared() -> None:
    """Otherwise a command fails where another package does not happen to bring it along."""
    required = (ROOT / "requirements-common.txt").read_text(encoding="utf-8")
    declared = {_normal(name) for name in re.findall(r"^([\w.-]+)==", required, re.MULTILINE)}
    distributions = packages_distributions()
    missing = {}
    for name, path in modules().items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for top in _tops(node) - sys.stdlib_module_names - UNDECLARED - {"sprint"}:
                if not declared & {_normal(one) for one in distributions.get(top, ())}:
                    missing[top] = name
    assert missing == {}


def _tops(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Import):
        return {one.name.partition(".")[0] for one in node.names}
    if isinstance(node, ast.ImportFrom) and not node.level and node.module:
        return {node.module.partition(".")[0]}
    return set()


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("command", COMMANDS)
def test_help_loads_no_heavy_package(command: str) -> None:
    script = (
        "import sys\nfrom sprint.commands import main\n"
        f"sys.argv = ['sprint', {command!r}, '--help']\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        timeout=PROCESS_PATIENCE,
    )
    assert HEAVY & set(done.stderr.split()) == set()
