"""A disk that fills up with what a stage writes: what is under way is stored, and paid once."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from support.curating import Thought, write_thoughts
from support.fake_server import FakeServer, Reply
from support.stages import DATA, DISK, STAGES
from support.troubles import mounted, require_one_sentence, run_stage

SMALL, LARGE = 12, 400
"""Megabytes of the disk, before and after there is room again."""


def long_thoughts(folder: Path, rows: int) -> None:
    text = "A line of it.\n" * 400
    thoughts = [Thought(f"What is {n}?", f"Number {n}.\n{text}") for n in range(rows)]
    write_thoughts(folder / DATA, thoughts)


def long_problems(folder: Path, rows: int) -> None:
    asked = [{"problem": f"What is {n}? " + "x" * 20_000, "answer": "4"} for n in range(rows)]
    (folder / DATA).write_text("".join(f"{json.dumps(row)}\n" for row in asked))


LONG = {
    "component separation": (replace(STAGES["component separation"], prepare=long_thoughts), 150),
    "serial": (
        replace(
            STAGES["serial"],
            prepare=long_problems,
            script=lambda _: (
                lambda _: Reply.of("It is \\boxed{4}.\n</think>\n\n4" + " and so on" * 1_000)
            ),
        ),
        300,
    ),
}


@pytest.mark.parametrize("name", LONG)
def test_a_disk_that_the_results_fill(tmp_path: Path, name: str, fake_server: FakeServer) -> None:
    stage, rows = LONG[name]
    fake_server.script = stage.script(rows)
    stage.prepare(tmp_path, rows)
    with mounted(tmp_path / DISK, SMALL) as disk:
        require_one_sentence(run_stage(stage, tmp_path, fake_server, workers=16))
        assert 0 < len(fake_server.requests) < rows
        disk.remount(f"size={LARGE}m")
        again = run_stage(stage, tmp_path, fake_server, workers=16)
        assert again.code == 0, again.err
        assert not list(disk.path.rglob(".reserve*"))
    stage.require_each_asked_once(fake_server, rows)
