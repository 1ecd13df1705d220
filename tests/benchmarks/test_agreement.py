from __future__ import annotations

import pytest
from agreement import Score, boundary_score, edge_score, match, order_score, rebuild
from sprint.utils.thoughts.inline import ComponentText


def part(number: int, plan: str, execution: str = "", comment: str = "") -> ComponentText:
    return ComponentText(number, "", plan, "Do it.", execution, comment)


@pytest.mark.parametrize("separator", ["\n\n", "\n", " "])
def test_a_thought_is_rebuilt_with_the_lines_of_its_components(separator: str) -> None:
    texts = [part(1, "One. Two.", "Three."), part(2, "Four.", "Five.", "Six.")]
    lines, spans = rebuild(texts, separator)
    assert [line.strip() for line in lines] == ["One.", "Two.", "Three.", "Four.", "Five.", "Six."]
    assert spans == {1: range(1, 4), 2: range(4, 7)}


@pytest.mark.parametrize(
    ("plan", "execution"),
    [("One. Two.", "One. Two."), ("One. Two.", "Two."), ("One.", "One. Two."), ("", "One. Two.")],
)
def test_text_that_is_named_twice_is_taken_once(plan: str, execution: str) -> None:
    lines, spans = rebuild([part(1, plan, execution), part(2, "Three.")], "\n\n")
    assert lines == ["One. ", "Two.\n\n", "Three.\n\n"]
    assert spans == {1: range(1, 3), 2: range(3, 4)}


def test_a_component_without_text_has_no_lines() -> None:
    assert rebuild([part(1, "One."), part(2, ""), part(3, "Two.")], "\n\n")[1] == {
        1: range(1, 2),
        3: range(2, 3),
    }


@pytest.mark.parametrize(
    ("found", "hits"), [([5, 9], 2), ([4, 10], 2), ([3, 9], 1), ([5, 6], 1), ([], 0)]
)
def test_boundaries_are_found_once_and_within_a_line(found: list[int], hits: int) -> None:
    assert boundary_score(found, [5, 9], tolerance=1) == Score(hits, len(found), 2)


def test_components_match_that_share_half_of_their_lines() -> None:
    found = {1: range(1, 5), 2: range(5, 7), 3: range(7, 20)}
    assert match(found, {1: range(1, 4), 2: range(4, 10), 3: range(10, 20)}) == {1: 1, 3: 3}


def test_edges_between_matched_components_are_compared_under_one_name() -> None:
    found = {1: [], 2: [1], 3: [2], 4: [2]}
    assert edge_score(found, {1: [], 2: [1], 3: [1]}, {1: 1, 2: 2, 3: 4}) == Score(1, 2, 2)


def test_phases_are_compared_by_their_order() -> None:
    found, expected = {1: 1, 2: 2, 3: 2}, {1: 1, 2: 3, 3: 4}
    assert order_score(found, expected, {1: 1, 2: 2, 3: 3}) == Score(2, 3, 3)


def test_scores_add_up() -> None:
    assert (Score(1, 2, 4) + Score(1, 1, 1)).f1 == 0.5
    assert Score().f1 is None
