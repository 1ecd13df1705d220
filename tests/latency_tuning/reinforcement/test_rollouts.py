"""Rollouts from a result folder: what makes them faulty, and what is missing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sprint.latency_tuning.reinforcement.rollouts import Rollout, read_rollouts
from sprint.utils.errors import InputError
from sprint.utils.grammar import render
from sprint.utils.methods.runner import no_result
from sprint.utils.records import CallTokens, Result
from sprint.utils.results.writing import SPRINT_LAYOUT, ResultFolder
from support.fake_server import FakeServer
from support.scripts import PROBLEM, TRAJECTORY, Scripted, calls_of
from support.solving import solve


@pytest.fixture
def result(fake_server: FakeServer) -> Result:
    fake_server.script, fake_server.tells_ids = Scripted(calls_of()), True
    return solve(fake_server, record_tokens=True)


def rollouts_of(folder: Path, *results: Result) -> list[Rollout]:
    written = ResultFolder(folder, SPRINT_LAYOUT, {"method": "SPRINT"})
    for one in results:
        written.add(one)
    written.write_tables()
    return list(read_rollouts(folder, lambda trajectory: float(len(trajectory.phases))))


def test_a_rollout_has_its_price_shape_and_calls(result: Result, tmp_path: Path) -> None:
    (rollout,) = rollouts_of(tmp_path, result)
    assert result.text == render(TRAJECTORY)
    assert (rollout.right, rollout.faulty, rollout.seconds) == (True, False, 3.0)
    assert (rollout.phases, rollout.prompts) == (3, 3)
    assert [one.tokens for one in rollout.calls] == list(result.tokens)


def test_a_problem_that_could_not_be_asked_is_a_faulty_rollout(tmp_path: Path) -> None:
    """Such as one that is too long for the server."""
    (rollout,) = rollouts_of(tmp_path, no_result(PROBLEM, InputError("too long")))
    assert (rollout.faulty, rollout.right, rollout.calls) == (True, False, ())


def test_a_rollout_without_some_of_its_tokens_is_faulty(result: Result, tmp_path: Path) -> None:
    first, *others = result.tokens
    cut = CallTokens(first.prompt_ids, first.ids, first.logprobs[1:])
    (rollout,) = rollouts_of(tmp_path, replace(result, tokens=(cut, *others)))
    assert rollout.right
    assert rollout.faulty


def test_results_without_tokens_are_refused(result: Result, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="solve with --record_tokens"):
        rollouts_of(tmp_path, replace(result, tokens=()))
