"""A disk that is full from some request on, at each stage: one sentence, and nothing paid twice."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.fake_server import FakeServer
from support.stages import DISK, STAGES, WRITERS
from support.troubles import AfterSome, mounted, require_one_sentence, run_stage

ROWS = 24
ASKING = [name for name in WRITERS if STAGES[name].asks]


@pytest.mark.parametrize("name", ASKING)
def test_a_disk_that_fills_up(tmp_path: Path, name: str, fake_server: FakeServer) -> None:
    stage = STAGES[name]
    with mounted(tmp_path / DISK) as disk:
        stage.prepare(tmp_path, ROWS)
        script = stage.script(ROWS)
        fake_server.script = AfterSome(script, ROWS * stage.asks // 2, disk.fill)
        require_one_sentence(run_stage(stage, tmp_path, fake_server))
        assert len(fake_server.requests) < ROWS * stage.asks
        disk.empty()
        fake_server.script = script
        again = run_stage(stage, tmp_path, fake_server)
        assert again.code == 0, again.err
        assert not list(disk.path.rglob(".reserve*"))
    stage.require_each_asked_once(fake_server, ROWS)


@pytest.mark.parametrize("left", [0, 100_000])
def test_fine_tuning_data_on_a_disk_with_little_room(
    tmp_path: Path, left: int, fake_server: FakeServer
) -> None:
    stage = STAGES["fine-tuning data"]
    with mounted(tmp_path / DISK) as disk:
        stage.prepare(tmp_path, ROWS)
        disk.fill(left)
        require_one_sentence(run_stage(stage, tmp_path, fake_server))
        disk.empty()
        again = run_stage(stage, tmp_path, fake_server)
        assert again.code == 0, again.err
