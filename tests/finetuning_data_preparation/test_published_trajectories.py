"""The authors' published curation, remade from their components and DAGs."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from sprint.finetuning_data_preparation.packing import assign_phases
from sprint.finetuning_data_preparation.trajectory import build_trajectory
from sprint.utils.curation.components import parse_component_answer
from sprint.utils.curation.inline import ComponentText, parse_inline
from sprint.utils.grammar import parse

LOGS = Path(__file__).resolve().parents[2] / ".." / "shared" / "data" / "published_logs" / "logs"
D = "Orig-R1-Thoughts-correct_math"
SHORT = 4

pytestmark = pytest.mark.skipif(not LOGS.is_dir(), reason="the published logs are not here")


def read(folder: str, name: str) -> str:
    return (LOGS / folder / D / name).read_text(encoding="utf-8")


def published(index: int) -> tuple[list[ComponentText], dict[int, list[int]]]:
    """Components as the published code merged them (short executions into the plan), and DAG."""
    texts = parse_inline(read("component_inline_gpt-4o", f"component_inline_{index}.txt"))
    answer = parse_component_answer(
        read("component_separation_output_gpt-4o", f"component_separation_{index}.txt")
    )
    merged = [
        replace(text, plan="\n".join(filter(None, [text.plan, text.execution])), execution="")
        if len(component.execution) < SHORT
        else text
        for text, component in zip(texts, answer, strict=True)
    ]
    dag = json.loads(read("created_dags_gpt-4o", f"created_dag_{index}.json"))
    return merged, {int(node): parents for node, parents in dag.items()}


def words(text: str) -> list[str]:
    return text.split()


@pytest.mark.parametrize(
    ("index", "phases"),
    [
        (1, {1: [1], 2: [2, 3, 4, 5, 6, 7, 8], 3: [9], 4: [10, 11, 13], 5: [12, 14], 6: [15, 16]}),
        (2, {1: [1, 2, 4, 5, 7, 9], 2: [3, 6, 8, 10]}),
    ],
)
def test_phases(index: int, phases: dict[int, list[int]]) -> None:
    components, parents = published(index)
    plan_only = {component.number for component in components if not component.execution}
    assert assign_phases(parents, plan_only) == {
        component: phase for phase, members in phases.items() for component in members
    }


@pytest.mark.parametrize("index", [1, 2])
def test_trajectory(index: int) -> None:
    wanted = parse(read("trajectory_data", f"trajectory_data_{index}.txt"))
    components, parents = published(index)
    plan_only = {component.number for component in components if not component.execution}
    made = build_trajectory(
        wanted.question,
        components,
        parents,
        assign_phases(parents, plan_only),
        wanted.final_answer or "",
    )
    assert [phase.prompts for phase in made.phases] == [phase.prompts for phase in wanted.phases]
    assert [phase.executions for phase in made.phases] == [
        phase.executions for phase in wanted.phases
    ]
    for phase, original in zip(made.phases, wanted.phases, strict=True):
        assert [words(segment.text) for segment in phase.plan] == [
            words(segment.text) for segment in original.plan
        ]
    assert made.final_answer == wanted.final_answer
