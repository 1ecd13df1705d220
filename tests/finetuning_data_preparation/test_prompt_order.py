"""The longest work first: against all orders by brute force, and in trajectories."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import permutations
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st
from sprint.finetuning_data_preparation.order_gain import gain_of
from sprint.finetuning_data_preparation.prompt_order import (
    longest_first,
    pieces_of,
    with_longest_first,
)
from sprint.finetuning_data_preparation.trajectory import build_trajectory
from sprint.utils.grammar import SEPARATOR, parse, render
from sprint.utils.records import PlanSegment, Trajectory
from sprint.utils.thoughts.inline import ComponentText
from sprint.utils.thoughts.packing import assign_phases
from sprint.utils.tokens.counting import count_tokens


def words(text: str) -> int:
    return len(text.split())


class Job(NamedTuple):
    plan: int
    """Tokens that the planner writes for it."""
    delivery: int
    before: frozenset[int]


@st.composite
def jobs(draw: st.DrawFn) -> list[Job]:
    lengths = st.integers(0, 12)
    return [
        Job(
            draw(lengths),
            draw(lengths),
            draw(st.frozensets(st.integers(0, n - 1))) if n else frozenset(),
        )
        for n in range(draw(st.integers(0, 6)))
    ]


def critical_path(order: Sequence[int], of: Sequence[Job]) -> int:
    written = longest = 0
    for job in order:
        written += of[job].plan
        longest = max(longest, written + of[job].delivery)
    return longest


def is_allowed(order: Sequence[int], of: Sequence[Job]) -> bool:
    return all(of[job].before <= set(order[:place]) for place, job in enumerate(order))


def chosen(of: Sequence[Job]) -> list[int]:
    return longest_first([job.delivery for job in of], [job.before for job in of])


@given(jobs())
def test_no_allowed_order_is_shorter(of: list[Job]) -> None:
    orders = [order for order in permutations(range(len(of))) if is_allowed(order, of)]
    assert tuple(chosen(of)) in orders
    assert critical_path(chosen(of), of) == min(critical_path(order, of) for order in orders)


@given(st.lists(st.integers(0, 9)))
def test_without_dependencies_it_is_jacksons_rule(deliveries: list[int]) -> None:
    """Equal jobs keep their order."""
    order = longest_first(deliveries, [()] * len(deliveries))
    assert order == sorted(range(len(deliveries)), key=lambda job: -deliveries[job])


def test_a_train_is_cut_after_each_prompt_and_after_what_others_need() -> None:
    """Other plan-only components stay with the prompt that they lead to."""
    executed, numbers = {2, 3, 5, 9, 11}, (1, 2, 3, 4, 5, 6, 8, 9, 10, 11)
    members = [
        ComponentText(n, "", "Plan.", "Do it.", "Work." if n in executed else "") for n in numbers
    ]
    parents: dict[int, list[int]] = {n: [] for n in numbers} | {9: [1, 8], 2: [1], 11: [6, 7]}
    assert [[part.number for part in piece] for piece in pieces_of(members, parents)] == [
        [1],
        [2],
        [3],
        [4, 5],
        [6],
        [8, 9],
        [10, 11],
    ]


def test_a_plan_with_the_longest_work_first() -> None:
    """R takes the longest, P the shortest time; Q needs component 1."""
    components = [
        ComponentText(1, "", "There are three.", "", ""),
        ComponentText(2, "", "Let me work out P.", "Work out P.", "P = 4.", "Short."),
        ComponentText(3, "", "Next, Q.", "Work out Q.", "Q is harder. " * 4 + "Q = 5."),
        ComponentText(4, "", "I like sums.", "", ""),
        ComponentText(5, "", "Last, R.", "Work out R.", "R is harder. " * 9 + "R = 6.", "Longer."),
        ComponentText(6, "", "Add P and R.", "Add P and R.", "4 + 6 = 10."),
    ]
    parents = {1: [], 2: [], 3: [1], 4: [], 5: [], 6: [2, 5]}
    phases = assign_phases(parents, {1, 4})
    trajectory = build_trajectory("How many?", components, parents, phases, "So 10.", words)
    assert trajectory.phases[0].plan == (
        PlanSegment("I like sums.\n\nLast, R.", "Work out R."),
        PlanSegment("-----\n\nThere are three.\n\n-----\n\nNext, Q.", "Work out Q."),
        PlanSegment("-----\n\nLet me work out P.", "Work out P."),
    )
    assert trajectory.phases[1].plan == (
        PlanSegment(
            "Observation about execution_1.1: Longer.\n\nObservation about execution_1.3: Short."
            "\n\nBased on execution_1.1, execution_1.3:\nAdd P and R.",
            "Add P and R.",
        ),
    )


class Row(NamedTuple):
    """A thought of components that are recognised by the words in them."""

    components: list[ComponentText]
    parents: dict[int, list[int]]
    phases: dict[int, int]

    def write(self, *, ordered: bool) -> Trajectory:
        count = words if ordered else None
        return build_trajectory("Q?", self.components, self.parents, self.phases, "A.", count)


@st.composite
def rows(draw: st.DrawFn, size: int = 8) -> Row:
    """Lengths are large beside a separator and a line `Based on` in some, and small in others."""
    length = st.integers(1, draw(st.sampled_from([3, 30])))

    def part(kind: str, number: int) -> str:
        return f"{kind}{number}. " + "and " * (draw(length) - 1) + "so."

    components = [
        ComponentText(
            n,
            "",
            part("plan", n),
            f"Do task{n}.",
            part("work", n) if draw(st.booleans()) else "",
            f"Comment{n}." if draw(st.booleans()) else "",
        )
        for n in range(1, draw(st.integers(1, size)) + 1)
    ]
    numbers = [component.number for component in components]
    parents = {
        n: sorted(draw(st.sets(st.integers(1, n - 1), max_size=2))) if n > 1 else []
        for n in numbers
    }
    plan_only = {component.number for component in components if not component.execution}
    return Row(components, parents, assign_phases(parents, plan_only))


def named(pattern: str, text: str) -> list[int]:
    return [int(number) for number in re.findall(rf"\b{pattern}(\d+)\.", text)]


@given(rows())
def test_an_ordered_trajectory_has_the_same_parts(row: Row) -> None:
    before, after = row.write(ordered=False), row.write(ordered=True)
    assert parse(render(after, think=False)) == after
    for one, other in zip(before.phases, after.phases, strict=True):
        pairs = [
            Counter(zip(phase.prompts, phase.executions, strict=True)) for phase in (one, other)
        ]
        assert pairs[0] == pairs[1]
        plans = [" ".join(segment.text for segment in phase.plan) for phase in (one, other)]
        parts = [Counter(named("plan", plan)) for plan in plans]
        assert parts[0] == parts[1]


@given(rows())
def test_each_component_is_written_after_what_it_needs(row: Row) -> None:
    """Executions of earlier phases, and plans before it; each prompt behind its own plan."""
    known = set[int]()
    plan_only = {component.number for component in row.components if not component.execution}
    for phase in row.write(ordered=True).phases:
        for segment in phase.plan:
            here = named("plan", segment.text)
            for number in here:
                assert set(row.parents[number]) <= known
                known |= {number} & plan_only
            if segment.prompt is not None:
                assert named("task", segment.prompt) == here[-1:]
        known |= {number for work in phase.executions for number in named("work", work)}
    assert known == set(row.parents)


@given(rows())
def test_the_numbers_are_those_of_the_new_order(row: Row) -> None:
    texts = {component.number: component for component in row.components}
    trajectory = row.write(ordered=True)
    labels: dict[int, str] = {}
    for i, phase in enumerate(trajectory.phases, start=1):
        plan = "\n\n".join(segment.text for segment in phase.plan)
        for label, number in re.findall(r"Observation about (\S+): Comment(\d+)\.", plan):
            assert label == labels[int(number)]
        basis = set[str]()
        for block in plan.split("\n\n"):
            if block.startswith("Based on "):
                listed = block.partition(":")[0].removeprefix("Based on ").split(", ")
                basis = set(listed)
                within = [label for label in listed if label.startswith(f"execution_{i - 1}.")]
                assert within == sorted(within)
            for number in named("plan", block):
                needed = {labels[parent] for parent in row.parents[number] if parent in labels}
                assert not needed or needed == basis
                basis = needed
        for k, work in enumerate(phase.executions, start=1):
            labels[named("work", work)[0]] = f"execution_{i}.{k}"
    observed = "\n".join(re.findall(r"Observation about .*", render(trajectory, think=False)))
    last = len(trajectory.phases)
    assert sorted(named("Comment", observed)) == [
        number
        for number, text in texts.items()
        if text.execution and text.comment and row.phases[number] < last
    ]


@given(rows())
def test_separators_stand_where_neighbours_of_the_thought_do_not_meet(row: Row) -> None:
    for phase in row.write(ordered=True).phases:
        plan = "\n\n".join(segment.text for segment in phase.plan)
        previous = None
        for block in re.split(rf"(?=^{SEPARATOR}$)", plan, flags=re.MULTILINE):
            numbers = named("plan", block)
            assert (block.startswith(SEPARATOR)) == (previous is not None)
            assert previous is None or numbers[0] != previous + 1
            assert numbers == list(range(numbers[0], numbers[-1] + 1))
            previous = numbers[-1]


@given(rows())
def test_no_phase_gets_longer(row: Row) -> None:
    """In words, in which a number is as long as another."""
    before, after = (count_tokens(row.write(ordered=it), words) for it in (False, True))
    for one, other in zip(before.phases, after.phases, strict=True):
        assert other.sequential <= one.sequential
    gain = gain_of(before, after)
    assert gain.whole.longest_first == after.sequential <= gain.whole.original == before.sequential
    assert gain.phases == sum(phase.prompts > 1 for phase in before.phases)


@given(rows(size=6))
def test_no_order_of_the_pieces_is_shorter_by_more_than_separators(row: Row) -> None:
    """Of all orders of the pieces of the first phase that keep dependencies, by brute force."""
    members = [component for component in row.components if row.phases[component.number] == 1]
    pieces = pieces_of(members, row.parents)
    lengths = []
    for order in permutations(pieces):
        sequence = [part for piece in order for part in piece]
        seen = set[int]()
        for part in sequence:
            if not {p for p in row.parents[part.number] if row.phases[p] == 1} <= seen:
                break
            seen.add(part.number)
        else:
            lengths.append(length_of(sequence))
    found = with_longest_first(members, row.parents, words)
    assert min(lengths) <= length_of(found) <= min(lengths) + len(pieces) - 1


def length_of(sequence: Sequence[ComponentText]) -> int:
    """Of a first phase with these components in this order, as stage 3 writes it."""
    longest = written = 0
    previous = None
    for part in sequence:
        written += previous is not None and part.number != previous + 1  # a separator
        written += words(part.plan) + (words(part.prompt) if part.execution else 0)
        longest = max(longest, written + words(part.execution))
        previous = part.number
    return longest
