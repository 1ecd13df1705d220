"""`sprint accept`: a round is accepted if it made the model faster and not less accurate."""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence
from dataclasses import replace
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sprint.latency_tuning.verdict import AcceptConfig, run
from sprint.latency_tuning.verdict.round_outcomes import Outcome, Paired, verdict_on
from sprint.utils.errors import InputError
from sprint.utils.records import Call
from support.result_folders import CALLS, sprint_result, write_results
from support.scripts import PROBLEM
from support.tiny import save_tiny_model

FEWER = CALLS[1:5]


@pytest.fixture
def accept(tmp_path: Path) -> Any:
    """Compares two folders, given the answers and calls of each problem; the verdict."""
    save_tiny_model(tmp_path / "model")

    def compare(
        before: Sequence[tuple[str, Sequence[Call]]],
        after: Sequence[tuple[str, Sequence[Call]]],
        **more: Any,
    ) -> dict[str, Any]:
        folders = []
        for name, outcomes in (("before", before), ("after", after)):
            results = [
                sprint_result(
                    replace(PROBLEM, id=f"p_{number}", index=number, level=f"{number % 2 + 1}"),
                    answer=answer,
                    calls=calls,
                )
                for number, (answer, calls) in enumerate(outcomes)
            ]
            folders.append(write_results(tmp_path / name, results))
        output = tmp_path / "verdict.json"
        config = AcceptConfig(
            before=folders[0],
            after=folders[1],
            prices="h100_7b",
            tokenizer=str(tmp_path / "model"),
            output=output,
            **more,
        )
        run(config)
        return json.loads(output.read_text())  # type: ignore[no-any-return]

    return compare


def test_a_faster_model_is_accepted(accept: Any, capsys: pytest.CaptureFixture[str]) -> None:
    found = accept([("26", CALLS), ("0", CALLS)], [("26", FEWER), ("26", CALLS)])
    assert (found["accepted"], found["lost"], found["won"]) == (True, [], ["p_1"])
    assert found["groups"]["all"]["problems"] == 2
    assert found["groups"]["2"]["right_after"] == 1
    assert found["groups"]["1"]["seconds_after"] < found["groups"]["1"]["seconds_before"]
    assert capsys.readouterr().out.endswith("Accepted.\n")


def test_a_less_accurate_model_is_not(accept: Any, capsys: pytest.CaptureFixture[str]) -> None:
    found = accept([("26", CALLS)] * 2, [("26", FEWER), ("0", FEWER)])
    assert not found["accepted"]
    assert found["lost"] == ["p_1"]
    assert "Not accepted: accuracy fell from 100.0% to 50.0%." in capsys.readouterr().out


def test_it_may_lose_as_much_as_allowed(accept: Any) -> None:
    assert accept([("26", CALLS)] * 4, [("26", FEWER)] * 3 + [("0", FEWER)], max_loss=0.25)[
        "accepted"
    ]


def test_a_slower_model_is_not_accepted(accept: Any) -> None:
    assert "not shorter" in accept([("26", FEWER)], [("26", CALLS)])["reason"]


def test_other_problems_are_refused(accept: Any) -> None:
    with pytest.raises(InputError, match=r"1 problems are in only one of .*, such as p_1"):
        accept([("26", CALLS)], [("26", CALLS)] * 2)


OUTCOMES = st.builds(Outcome, st.booleans(), st.floats(0.01, 10))
PAIRS = st.lists(
    st.builds(Paired, st.uuids().map(str), st.sampled_from(["", "1", "2"]), OUTCOMES, OUTCOMES),
    min_size=1,
    max_size=20,
)


@given(PAIRS)
def test_the_counts_of_a_verdict_fit(pairs: list[Paired]) -> None:
    found = verdict_on(pairs, 0.0)
    before, after = (
        [side(pair) for pair in pairs] for side in (attrgetter("before"), attrgetter("after"))
    )
    gained = sum(one.right for one in after) - sum(one.right for one in before)
    assert gained == len(found.won) - len(found.lost)
    means = [statistics.fmean(one.seconds for one in side) for side in (before, after)]
    if means[0] != pytest.approx(means[1]):
        assert found.accepted == (gained >= 0 and means[1] < means[0])
    levels = [means.problems for name, means in found.groups.items() if name != "all"]
    assert sum(levels) == sum(bool(pair.level) for pair in pairs)


@given(PAIRS, st.floats(0, 1))
def test_the_same_outcomes_are_no_gain(pairs: list[Paired], max_loss: float) -> None:
    same = [replace(pair, after=pair.before) for pair in pairs]
    assert not verdict_on(same, max_loss).accepted
