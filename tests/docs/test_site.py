"""The site is built without a warning: all pages, links and anchors are there, and are searched."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.limits import PROCESS_PATIENCE

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.slow

TOPICS = [
    "DAG prompt",
    "retry policy",
    "stop strings",
    "resume",
    "packing rule",
    "run.json",
    "prices",
    "sequential tokens",
    "dataset columns",
    "executor start",
    "sprint orchestrate",
]


@pytest.fixture(scope="module")
def titles(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Of all sections that the search knows."""
    site = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", site],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        timeout=PROCESS_PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    index = json.loads((site / "search" / "search_index.json").read_text(encoding="utf-8"))
    return [section["title"] for section in index["docs"]]


@pytest.mark.parametrize("topic", TOPICS)
def test_the_search_knows_a_heading_for(topic: str, titles: list[str]) -> None:
    assert [title for title in titles if topic.lower() in title.lower()]
