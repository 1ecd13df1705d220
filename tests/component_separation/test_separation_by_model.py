"""Stage 1 by a model that errs, as a command: nothing is lost, nothing is asked twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from sprint.component_separation.separation_rows import SeparationRows
from sprint.utils.annotation.row_faults import FaultFiles
from sprint.utils.concurrency.processes import WORTH_A_PROCESS
from sprint.utils.thoughts.stage_folders import SeparationFolder
from support.commands import run_command, take_signals
from support.curating import (
    FAULTS,
    SeparationModel,
    disk,
    files_below,
    sums,
    write_thoughts,
)
from support.fake_batches import FakeBatchServer
from support.fake_server import MODEL, Answer, FakeServer, Refusal, Reply, Request
from support.limits import PATIENCE

STAGE = "sprint.component_separation"
MANY_FAULTS = FAULTS | {"429": 0.15, "malformed": 0.15, "truncated": 0.1}


def flags(server: FakeServer, *more: str) -> list[str]:
    model = ["--component_separation_model", MODEL]
    url = ["--component_separation_server_url", server.url]
    return ["--data_hub_path", "few.jsonl", "--logs_dir", "logs", *model, *url, *more]


def outputs(folder: Path) -> dict[str, bytes]:
    """What stands; a run that is killed in the middle of a write leaves a hidden file aside."""
    files = files_below(*sorted((folder / "logs").glob("component_*/few_default")))
    return {path: data for path, data in files.items() if not Path(path).name.startswith(".")}


def folder_with(path: Path, thoughts: int) -> Path:
    path.mkdir()
    write_thoughts(path / "few.jsonl", sums(thoughts))
    return path


def kill_in_between(server: FakeServer, folder: Path, moment: int, command: Sequence[str]) -> None:
    """Run the stage until the server gets its request number `moment`."""
    script = server.script
    stage = subprocess.Popen([sys.executable, "-m", STAGE, *command], cwd=folder)

    def deadly(request: Request) -> Answer:
        answer = script(request)
        assert not hasattr(answer, "__await__")
        if len(server.requests) >= moment:
            os.kill(stage.pid, signal.SIGKILL)
        return answer  # type: ignore[return-value]

    server.script = deadly
    assert stage.wait(PATIENCE) == -signal.SIGKILL
    server.script = script


def test_killed_runs_end_in_the_same_files_and_ask_nothing_twice(
    fake_server: FakeServer, tmp_path: Path
) -> None:
    fake_server.script = SeparationModel(MANY_FAULTS, seed=1)
    whole = folder_with(tmp_path / "whole", 20)
    assert run_command(STAGE, flags(fake_server), whole).code == 0

    fake_server.requests.clear()
    fake_server.script = model = SeparationModel(MANY_FAULTS, seed=1)
    killed = folder_with(tmp_path / "killed", 20)
    stored = set[str]()
    for moment in (5, 14, 22):
        kill_in_between(fake_server, killed, moment, flags(fake_server, "--num_workers", "4"))
        stored |= {path.stem for path in (killed / "logs").glob("*_responses_*/??/*.json")}
    done = run_command(STAGE, flags(fake_server), killed)
    assert done.code == 0, done.err
    assert outputs(killed) == outputs(whole)
    assert "answers from the store" in done.out
    # What left the server but did not reach the disk is all that was answered twice.
    twice = Counter(model.completed) - Counter(dict.fromkeys(model.completed, 1))
    assert twice.total() <= 3 * 4
    assert len(stored) >= 5


def test_several_processes_write_the_same_files(fake_server: FakeServer, tmp_path: Path) -> None:
    written = list[dict[str, bytes]]()
    for count in ("1", "2"):
        fake_server.script = SeparationModel({"malformed": 0.1}, seed=3)
        folder = folder_with(tmp_path / count, 2 * WORTH_A_PROCESS)
        more = ("--num_processes", count, "--num_workers", "8")
        done = run_command(STAGE, flags(fake_server, *more), folder)
        assert f"{2 * WORTH_A_PROCESS} written" in done.out
        written.append(outputs(folder))
    assert written[0] == written[1]


@pytest.mark.parametrize("times", [1, 2])
def test_ctrl_c_waits_for_answers_under_way_and_twice_it_does_not(
    fake_server: FakeServer, tmp_path: Path, times: int
) -> None:
    gate, all_sent = fake_server.gate(), threading.Event()

    def script(request: Request) -> Answer:
        if len(fake_server.requests) == 3:
            all_sent.set()
        return Reply.of(gate, SeparationModel({})(request).text)  # type: ignore[union-attr]

    fake_server.script = script
    folder = folder_with(tmp_path / "few", 5)
    with subprocess.Popen(
        [sys.executable, "-m", STAGE, *flags(fake_server, "--num_workers", "3")],
        cwd=folder,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=take_signals,
    ) as stage:
        assert stage.stderr is not None
        assert all_sent.wait(PATIENCE)
        stage.send_signal(signal.SIGINT)
        said = next(line for line in stage.stderr if "Stopping: waiting" in line)
        assert "answers to 3 requests in flight" in said
        if times == 1:
            gate.open()
        else:
            stage.send_signal(signal.SIGINT)
        rest = stage.stderr.read()
        assert stage.wait(PATIENCE) == 130
    assert "Stopped. Run the same command again to continue" in rest
    assert "Traceback" not in rest
    stored = list((folder / "logs").glob("*_responses_*/??/*.json"))
    assert len(stored) == (3 if times == 1 else 0)
    assert len(fake_server.requests) == 3


def test_faulty_answers_are_repaired_and_every_row_is_there(
    fake_server: FakeServer, tmp_path: Path
) -> None:
    fake_server.script = SeparationModel({"malformed": 0.3, "truncated": 0.2}, seed=2)
    folder = folder_with(tmp_path / "few", 10)
    done = run_command(STAGE, flags(fake_server, "--max_attempts", "9"), folder)
    assert "10 written, 0 already done, 0 failed" in done.out
    assert len(fake_server.requests) > 10


def test_why_a_row_failed_is_written_down_until_it_succeeds(
    fake_server: FakeServer, tmp_path: Path
) -> None:
    sound = SeparationModel({})
    answers = {
        "What is 0": Reply.of("I would rather not."),
        "What is 1": Reply(("### Component 1",), truncated=True),
        "What is 2": Refusal(400),
    }

    def script(request: Request) -> Answer:
        text = request.body["messages"][0]["content"]
        return next((a for asked, a in answers.items() if asked in text), None) or sound(request)

    fake_server.script = script
    folder = folder_with(tmp_path / "few", 4)
    assert "3 failed" in run_command(STAGE, flags(fake_server), folder).out
    faults = FaultFiles(SeparationFolder(folder / "logs", MODEL, "few_default").answers)
    assert [str(faults.kind(row)) for row in range(4)] == [
        "malformed_answer",
        "truncated_answer",
        "refused_request",
        "unknown",
    ]
    assert "No usable answer in" in faults.path(0).read_text("utf-8")
    answers.clear()
    done = run_command(STAGE, flags(fake_server, "--max_attempts", "9"), folder)
    assert "3 written" in done.out
    assert not list((folder / "logs").rglob("fault_*.txt"))


def test_batches_end_in_the_same_files(tmp_path: Path) -> None:
    with FakeBatchServer() as server:
        server.script = SeparationModel({"malformed": 0.2, "truncated": 0.1}, seed=3)
        single = folder_with(tmp_path / "single", 8)
        assert run_command(STAGE, flags(server), single).code == 0
        batch = folder_with(tmp_path / "batch", 8)
        done = run_command(STAGE, flags(server, "--batch", "--batch_poll", "0"), batch)
        assert done.code == 0, done.err
    assert outputs(batch) == outputs(single)
    assert server.batches[0].lines[0]["body"]["temperature"] == 0


def test_killed_runs_go_on_with_the_batches_under_way(tmp_path: Path) -> None:
    """Killed when a batch stands at the server but its id never arrived, and while it waits."""
    folder = folder_with(tmp_path / "few", 4)
    with FakeBatchServer() as server:
        server.script = SeparationModel({})
        command = [sys.executable, "-m", STAGE, *flags(server, "--batch", "--batch_poll", "0")]
        killed = list[str]()

        def kill(moment: str) -> None:
            if moment not in killed:
                killed.append(moment)
                stage.kill()

        server.on_created = lambda: kill("created")
        server.on_look = lambda _: kill("looked")
        for _ in range(2):
            stage = subprocess.Popen(command, cwd=folder)
            assert stage.wait(PATIENCE) == -signal.SIGKILL
        done = run_command(STAGE, command[3:], folder)
        assert "4 written" in done.out, done.err
    assert killed == ["created", "looked"]
    assert [len(batch.lines) for batch in server.batches] == [4]


def test_the_limit_on_money_ends_the_run_with_one_sentence(
    fake_server: FakeServer, tmp_path: Path
) -> None:
    """A dollar for each token of an answer: of three answers of 60 tokens, that may have 100, one
    fits into 150 dollars for sure."""
    fake_server.script = SeparationModel({})
    folder = folder_with(tmp_path / "few", 3)
    prices = ["--price_in", "0", "--price_out", "1000000", "--max_tokens", "100"]
    done = run_command(STAGE, flags(fake_server, "--max_cost", "150", *prices), folder)
    assert done.code == 2
    (error,) = done.errors
    assert "Stopped by --max_cost 150" in error
    assert len(fake_server.requests) == 1
    done = run_command(STAGE, flags(fake_server, *prices), folder)
    assert ", 0 failed" in done.out
    assert len(fake_server.requests) == 3


def test_a_dry_run_says_the_price_and_asks_nothing(fake_server: FakeServer, tmp_path: Path) -> None:
    folder = folder_with(tmp_path / "few", 3)
    prices = ["--price_in", "1", "--price_out", "2"]
    done = run_command(STAGE, flags(fake_server, "--dry_run", *prices), folder)
    assert done.code == 0
    assert "3 requests with about" in done.out
    assert "by --price_in 1 and --price_out 2" in done.out
    assert fake_server.requests == []


def test_a_dry_run_needs_no_server(fake_server: FakeServer, tmp_path: Path) -> None:
    folder = folder_with(tmp_path / "few", 3)
    asked = flags(fake_server, "--dry_run")
    fake_server.stop()
    done = run_command(STAGE, asked, folder)
    assert done.code == 0, done.err
    assert "3 requests with about" in done.out


def test_a_dry_run_needs_no_key(tmp_path: Path) -> None:
    folder = folder_with(tmp_path / "few", 3)
    asked = ["--data_hub_path", "few.jsonl", "--component_separation_model", "gpt-4o", "--dry_run"]
    done = run_command(STAGE, asked, folder, {"OPENAI_API_KEY": ""})
    assert done.code == 0, done.err
    assert "3 requests with about" in done.out


@pytest.mark.parametrize("more", [(), ("--batch",)])
def test_a_dry_run_makes_no_folder(
    fake_server: FakeServer, tmp_path: Path, more: tuple[str, ...]
) -> None:
    folder = folder_with(tmp_path / "few", 3)
    done = run_command(STAGE, flags(fake_server, "--dry_run", *more), folder)
    assert done.code == 0, done.err
    assert [path.name for path in folder.iterdir()] == ["few.jsonl"]


def test_a_dry_run_of_the_rules_makes_no_folder(tmp_path: Path) -> None:
    folder = folder_with(tmp_path / "few", 3)
    done = run_command(STAGE, ["--data_hub_path", "few.jsonl", "--dry_run"], folder)
    assert "3 could be written at once, 0 already done, 0 failed" in done.out
    assert [path.name for path in folder.iterdir()] == ["few.jsonl"]


def annotated(server: FakeServer, path: Path) -> Path:
    """A folder with four thoughts: the files of row 1, and the stored answers of rows 0 and 1."""
    server.script = SeparationModel({})
    folder = folder_with(path, 4)
    assert run_command(STAGE, flags(server, "--range", "0:2"), folder).code == 0
    SeparationFolder(folder / "logs", MODEL, "few_default").answer_path(0).unlink()
    server.requests.clear()
    return folder


@pytest.mark.parametrize("more", [(), ("--batch",)])
def test_a_dry_run_counts_what_is_stored_and_leaves_the_disk_as_it_was(
    fake_server: FakeServer, tmp_path: Path, more: tuple[str, ...]
) -> None:
    folder = annotated(fake_server, tmp_path / "few")
    before = disk(folder)
    done = run_command(STAGE, flags(fake_server, "--dry_run", *more), folder)
    assert "component separation: 2 rows ask fake/model" in done.out, done.err
    assert "Requests: 0 sent, 1 answers from the store" in done.out
    assert "1 could be written at once, 1 already done, 0 failed" in done.out
    assert disk(folder) == before


def test_a_dry_run_refuses_other_prompts(fake_server: FakeServer, tmp_path: Path) -> None:
    folder = annotated(fake_server, tmp_path / "few")
    prompts = tmp_path / "prompts"
    prompts.mkdir()
    (prompts / f"{SeparationRows.prompt}.txt").write_text("Mine.")
    before, mine = disk(folder), {"PROMPTS_DIR": str(prompts)}
    done = run_command(STAGE, flags(fake_server, "--dry_run"), folder, mine)
    (error,) = done.errors
    assert "was annotated with other prompts" in error
    assert disk(folder) == before


def test_a_server_that_goes_away_ends_the_run_with_one_sentence(
    fake_server: FakeServer, tmp_path: Path
) -> None:
    url = fake_server.url
    fake_server.script = lambda _: Reply.of("never asked")
    fake_server.stop()
    folder = folder_with(tmp_path / "few", 3)
    done = run_command(STAGE, flags(fake_server), folder)
    assert done.code == 2
    assert done.errors == [
        f"Error: Cannot reach a model server at {url}: start it (sh run/run_server.sh) or correct "
        "the URL."
    ]
