"""A file that cannot be replaced, from some request on or from the beginning, at each stage."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pytest
from support.fake_server import FakeServer
from support.stages import DISK, STAGES, WRITERS
from support.troubles import (
    AfterSome,
    folder_in_place,
    immutable,
    mounted,
    require_one_sentence,
    run_stage,
)

ROWS = 12
WAYS: dict[str, Callable[[Path], AbstractContextManager[None]]] = {
    "a folder": folder_in_place,
    "an immutable file": immutable,
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", WRITERS)
def test_a_file_that_cannot_be_replaced(
    tmp_path: Path, name: str, way: str, fake_server: FakeServer
) -> None:
    stage = STAGES[name]
    stage.prepare(tmp_path, ROWS)
    fake_server.script = script = stage.script(ROWS)
    path = stage.written_path(tmp_path, ROWS)
    with ExitStack() as in_the_way:

        def happen() -> None:
            if way == "a folder" and path.is_file():
                path.unlink()
            in_the_way.enter_context(WAYS[way](path))

        if stage.server and stage.module != "sprint.analysis.compare":
            fake_server.script = AfterSome(script, ROWS * stage.asks // 3, happen)
        else:
            happen()
        require_one_sentence(run_stage(stage, tmp_path, fake_server), path.name)
    fake_server.script = script
    again = run_stage(stage, tmp_path, fake_server)
    assert again.code == 0, again.err
    assert path.stat().st_size
    stage.require_each_asked_once(fake_server, ROWS)


@pytest.mark.parametrize("name", WRITERS)
def test_a_disk_that_may_only_be_read(tmp_path: Path, name: str, fake_server: FakeServer) -> None:
    """It is known before anything is asked."""
    stage = STAGES[name]
    with mounted(tmp_path / DISK) as disk:
        stage.prepare(tmp_path, ROWS)
        fake_server.script = stage.script(ROWS)
        disk.remount("ro")
        require_one_sentence(run_stage(stage, tmp_path, fake_server))
        assert not fake_server.requests
        disk.remount("rw")
        again = run_stage(stage, tmp_path, fake_server)
        assert again.code == 0, again.err
    stage.require_each_asked_once(fake_server, ROWS)
