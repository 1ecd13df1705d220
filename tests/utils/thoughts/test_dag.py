from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from sprint.utils.errors import FormatError
from sprint.utils.thoughts.dag import check_parents, parse_dag_answer, render_parents
from support.dags import dags


@settings(max_examples=100)
@given(dags)
def test_written_dags_are_read_back(parents: dict[int, list[int]]) -> None:
    checked = parse_dag_answer(render_parents(parents), parents)
    assert checked.parents == parents
    assert checked.repairs == {}


def test_the_form_that_is_written() -> None:
    assert render_parents({1: [], 2: [1]}) == '{"1": [], "2": [1]}'


@pytest.mark.parametrize(
    "text",
    [
        '{"1": [], "2": [1], "3": [1, 2]}',
        "First {1: []}.\n```python\ndag = {\n  1: [],\n  2: [1],  # uses x\n  3: [1, 2],\n}\n```",
        "{'Component 1': [], 'Component 2': ['Component 1'], 'Component 3': ['1', '2']} as said",
        "{1: (), 2: (1,), 3: (1, 2)}",
    ],
)
def test_answers_of_many_forms(text: str) -> None:
    assert parse_dag_answer(text, [1, 2, 3]).parents == {1: [], 2: [1], 3: [1, 2]}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("There are no dependencies.", "contains no dictionary"),
        ('{"1": []}', "no entry for component 2"),
        ('{"1": [], "2": [__import__("os")]}', "is neither a component"),
        ('{"1": [], "2": [1] + [1]}', "is neither a component"),
        ('{"1": [2], "2": []}', "Component 1 has the parent 2, which comes after it"),
        ('{"1": [], "2": [9]}', "Component 2 has the parent 9, which is not a component"),
        ('{"1": [], "2": [1000001]}', "is neither a component"),
        ('{"1": [], "2": [1], "2": []}', "two different entries"),
        ("{" + " " * 300_000 + "}", "has 300002 characters"),
    ],
)
def test_other_answers_are_refused(text: str, fault: str) -> None:
    with pytest.raises(FormatError, match=fault):
        parse_dag_answer(text, [1, 2])


def test_an_example_behind_the_answer_is_not_the_answer() -> None:
    text = '{"1": [], "2": [1]} For example, {"1": [2]} would be wrong.'
    assert parse_dag_answer(text, [1, 2]).parents == {1: [], 2: [1]}


def test_a_thought_before_the_answer_is_no_part_of_it() -> None:
    thought = '<think>Perhaps {"1": [], "2": [1]}?</think>'
    assert parse_dag_answer(thought + '{"1": [], "2": []}', [1, 2]).parents == {1: [], 2: []}
    with pytest.raises(FormatError, match="contains no dictionary"):
        parse_dag_answer(thought, [1, 2])


@pytest.mark.parametrize(
    ("last", "fault"),
    [
        ('{"1": [2], "2": [1], "3": []}', "Component 1 has the parent 2"),
        ('{"1": [], "2": [1]}', "no entry for component 3"),
        ('{"1": [], "2": [1], "3": 2}', "is neither a component nor a list of parents"),
    ],
)
def test_a_draft_does_not_stand_in_for_a_faulty_answer(last: str, fault: str) -> None:
    with pytest.raises(FormatError, match=fault):
        parse_dag_answer(f'First guess: {{"1": [], "2": [], "3": []}}. Now {last}', [1, 2, 3])


def test_what_says_nothing_is_left_out_and_counted() -> None:
    checked = check_parents({1: [], 2: [1, 1, 2], 7: [1]}, [1, 2])
    assert checked.parents == {1: [], 2: [1]}
    assert checked.repairs == {"own_parent": 1, "repeated_parent": 1, "unknown_node": 1}


def test_a_component_that_names_itself_alone_is_not_taken_for_independent() -> None:
    with pytest.raises(FormatError, match="Component 3 has only itself as a parent"):
        parse_dag_answer('{"1": [1], "2": [1], "3": [3, 3]}', [1, 2, 3])
    checked = check_parents({1: [1], 2: [1, 2]}, [1, 2])
    assert (checked.parents, checked.repairs) == ({1: [], 2: [1]}, {"own_parent": 2})


def test_json_is_what_is_written() -> None:
    assert json.loads(render_parents({2: [1], 1: []})) == {"1": [], "2": [1]}
