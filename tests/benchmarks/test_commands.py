"""Every benchmark can be imported: what it uses of the package still exists."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"
NAMES = sorted(path.name for path in FOLDER.glob("*.py"))


@pytest.mark.parametrize("name", NAMES)
def test_a_benchmark_finds_what_it_imports(name: str) -> None:
    found = runpy.run_path(str(FOLDER / name), run_name="imported")
    assert found["__doc__"]


def test_the_list_of_benchmarks_is_whole() -> None:
    listed = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert [name for name in NAMES if name not in listed] == []
