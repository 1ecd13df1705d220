from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sprint.base_model_evaluation.skeleton_of_thought import (
    conclusion_material,
    point_material,
    read_points,
)
from sprint.utils.errors import FormatError


@pytest.mark.parametrize(
    "reply",
    [
        "1. Add.\n2. Halve.",
        "Here it is:\n\n1) Add.\n2) Halve.\n",
        "**1.** Add.\n\n **2.** Halve.",
        "1\\. Add.\n2\\. Halve.",
        "**1. Add.**\n**2. Halve.**",
        "1: Add.\n2: Halve.",
        "1.Add.\n2.Halve.",
        "  1. Add.\n 2. Halve.",
    ],
)
def test_points_are_read_in_the_usual_forms(reply: str) -> None:
    assert read_points(reply, 8) == ("Add.", "Halve.")


def test_lines_below_a_point_belong_to_it() -> None:
    reply = "1. Add:\n   - 2 and 3\n2. Halve 2.5 of it."
    assert read_points(reply, 8) == ("Add:\n   - 2 and 3", "Halve 2.5 of it.")


def test_lists_below_a_point_belong_to_it() -> None:
    reply = "1. Add\n   1. first\n   2. second\n2. Halve"
    assert read_points(reply, 8) == ("Add\n   1. first\n   2. second", "Halve")


def test_numbers_at_the_beginning_of_a_line_are_no_points() -> None:
    assert read_points("1. Add\n2.5 to it, at\n10:30.\n2. Halve", 8)[1] == "Halve"


@pytest.mark.parametrize(
    ("reply", "fault"),
    [
        ("", "no numbered points"),
        ("2*3=6, so it is 26.", "no numbered points"),
        ("- Add\n- Halve", "no numbered points"),
        ("1. Add.\n3. Halve.", "numbered 1 to 2, but they are 1, 3"),
        ("1. Add.\n1. Halve.", "numbered 1 to 2, but they are 1, 1"),
        ("1. a\n2. b\n3. c", "3 points, more than 2"),
    ],
)
def test_other_replies_are_malformed(reply: str, fault: str) -> None:
    with pytest.raises(FormatError, match=fault):
        read_points(reply, 2)


WORDS = st.text("abc x+=<>", min_size=1, max_size=20).map(str.strip).filter(bool)


@given(st.lists(WORDS, min_size=1, max_size=9))
def test_a_written_list_is_read_back(points: list[str]) -> None:
    listed = point_material(points, 1).split("\n\nPoint to work out")[0]
    assert read_points(listed, 9) == tuple(points)


@given(st.text(max_size=200))
def test_any_reply_is_points_or_malformed(reply: str) -> None:
    try:
        points = read_points(reply, 4)
    except FormatError:
        return
    assert 1 <= len(points) <= 4
    assert all(points)


def test_what_is_shown_to_a_point_and_to_the_conclusion() -> None:
    assert point_material(["Add.", "Halve."], 2) == (
        "Skeleton:\n1. Add.\n2. Halve.\n\nPoint to work out: 2. Halve."
    )
    assert conclusion_material(["Add.", "Halve."], ["It is 4.", "It is 2."]) == (
        "Points:\n\n1. Add.\nIt is 4.\n\n2. Halve.\nIt is 2."
    )
    assert conclusion_material([], []) == ""
