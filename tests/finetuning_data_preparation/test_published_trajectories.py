"""The authors' published curation, remade from their answers as the stages here would.

The thoughts were not published, but the inline files hold the text of plans and executions: as a
line of the thought counts what its part says, at its first line, and the others are empty.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from sprint.finetuning_data_preparation.config import Limits
from sprint.finetuning_data_preparation.curation import Curation, pack
from sprint.utils.grammar import parse, render
from sprint.utils.records import Problem, Thought, Trajectory
from sprint.utils.thoughts.components import parse_component_answer
from sprint.utils.thoughts.dag import parse_dag_answer
from sprint.utils.thoughts.inline import parse_inline
from sprint.utils.thoughts.packing import assign_phases, merge_short_executions
from sprint.utils.thoughts.stage_folders import Separated, check_separation

LOGS = Path(__file__).resolve().parents[2] / ".." / "shared" / "data" / "published_logs" / "logs"
D = "Orig-R1-Thoughts-correct_math"
SHORT = 4

pytestmark = pytest.mark.skipif(not LOGS.is_dir(), reason="the published logs are not here")


def read(folder: str, name: str) -> str:
    return (LOGS / folder / D / name).read_text(encoding="utf-8")


def read_answer(index: int) -> str:
    return read("component_separation_output_gpt-4o", f"component_separation_{index}.txt")


def separate(index: int) -> Separated:
    """The published answer, checked as stages 2 and 3 read it."""
    texts = parse_inline(read("component_inline_gpt-4o", f"component_inline_{index}.txt"))
    named = parse_component_answer(read_answer(index))
    lines = [""] * max(line for component in named for line in component.lines)
    for text, component in zip(texts, named, strict=True):
        for part, numbers in ((text.plan, component.plan), (text.execution, component.execution)):
            if numbers:
                lines[numbers[0] - 1] = f"{part}\n"
    return check_separation(read_answer(index), lines)


def read_parents(index: int) -> dict[int, list[int]]:
    dag = read("created_dags_gpt-4o", f"created_dag_{index}.json")
    return parse_dag_answer(dag, [int(number) for number in json.loads(dag)]).parents


def phases_of(index: int) -> dict[int, int]:
    merged = merge_short_executions(separate(index).components, SHORT)
    plan_only = {component.number for component in merged if not component.execution}
    return assign_phases(read_parents(index), plan_only)


def said_once(trajectory: Trajectory, index: int) -> Trajectory:
    """A published trajectory without the plans that are also its executions.

    The published code writes a line once for each part that names it; here it stands in one.
    """
    texts = parse_inline(read("component_inline_gpt-4o", f"component_inline_{index}.txt"))
    twice = [text.plan for text in texts if text.plan == text.execution]
    phases = []
    for phase in trajectory.phases:
        plan = phase.plan
        for text in twice:
            plan = tuple(
                replace(piece, text=piece.text.replace(text, "", 1).strip()) for piece in plan
            )
        phases.append(replace(phase, plan=plan))
    return replace(trajectory, phases=tuple(phases))


@pytest.mark.parametrize(
    ("index", "phases"),
    [
        (1, {1: [1], 2: [2, 3, 4, 5, 6, 7, 8], 3: [9], 4: [10, 11, 13], 5: [12, 14], 6: [15, 16]}),
        (2, {1: [1, 2, 4, 5, 7, 9], 2: [3, 6, 8, 10]}),
    ],
)
def test_phases_of_the_published_trajectories(index: int, phases: dict[int, list[int]]) -> None:
    assert phases_of(index) == {
        component: phase for phase, members in phases.items() for component in members
    }


@pytest.mark.parametrize("index", range(5))
def test_phases_follow_from_the_lines_that_the_answer_names(index: int) -> None:
    """What is named as an execution is one: no check takes lines away from it."""
    named = parse_component_answer(read_answer(index))
    plan_only = {component.number for component in named if len(component.execution) < SHORT}
    assert phases_of(index) == assign_phases(read_parents(index), plan_only)


@pytest.mark.parametrize("index", [1, 2])
def test_trajectory(index: int) -> None:
    published = parse(read("trajectory_data", f"trajectory_data_{index}.txt"))
    problem = Problem("p", index, published.question, "", published.final_answer or "")
    curation = Curation(Limits(), SHORT, "", "", "original")
    packed = pack(Thought(problem, ""), separate(index), read_parents(index), curation)
    trajectory, wanted = packed.trajectories["original"], said_once(published, index)
    assert trajectory.phases[0].prompts == wanted.phases[0].prompts
    assert render(trajectory, think=False).split() == render(wanted, think=False).split()
