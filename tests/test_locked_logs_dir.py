"""A LOGS_DIR in a folder that may not be entered: one sentence, whatever the stage."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sprint import component_separation, dag_creation
from sprint.utils.config import from_command_line
from sprint.utils.errors import InputError
from support.locked import lock

STAGES: dict[str, Callable[[list[str]], Any]] = {
    "component separation": lambda flags: component_separation.run_within(
        from_command_line(component_separation.SeparationConfig, flags)
    ),
    "DAG creation": lambda flags: dag_creation.run_within(
        from_command_line(dag_creation.DagConfig, flags)
    ),
}


@pytest.mark.parametrize("more", [[], ["--dry_run"]])
@pytest.mark.parametrize("stage", STAGES)
def test_a_logs_dir_that_may_not_be_entered(
    stage: str, more: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = {"problem": "1 + 1?", "answer": "2", "thought": "Let me add. 1 + 1 = 2."}
    (tmp_path / "few.jsonl").write_text(json.dumps(row) + "\n")
    lock(monkeypatch, tmp_path / "locked")
    flags = ["--data_hub_path", str(tmp_path / "few.jsonl")]
    flags += ["--logs_dir", str(tmp_path / "locked" / "logs"), *more]
    with pytest.raises(InputError, match=r"Permission denied.*set LOGS_DIR"):
        asyncio.run(STAGES[stage](flags))
