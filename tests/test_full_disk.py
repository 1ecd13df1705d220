"""A disk that fills up in the middle of a stage: one sentence, and nothing paid is lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.curating import SeparationModel, Thought, write_thoughts
from support.fake_server import MODEL, Answer, FakeServer, Reply, Request
from support.limits import PROCESS_PATIENCE

SMALL, LARGE = 12, 400
"""Megabytes of the disk, before and after there is room again."""


class Disk:
    """A file system of its own, in memory."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def mount(self, size: int, *more: str) -> None:
        options = ",".join([f"size={size}m", *more])
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(self.path)],
            check=True,
            capture_output=True,
        )


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    path = tmp_path / "disk"
    path.mkdir()
    disk = Disk(path)
    try:
        disk.mount(SMALL)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("mounting takes rights that this user lacks")
    yield disk
    subprocess.run(["umount", "-l", str(path)], check=True)


def run(module: str, *flags: object) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", module, *map(str, flags)],
        capture_output=True,
        text=True,
        timeout=PROCESS_PATIENCE,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    return done.returncode, done.stderr


def require_one_sentence(code: int, said: str, disk: Disk) -> None:
    errors = [line for line in said.splitlines() if line.startswith("Error: ")]
    assert (code, len(errors)) == (2, 1), said
    assert str(disk.path) in errors[0]
    assert "Traceback" not in said


def test_curation_pays_each_answer_once(
    tmp_path: Path, disk: Disk, fake_server: FakeServer
) -> None:
    model = SeparationModel({})
    text = "A line of it.\n" * 400
    thoughts = [Thought(f"What is {number}?", f"Number {number}.\n{text}") for number in range(150)]
    data = write_thoughts(tmp_path / "many.jsonl", thoughts)
    answered = Counter[str]()

    def answer(request: Request) -> Answer:
        answered[json.dumps(request.body["messages"])] += 1
        reply = model(request)
        assert isinstance(reply, Reply)
        return reply

    fake_server.script = answer
    flags = [
        *("--data_hub_path", data, "--logs_dir", disk.path / "logs", "--num_workers", 16),
        *("--component_separation_model", MODEL),
        *("--component_separation_server_url", fake_server.url),
    ]
    require_one_sentence(*run("sprint.component_separation", *flags), disk)
    assert 0 < len(answered) < len(thoughts)
    disk.mount(LARGE, "remount")
    code, said = run("sprint.component_separation", *flags)
    assert code == 0, said
    assert set(answered.values()) == {1}
    assert len(answered) == len(thoughts)


def test_inference_keeps_what_is_finished(
    tmp_path: Path, disk: Disk, fake_server: FakeServer
) -> None:
    rows = [{"problem": f"What is {n}? " + "x" * 20_000, "answer": str(n)} for n in range(300)]
    data = tmp_path / "problems.jsonl"
    data.write_text("".join(json.dumps(row) + "\n" for row in rows))
    asked = Counter[str]()

    def answer(request: Request) -> Answer:
        asked[request.context] += 1
        return Reply.of("It is \\boxed{4}.\n</think>\n\n\\boxed{4}" + " and so on" * 1_000)

    fake_server.script = answer
    flags = [
        *("--test_hub_path", data, "--logs_dir", disk.path / "logs", "--num_workers", 4),
        *("--model", MODEL, "--server_url", fake_server.url, "--tokenizer", "none"),
    ]
    require_one_sentence(*run("sprint.base_model_evaluation", *flags), disk)
    (problems,) = disk.path.glob("logs_base_model/*/*/problems")
    finished = len(list(problems.glob("*.json")))
    assert 0 < finished < len(rows)
    disk.mount(LARGE, "remount")
    asked.clear()
    code, said = run("sprint.base_model_evaluation", *flags)
    assert code == 0, said
    assert sum(asked.values()) == len(rows) - finished
    assert not list(disk.path.rglob(".reserve*"))
