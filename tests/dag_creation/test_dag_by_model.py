"""Stage 2 by a model behind a scripted server, as a command."""

from __future__ import annotations

from pathlib import Path

import pytest
from sprint.utils.thoughts.stage_folders import DagFolder, SeparationFolder
from support.commands import run_command
from support.curating import chained, disk, sums, write_thoughts
from support.fake_batches import FakeBatchServer
from support.fake_server import MODEL, Answer, Reply, Request

FLAGS = ["--data_hub_path", "few.jsonl", "--logs_dir", "logs"]


@pytest.fixture
def separated(tmp_path: Path) -> Path:
    """A folder with three thoughts whose components stand."""
    write_thoughts(tmp_path / "few.jsonl", sums(3))
    assert run_command("sprint.component_separation", FLAGS, tmp_path).code == 0
    return tmp_path


def in_a_chain(request: Request) -> Answer:
    """Each component depends on the one before; the first answer is malformed."""
    if len(request.body["messages"]) == 1:
        return Reply.of("It depends.")
    return chained(request)


@pytest.mark.parametrize("flags", [(), ("--batch", "--batch_poll", "0")])
def test_dags_by_a_model(separated: Path, flags: tuple[str, ...]) -> None:
    with FakeBatchServer() as server:
        server.script = in_a_chain
        asked = ["--dag_creation_model", MODEL, "--dag_creation_server_url", server.url]
        done = run_command("sprint.dag_creation", [*FLAGS, *asked, *flags], separated)
        again = run_command("sprint.dag_creation", [*FLAGS, *asked, *flags], separated)
    assert "3 written" in done.out, done.err
    assert "Requests: 6 sent" in done.out
    assert "Requests: 0 sent" in again.out
    separation = SeparationFolder(separated / "logs", "rules", "few_default").read(0)
    dag = DagFolder(separated / "logs", MODEL, "few_default").read(0, separation.components)
    assert all(parents == [n - 1] for n, parents in dag.parents.items() if n > 1)


@pytest.mark.parametrize("flags", [(), ("--batch",)])
def test_a_dry_run_leaves_the_disk_as_it_was(separated: Path, flags: tuple[str, ...]) -> None:
    with FakeBatchServer() as server:
        server.script = in_a_chain
        asked = [*FLAGS, "--dag_creation_model", MODEL, "--dag_creation_server_url", server.url]
        first = run_command("sprint.dag_creation", [*asked, "--range", "0:2"], separated)
        folder = DagFolder(separated / "logs", MODEL, "few_default")
        folder.dag_path(0).unlink()
        folder.picture_path(1).unlink()
        before = disk(separated)
        done = run_command("sprint.dag_creation", [*asked, "--dry_run", *flags], separated)
        assert disk(separated) == before
    assert "2 written" in first.out, first.err
    assert "Requests: 0 sent, 2 answers from the store" in done.out, done.err
    assert "1 could be written at once, 1 already done, 0 failed" in done.out
