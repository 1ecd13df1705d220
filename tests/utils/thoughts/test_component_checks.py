from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sprint.utils.errors import FormatError
from sprint.utils.records import Component
from sprint.utils.thoughts.component_checks import check_components


def component(
    number: int,
    plan: range | list[int],
    execution: range | list[int] = range(0),
    comment: range | list[int] = range(0),
    prompt: str = "Do it.",
) -> Component:
    return Component(number, "", tuple(plan), prompt, tuple(execution), tuple(comment))


def parts(component: Component) -> tuple[list[int], list[int], list[int]]:
    return list(component.plan), list(component.execution), list(component.comment)


def test_sound_components_stay_as_they_are() -> None:
    sound = [component(1, [1, 2], [3]), component(2, [], [4], [5])]
    checked = check_components(sound, 5)
    assert list(checked.components) == sound
    assert checked.repairs == {}


def test_lines_out_of_range_are_left_out() -> None:
    checked = check_components([component(1, [0, 1], [2, 3, 4])], 3)
    assert parts(checked.components[0]) == ([1], [2, 3], [])
    assert checked.repairs == {"out_of_range": 2}


def test_a_line_of_plan_and_execution_stays_with_the_execution() -> None:
    checked = check_components([component(1, [1, 2], [1, 2]), component(2, [3, 4], [4, 5])], 5)
    assert [parts(c) for c in checked.components] == [([], [1, 2], []), ([3], [4, 5], [])]
    assert checked.repairs == {"within_component": 3}


def test_a_line_of_the_comment_and_another_part_stays_there() -> None:
    checked = check_components([component(1, [1, 2], [3, 4], [1, 4, 5])], 5)
    assert parts(checked.components[0]) == ([1, 2], [3, 4], [5])
    assert checked.repairs == {"within_component": 2}


def test_a_line_of_two_neighbours_stays_with_the_first() -> None:
    checked = check_components([component(1, [1], [2, 3]), component(2, [3], [4])], 4)
    assert [parts(c) for c in checked.components] == [([1], [2, 3], []), ([], [4], [])]
    assert checked.repairs == {"between_neighbours": 1}


def test_forgotten_lines_continue_the_line_before_them() -> None:
    last = list(range(8, 39))
    checked = check_components([component(1, [2], [4]), component(2, [7], last)], 40)
    assert [parts(c) for c in checked.components] == [
        ([1, 2, 3], [4, 5, 6], []),
        ([7], [*last, 39, 40], []),
    ]
    assert checked.repairs == {"gap": 6}


def test_an_answer_that_forgets_many_lines_is_not_repaired() -> None:
    with pytest.raises(FormatError, match=r"30 of 40 lines are in no component: 2, 3, 4, 6, .*, …"):
        check_components([component(1, list(range(1, 41, 4)))], 40)
    assert check_components([component(1, [1])], 4).repairs == {"gap": 3}


def test_tags_in_a_prompt_that_no_trajectory_shows_do_no_harm() -> None:
    assert check_components([component(1, range(1, 10), prompt="<think>")], 9).repairs == {}


def test_components_are_not_interleaved() -> None:
    around = [component(1, [1, 5, 6]), component(2, [2, 3, 4])]
    with pytest.raises(FormatError, match="Component 1 contains line 6, which comes after line 2"):
        check_components(around, 6)


def test_empty_components_are_dropped_and_the_rest_renumbered() -> None:
    checked = check_components([component(1, [1]), component(2, []), component(3, [2])], 2)
    assert [(c.number, c.plan) for c in checked.components] == [(1, (1,)), (2, (2,))]
    assert checked.repairs == {"empty_component": 1, "renumbered": 1}


@pytest.mark.parametrize(
    ("components", "fault"),
    [
        ([component(1, [1]), component(2, [9])], "Lines 2-8 are in no component"),
        ([component(1, [1])], "Lines 2-9 are in no component"),
        ([component(1, range(1, 10)), component(2, [4, 5])], "Line 4 is in Component 1 and in"),
        (
            [component(1, [1, 2, 3]), component(2, [4, 5, 6]), component(3, [2, *range(7, 10)])],
            "Line 2 is in Component 1 and in Component 3",
        ),
        ([component(1, range(5, 10)), component(2, range(1, 5))], "Component 2 begins before"),
        ([component(1, [1, 2, 7, 8, 9], [3, 4, 5, 6])], "line 9 is plan but comes after line 3"),
        ([component(1, [1], range(2, 10), prompt="")], "has an execution but no prompt"),
        (
            [component(1, [1], range(2, 10), prompt="Do what `<prompt_1.1>` asks.")],
            "The prompt of Component 1 contains <prompt_1.1>, which is reserved",
        ),
        ([component(1, [])], "No component contains any of the lines 1-9"),
    ],
)
def test_what_cannot_be_repaired_is_named(components: list[Component], fault: str) -> None:
    with pytest.raises(FormatError, match=fault):
        check_components(components, 9)


lines = st.sets(st.integers(0, 14), max_size=6).map(sorted)


@settings(max_examples=200)
@given(st.lists(st.builds(component, st.integers(1, 4), lines, lines, lines), max_size=4))
def test_each_line_is_held_once_or_the_answer_is_refused(components: list[Component]) -> None:
    try:
        checked = check_components(components, 12)
    except FormatError:
        return
    held = [n for c in checked.components for part in parts(c) for n in part]
    assert sorted(held) == list(range(1, 13))
    assert check_components(checked.components, 12).repairs == {}
