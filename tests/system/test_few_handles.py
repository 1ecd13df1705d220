"""64 open files at most, and many workers: each stage says so, and does all its work."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest
from support.fake_server import FakeServer
from support.stages import STAGES
from support.troubles import run_stage

HANDLES, ROWS = 64, 40


def few_handles() -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (HANDLES, HANDLES))


@pytest.mark.parametrize("name", STAGES)
def test_few_handles_slow_a_stage_down_and_break_nothing(
    tmp_path: Path, name: str, fake_server: FakeServer
) -> None:
    stage = STAGES[name]
    stage.prepare(tmp_path, ROWS)
    fake_server.script = stage.script(ROWS)
    done = run_stage(stage, tmp_path, fake_server, workers=ROWS, before=few_handles)
    assert (done.code, done.errors) == (0, []), done.err
    assert "Too many open files" not in done.err
    stage.require_each_asked_once(fake_server, ROWS)
    if stage.asks and name != "judge":  # eight at a time fit
        assert f"limit on open files is {HANDLES}" in done.err
