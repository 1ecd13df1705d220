"""What a package of this project says of its licence, and what it must bring along."""

from __future__ import annotations

import fnmatch
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import sprint
import yaml
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]
KATEX = "src/analysis/page/static/katex/LICENSE"


@pytest.fixture(scope="module")
def metadata() -> dict[str, Any]:
    content: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return content


@pytest.fixture(scope="module")
def citation() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    return content


def test_the_licence_is_apache_2(metadata: dict[str, Any]) -> None:
    assert metadata["project"]["license"] == "Apache-2.0"
    text = (ROOT / "LICENSE").read_text("utf-8")
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text


def test_the_licence_of_katex_is_packaged(metadata: dict[str, Any]) -> None:
    assert {"LICENSE", KATEX} <= set(metadata["project"]["license-files"])
    assert "Permission is hereby granted, free of charge" in (ROOT / KATEX).read_text("utf-8")


def test_every_file_that_modules_read_is_packaged(metadata: dict[str, Any]) -> None:
    patterns = [
        f"src/{package.removeprefix('sprint.').replace('.', '/')}/{pattern}"
        for package, found in metadata["tool"]["setuptools"]["package-data"].items()
        for pattern in found
    ]
    read = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "src").rglob("*")
        if path.is_file() and path.suffix not in (".py", ".pyc") and ".egg-info" not in str(path)
    ]
    left_out = [
        name for name in read if not any(fnmatch.fnmatch(name, pattern) for pattern in patterns)
    ]
    assert read
    assert left_out == []


def test_the_citation_is_of_the_last_release(
    metadata: dict[str, Any], citation: dict[str, Any]
) -> None:
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    released = re.findall(r"^## (\d+\.\d+\.\d+) ", changes, re.MULTILINE)[0]
    assert citation["cff-version"] == "1.2.0"
    assert citation["version"] == released
    is_ahead = Version(sprint.__version__) > Version(released)
    assert is_ahead == ("\n## Unreleased\n" in changes)
    assert citation["license"] == metadata["project"]["license"]


def test_the_paper_is_cited_by_its_identifier(citation: dict[str, Any]) -> None:
    paper = citation["preferred-citation"]
    assert [one["value"] for one in paper["identifiers"]] == ["arXiv:2506.05745"]
    assert len(paper["authors"]) == 6
