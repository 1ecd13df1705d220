from __future__ import annotations

from sprint.finetuning_data_preparation.trajectory import build_trajectory, comments_left_out
from sprint.utils.grammar import render
from sprint.utils.records import Component, PlanSegment
from sprint.utils.thoughts.inline import ComponentText
from sprint.utils.thoughts.packing import assign_phases, merge_short_executions


def test_a_trajectory_with_everything() -> None:
    components = [
        ComponentText(1, "", "There are two.", "", ""),
        ComponentText(2, "", "Let me work out P.", "Work out P.", "P = 4.", "Nice."),
        ComponentText(3, "", "P takes a look.", "Look at P.", "It is 4."),
        ComponentText(4, "", "Next, Q.", "Work out Q.", "Q = 5."),
        ComponentText(5, "", "Add them. 4 + 5 = 9.", "", ""),
    ]
    parents = {1: [], 2: [1], 3: [2], 4: [1], 5: [2, 4]}
    phases = assign_phases(parents, {1, 5})
    text = render(build_trajectory("How many?", components, parents, phases, "So 9."), think=False)
    assert (
        text
        == """<Question>
How many?
</Question>

<Plan_1>
There are two.

Let me work out P.

<prompt_1.1> Work out P. </prompt_1.1>

-----

Next, Q.

<prompt_1.2> Work out Q. </prompt_1.2>
</Plan_1>

<Execution_1>
<execution_1.1>
P = 4.
</execution_1.1>

<execution_1.2>
Q = 5.
</execution_1.2>
</Execution_1>

<Plan_2>
Observation about execution_1.1: Nice.

Based on execution_1.1:
P takes a look.

<prompt_2.1> Look at P. </prompt_2.1>

-----

Based on execution_1.1, execution_1.2:
Add them. 4 + 5 = 9.
</Plan_2>

<Execution_2>
<execution_2.1>
It is 4.
</execution_2.1>
</Execution_2>

<Final_answer>
So 9.
</Final_answer>"""
    )


def test_the_same_basis_is_not_named_twice_in_a_row() -> None:
    components = [ComponentText(n, "", f"Plan {n}.", f"Do {n}.", f"Done {n}.") for n in range(1, 6)]
    parents = {1: [], 2: [1], 3: [1], 4: [], 5: [1]}
    phases = {1: 1, 2: 2, 3: 2, 4: 2, 5: 2}
    plan = build_trajectory("?", components, parents, phases, "!").phases[1].plan
    assert [segment.text for segment in plan] == [
        "Based on execution_1.1:\nPlan 2.",
        "Plan 3.",
        "Plan 4.",
        "Based on execution_1.1:\nPlan 5.",
    ]


def test_a_component_without_plan_is_its_prompt() -> None:
    components = [ComponentText(1, "", "", "Do it.", "Done.")]
    assert build_trajectory("?", components, {1: []}, {1: 1}, "!").phases[0].plan == (
        PlanSegment("", "Do it."),
    )


def test_comments_on_the_last_phase_are_counted() -> None:
    components = [
        ComponentText(1, "", "A.", "Do it.", "Done.", "Fine."),
        ComponentText(2, "", "B.", "Do it.", "Done.", "Fine."),
    ]
    assert comments_left_out(components, {1: 1, 2: 2}) == 1


def test_short_executions_go_into_the_plan() -> None:
    short = Component(1, "", (1,), "Do it.", (2, 3, 4), (5,))
    long = Component(2, "", (6,), "Do it.", (7, 8, 9, 10), (11,))
    bare = Component(3, "", (12,), "Do it.", (), (13,))
    merged = merge_short_executions([short, long, bare], 4)
    assert [(c.plan, c.execution, c.comment) for c in merged] == [
        ((1, 2, 3, 4, 5), (), ()),
        ((6,), (7, 8, 9, 10), (11,)),
        ((12, 13), (), ()),
    ]
