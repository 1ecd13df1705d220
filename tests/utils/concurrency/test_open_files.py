"""A small limit on open files slows a run down, and says so; it never breaks it."""

from __future__ import annotations

import resource
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from sprint.utils.concurrency.open_files import (
    LEAST,
    MOST_CONNECTIONS,
    RESERVE,
    connections,
    fitting,
)
from sprint.utils.errors import InputError
from support.commands import outcome_of, start_command, write_problems
from support.fake_server import MODEL, FakeServer, Reply
from support.scripts import PROBLEM

RESULTS = Path("logs_base_model") / "base_model_output_fake_model" / "problems_default"
TIGHT = RESERVE + 2 * 12
"""Room for twelve connections."""


class Limits:
    """The limits of a process, which the tests must not change."""

    def __init__(self, soft: int, hard: int) -> None:
        self.now = (soft, hard)

    def set(self, _: int, limits: tuple[int, int]) -> None:
        self.now = limits


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch) -> Callable[[int, int], Limits]:
    def install(soft: int, hard: int) -> Limits:
        limits = Limits(soft, hard)
        monkeypatch.setattr(resource, "getrlimit", lambda _: limits.now)
        monkeypatch.setattr(resource, "setrlimit", limits.set)
        return limits

    return install


@pytest.mark.parametrize("hard", [100_000, resource.RLIM_INFINITY])
def test_the_limit_is_raised_as_far_as_it_takes(
    limits: Callable[[int, int], Limits], hard: int, caplog: pytest.LogCaptureFixture
) -> None:
    found = limits(256, hard)
    assert fitting(600, 2, "--num_workers 600") == 600
    assert found.now == (1200 + RESERVE, hard)
    assert not caplog.records


def test_a_limit_that_is_high_enough_is_left_alone(
    limits: Callable[[int, int], Limits],
) -> None:
    found = limits(5000, 5000)
    fitting(600, 2, "--num_workers 600")
    assert found.now == (5000, 5000)


def test_what_does_not_fit_is_lowered_and_said(
    limits: Callable[[int, int], Limits], caplog: pytest.LogCaptureFixture
) -> None:
    found = limits(64, 256)
    assert fitting(600, 2, "--num_workers 600") == (256 - RESERVE) // 2
    assert found.now == (256, 256)
    (said,) = [record.getMessage() for record in caplog.records]
    assert "limit on open files is 256" in said
    assert "--num_workers 600" in said
    assert f"ulimit -n {1200 + RESERVE}" in said


def test_a_system_that_raises_no_limit_is_taken_as_it_is(
    limits: Callable[[int, int], Limits], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise ValueError("not above the system's own")

    limits(256, resource.RLIM_INFINITY)
    monkeypatch.setattr(resource, "setrlimit", refuse)
    assert fitting(600, 2, "--num_workers 600") == (256 - RESERVE) // 2


def test_a_limit_too_low_for_anything_is_refused(limits: Callable[[int, int], Limits]) -> None:
    limits(LEAST - 1, LEAST - 1)
    with pytest.raises(InputError, match=r"limit on open files is 47.*ulimit -n"):
        fitting(1, 2, "--num_workers 1")


@pytest.mark.parametrize(
    ("soft", "clients", "most"),
    [(RESERVE + 200, 1, 100), (RESERVE + 200, 2, 50), (8, 1, 1), (10**6, 1, MOST_CONNECTIONS)],
)
def test_clients_share_the_connections(
    limits: Callable[[int, int], Limits], soft: int, clients: int, most: int
) -> None:
    limits(soft, soft)
    assert connections(clients) == most


def test_many_workers_under_a_small_limit_solve_all_problems(
    tmp_path: Path, fake_server: FakeServer
) -> None:
    fake_server.script = lambda _: Reply.of("So it is \\boxed{26}.\n</think>")
    problems = [replace(PROBLEM, id=f"test/sums/{number}.json") for number in range(60)]
    write_problems(tmp_path / "problems.jsonl", problems)
    flags = [
        *("--test_hub_path", "problems.jsonl"),
        *("--model", MODEL),
        *("--server_url", fake_server.url),
        *("--num_workers", "60"),
    ]
    command = start_command(
        "sprint.base_model_evaluation",
        flags,
        tmp_path,
        before=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (TIGHT, TIGHT)),
    )
    outcome = outcome_of(command)
    assert (outcome.code, outcome.errors) == (0, [])
    assert f"limit on open files is {TIGHT}" in outcome.err
    assert len(pd.read_csv(tmp_path / RESULTS / "base_model_output.csv")) == len(problems)
    assert fake_server.peak <= 12
