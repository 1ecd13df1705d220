"""A limit on the size of files, as some clusters set, which a stage meets in the middle of a run.

The judge's run is not here: none of its files grows with the rows.
"""

from __future__ import annotations

import resource
from dataclasses import replace
from pathlib import Path

import pytest
from sprint.utils.data.loading import DataSource, load_problems
from support.fake_server import FakeServer
from support.stages import DATA, DISK, STAGES
from support.troubles import require_one_sentence, run_stage

LIMIT = 1 << 14
"""Bytes of a file; that of one row is smaller."""
ROWS = {
    "component separation": 120,  # what grows is the ledger of money
    "DAG creation": 120,
    "fine-tuning data": 24,
    "SPRINT": 24,
    "serial": 24,
}


PRICED = ("--price_in", "1", "--price_out", "1", "--max_cost", "100")
CURATION = ("component separation", "DAG creation")


def small_files() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, resource.RLIM_INFINITY))


@pytest.mark.parametrize("name", ROWS)
def test_a_file_that_may_not_grow(tmp_path: Path, name: str, fake_server: FakeServer) -> None:
    stage, rows = STAGES[name], ROWS[name]
    if name in CURATION:
        stage = replace(stage, flags=(*stage.flags, *PRICED))
    stage.prepare(tmp_path, rows)
    load_problems(DataSource(str(tmp_path / DATA)))  # the cache of the rows is a large file, too
    fake_server.script = stage.script(rows)
    require_one_sentence(run_stage(stage, tmp_path, fake_server, before=small_files), f"{DISK}/")
    if stage.asks:
        assert 0 < len(fake_server.requests) < rows * stage.asks
    again = run_stage(stage, tmp_path, fake_server)
    assert again.code == 0, again.err
    stage.require_each_asked_once(fake_server, rows)
