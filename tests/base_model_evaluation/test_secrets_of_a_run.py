"""What a whole run leaves on disk and on the terminal of a key that the server repeats."""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sprint.base_model_evaluation import BaselineConfig, run_within
from sprint.utils.config import from_command_line
from sprint.utils.methods import evaluation
from sprint.utils.redaction import MARK
from support.commands import run_command, write_problems
from support.fake_server import MODEL, FakeServer, Refusal, Reply
from support.scripts import PROBLEM

KEY = "sv-4711-Geheim/8"
RESULTS = Path("logs_base_model") / "base_model_output_fake_model" / "problems_default"


def flags(server: FakeServer, *more: str) -> list[str]:
    named = ("--test_hub_path", "problems.jsonl", "--model", MODEL, "--server_url", server.url)
    return [*named, "--method", "RFT", *more]


def test_no_file_and_no_output_holds_the_key(tmp_path: Path, fake_server: FakeServer) -> None:
    answer = Reply.of(f"{KEY}? It is \\boxed{{26}}.\n</think>")
    answers = iter([Refusal(500, f"No service for {KEY}."), answer])
    fake_server.script = lambda _: next(answers)
    write_problems(tmp_path / "problems.jsonl", [PROBLEM])
    outcome = run_command(
        "sprint.base_model_evaluation", flags(fake_server), tmp_path, {"SERVER_API_KEY": KEY}
    )
    assert outcome.code == 0, outcome.err
    assert {one.authorization for one in fake_server.requests} == {f"Bearer {KEY}"}
    written = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert [path for path, content in written.items() if KEY.encode() in content] == []
    assert KEY not in outcome.out + outcome.err
    trajectory = next(content for path, content in written.items() if "trajectory" in path.name)
    assert trajectory.startswith(b"[key redacted]? It is")


@pytest.mark.parametrize("key", [KEY, "sv-4711<Ge&heim>"])
def test_the_page_of_a_run_holds_no_key_that_a_tag_had_cut(
    tmp_path: Path, fake_server: FakeServer, key: str
) -> None:
    """The viewer shows a response without its tags."""
    said = f"{key}, {key[:7]}<think>{key[7:]}? It is \\boxed{{26}}."
    fake_server.script = lambda _: Reply.of(said)
    write_problems(tmp_path / "problems.jsonl", [PROBLEM])
    for module, given in {
        "sprint.base_model_evaluation": flags(fake_server),
        "sprint.analysis.viewer": [str(RESULTS), "--tokenizer", "characters"],
    }.items():
        outcome = run_command(module, given, tmp_path, {"SERVER_API_KEY": key})
        assert outcome.code == 0, outcome.err
    html = (tmp_path / "viewer.html").read_text()
    shown = json.loads(re.findall(r'id="problem-0">([^<]*)<', html)[0])
    assert shown["views"][0]["final"].startswith(f"{MARK}, {MARK}? It is")
    assert [path for path in tmp_path.rglob("*") if holds(path, key)] == []


def holds(path: Path, key: str) -> bool:
    return path.is_file() and key.encode() in path.read_bytes()


@pytest.mark.parametrize(("wanted", "started"), [("50", 2), ("2", 2), ("1", 1)])
def test_there_are_no_more_processes_than_problems(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wanted: str, started: int
) -> None:
    counts = list[int]()

    @asynccontextmanager
    async def count_processes(_: Any, count: int) -> Any:
        counts.append(count)
        raise KeyboardInterrupt
        yield

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(evaluation, "solve_in_processes", count_processes)
    write_problems(tmp_path / "problems.jsonl", [PROBLEM, PROBLEM])
    with FakeServer() as server:
        config = from_command_line(BaselineConfig, flags(server, "--client_processes", wanted))
    with pytest.raises(KeyboardInterrupt):
        asyncio.run(run_within(config))
    assert counts == [started]
