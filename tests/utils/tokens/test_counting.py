from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sprint.utils.errors import FormatError
from sprint.utils.records import Phase, PlanSegment, Trajectory
from sprint.utils.tokens.counting import (
    PhaseTokens,
    TrajectoryCount,
    count_tokens,
)


def words(text: str) -> int:
    assert text
    return len(text.split())


def n(count: int) -> str:
    return " ".join(["w"] * count)


def one_phase(plan: list[tuple[int, int | None]], executions: list[int]) -> Trajectory:
    segments = tuple(PlanSegment(n(t), None if p is None else n(p)) for t, p in plan)
    return Trajectory("not counted at all", (Phase(segments, tuple(map(n, executions))),), None)


@pytest.mark.parametrize(
    ("plan", "executions", "sequential", "total"),
    [
        ([(3, None)], [], 3, 3),
        ([(3, 2)], [10], 15, 15),
        # P_1.1 + E_1.1 = 5 + 10, P_1.2 + E_1.2 = 9 + 4, the whole plan 9
        ([(3, 2), (3, 1)], [10, 4], 15, 23),
        # the second path is the longest: 9 + 8 against 5 + 10
        ([(3, 2), (3, 1)], [10, 8], 17, 27),
        # k = last + 1: the plan's end, 5 + 40, against 5 + 10
        ([(3, 2), (40, None)], [10], 45, 55),
        # an execution without tokens, a prompt without text before it
        ([(0, 2), (0, 3)], [0, 0], 5, 5),
        ([], [], 0, 0),
    ],
)
def test_a_phase_counted_by_hand(
    plan: list[tuple[int, int | None]], executions: list[int], sequential: int, total: int
) -> None:
    trajectory = one_phase(plan, executions)
    assert count_tokens(trajectory, words).sequential == sequential
    assert count_tokens(trajectory, words).total == total


def test_phases_and_the_final_answer_add_up() -> None:
    first = Phase((PlanSegment(n(2), n(1)), PlanSegment(n(4), n(1))), (n(9), n(3)))
    second = Phase((PlanSegment(n(5)),))
    count = count_tokens(Trajectory("q", (first, second), n(7)), words)
    assert count == TrajectoryCount((PhaseTokens(8, ((3, 9), (8, 3))), PhaseTokens(5, ())), 7)
    numbers = [(phase.prompts, phase.sequential, phase.total) for phase in count.phases]
    assert numbers == [(2, 12, 20), (0, 5, 5)]
    assert (count.prompts, count.sequential, count.total) == (2, 24, 32)


def test_each_text_is_counted_once_and_no_empty_one() -> None:
    seen: list[str] = []

    def count(text: str) -> int:
        seen.append(text)
        return 1

    phase = Phase((PlanSegment("a", "p"), PlanSegment("", "q"), PlanSegment("c")), ("e", ""))
    count_tokens(Trajectory("question", (phase,), "f"), count)
    assert sorted(seen) == ["a", "c", "e", "f", "p", "q"]


def test_a_prompt_without_execution_is_refused() -> None:
    with pytest.raises(FormatError, match="Phase 1 has 1 prompts but 0 executions"):
        count_tokens(Trajectory("", (Phase((PlanSegment("a", "p"),)),), None), words)


sizes = st.integers(0, 30)
prompted = st.lists(st.tuples(sizes, sizes, sizes), max_size=4)
phase_sizes = st.tuples(prompted, sizes)


def build(drawn: list[tuple[list[tuple[int, int, int]], int]]) -> Trajectory:
    phases = tuple(
        Phase(
            (*(PlanSegment(n(t), n(p)) for t, p, _ in segments), PlanSegment(n(tail))),
            tuple(n(e) for _, _, e in segments),
        )
        for segments, tail in drawn
    )
    return Trajectory("q", phases, n(3))


@given(st.lists(phase_sizes, max_size=3))
@settings(max_examples=100, deadline=None)
def test_sequential_lies_between_the_plans_and_the_total(
    drawn: list[tuple[list[tuple[int, int, int]], int]],
) -> None:
    trajectory = build(drawn)
    plans = sum(t + p for segments, _ in drawn for t, p, _ in segments) + sum(s for _, s in drawn)
    sequential = count_tokens(trajectory, words).sequential
    assert plans + 3 <= sequential <= count_tokens(trajectory, words).total


@given(st.lists(st.tuples(prompted.map(lambda p: p[:1]), st.just(0)), max_size=3))
@settings(max_examples=50, deadline=None)
def test_with_one_prompt_at_the_end_of_each_plan_nothing_is_parallel(
    drawn: list[tuple[list[tuple[int, int, int]], int]],
) -> None:
    trajectory = build(drawn)
    assert count_tokens(trajectory, words).sequential == count_tokens(trajectory, words).total
