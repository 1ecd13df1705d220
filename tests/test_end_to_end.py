"""The quickstart in small, on a real vLLM server: from raw thoughts to the comparison."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def run_script(name: str, *arguments: str, **variables: str) -> str:
    environment = {**os.environ, "VENV": sys.prefix, **variables}
    command = ["sh", f"run/{name}", *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


@pytest.mark.vllm
def test_thoughts_become_a_comparison_on_a_real_server(tmp_path: Path) -> None:
    port = str(free_port())
    servers = str(tmp_path / "servers")
    try:
        output = run_script(
            "quickstart.sh",
            WORK=str(tmp_path),
            QUICKSTART_PORT=port,
            TRAIN_PROBLEMS="40",
            TEST_PROBLEMS="4",
            SPRINT_STEPS="10",
            RFT_STEPS="2",
            PLAN_TOKENS="200",
        )
    finally:
        run_script("run_server.sh", "stop", PORT=port, SERVER_DIR=servers)

    # So short a training makes no good model: what is looked at is that every stage did its work.
    assert re.search(r"\| RFT \| 4 \|", output)
    assert re.search(r"\| SPRINT \| 4 \|", output)
    assert (tmp_path / "comparison.md").is_file()
    for folder, role in (
        ("logs_base_model/base_model_output_RFT", "solver"),
        ("logs_full_trajectory/SPRINT", "planner"),
    ):
        ledger = (tmp_path / folder / "test_default" / "calls.jsonl").read_text()
        calls = [json.loads(line) for line in ledger.splitlines()]
        assert len({call["problem_id"] for call in calls}) == 4
        assert all(call["completion_tokens"] > 0 for call in calls if call["role"] == role)
