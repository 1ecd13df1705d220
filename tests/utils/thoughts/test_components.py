from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sprint.utils.errors import FormatError
from sprint.utils.records import Component
from sprint.utils.thoughts.components import parse_component_answer, render_component_answer

SHARED = Path(__file__).resolve().parents[3] / ".." / "shared" / "data" / "published_logs" / "logs"

phrases = st.text("abc xyz:-*()0123", max_size=20).map(lambda text: " ".join(text.split()))
line_sets = st.sets(st.integers(1, 60), max_size=8).map(lambda lines: tuple(sorted(lines)))
components = st.builds(
    Component,
    number=st.integers(1, 99),
    description=st.just("Setting up"),
    plan=line_sets,
    prompt=phrases.map(lambda text: f"Do {text}".strip()),
    execution=line_sets,
    comment=line_sets,
)


@settings(max_examples=100)
@given(st.lists(components, min_size=1, max_size=5))
def test_written_answers_are_read_back(made: list[Component]) -> None:
    assert parse_component_answer(render_component_answer(made)) == made


def test_the_form_that_is_written() -> None:
    component = Component(1, "Setting up.", (1, 2, 3), "Set it up.", (4,), ())
    assert render_component_answer([component]) == (
        "### Component 1 (Lines 1-4)\n"
        "- **Description:** Setting up.\n"
        "- **Plan:** Lines 1-3\n"
        "- **Prompt:** Set it up.\n"
        "- **Execution:** Line 4\n"
        "- **Comment:** Lines not found"
    )


@pytest.mark.parametrize(
    ("written", "lines"),
    [
        ("Lines 3-5", (3, 4, 5)),
        ("Line 18", (18,)),
        ("Lines 221", (221,)),
        ("Lines 19-19", (19,)),
        ("Lines 3-5, 8 and 10", (3, 4, 5, 8, 10)),
        ("Lines 3–4", (3, 4)),
        ("lines 3 to 4.", (3, 4)),
        ("Lines not found", ()),
        ("None", ()),
        ("", ()),
        ("**Lines 3 - 5;** and Line 8 to Line 9.", (3, 4, 5, 8, 9)),
        ("Lines\u202f3\u20114,\u00a06 — 7", (3, 4, 6, 7)),
        ("Lines 3,\n  4", (3, 4)),
        ("\n  - Lines 3-4", (3, 4)),
        ("Lines 5-6 (2 lines)", (5, 6)),
        ("Lines 3-4 (setup), 8 (of 12) and 10. There are 2 more.", (3, 4, 8, 10)),
        ("Line 3: 2 + 2 = 4", (3,)),
        ("Line 3\n- Lines 5 and 6 stand alone", (3,)),
        ("Lines not found (cf. Line 9)", ()),
        ("None, see Line 9", ()),
        ("\n12 lines are in 3 components.", ()),
    ],
)
def test_line_lists(written: str, lines: tuple[int, ...]) -> None:
    text = f"## component 7:\nPlan: Lines 1-2\n * **Execution**: {written}\n- **Prompt:** Do.\n"
    assert parse_component_answer(text)[0].execution == lines


def test_a_prompt_may_go_over_lines_and_an_answer_may_talk_around() -> None:
    text = (
        "Here they are:\n\n**Component 1** (Lines 1-2)\n- **Plan:** Lines 1-2\n"
        "- **Prompt:** Find x: 2x = 4\n  and say it.\n- **Execution:** Lines not found\n"
    )
    assert parse_component_answer(text) == [
        Component(1, "", (1, 2), "Find x: 2x = 4 and say it.", (), ())
    ]


def test_a_prompt_may_hold_the_name_of_a_field_before_it() -> None:
    text = (
        "### Component 1\n- **Description:** Sum.\n- **Plan:** Line 1\n- **Prompt:** Add them.\n"
        "Plan: go by 2 tens.\nPrompt: be brief.\n- **Execution:** Line 2"
    )
    (component,) = parse_component_answer(text)
    assert component.prompt == "Add them. Plan: go by 2 tens. Prompt: be brief."
    assert component.lines == (1, 2)


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ("Plan: Line 1\nPlan: Line 2\nPrompt: Do.", "Plan"),
        ("Plan: Line 1\nPrompt: Do.\n- **Plan:** Line 2\nExecution: Line 3", "Plan"),
        ("Plan: Line 1\nPrompt: Do.\nComment: Be brief.\nComment: Line 2", "Comment"),
        ("Plan: Line 1\nPrompt: Do.\nExecution: Line 2\nPrompt: Undo.", "Prompt"),
    ],
)
def test_a_field_that_says_two_things_is_a_fault(fields: str, name: str) -> None:
    with pytest.raises(FormatError, match=f"Component 4 has the field {name} twice"):
        parse_component_answer(f"### Component 4\n{fields}")


def test_a_field_that_says_the_same_again_does_no_harm() -> None:
    text = "### Component 1\nPlan: Lines 1-2\nPlan: Lines 1-2\nComment: Line 3\nComment: None"
    assert parse_component_answer(text)[0].lines == (1, 2, 3)


@pytest.mark.parametrize(
    "closing",
    [
        "\nAll 12 lines are in 3 components.",
        "\n\nAll 12 lines are in 3 components.",
        "\n\nNote: 8 lines, of which Lines 1-3 are a plan.",
        "\n### Summary\nLines 1-12 are in 3 components.",
        "\n---\n12 lines in 3 components",
    ],
)
@pytest.mark.parametrize("comment", ["Line 12", "Lines not found", ""])
def test_what_is_said_after_the_last_component_names_no_lines(comment: str, closing: str) -> None:
    block = f"### Component 1\n- **Plan:** Lines 1-11\n- **Comment:** {comment}"
    assert parse_component_answer(block + closing) == parse_component_answer(block)


def test_a_prompt_at_the_end_stops_where_the_closing_words_begin() -> None:
    block = "### Component 1\n- **Plan:** Lines 1-2\n- **Prompt:** Find x\n  and say it."
    (component,) = parse_component_answer(f"{block}\n\nAll 2 lines are in 1 component.")
    assert component.prompt == "Find x and say it."


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("Lines 6-5", "'Lines 6-5' is in reverse order"),
        ("the first 3 lines", "'the first 3 lines' is not a list of lines"),
        ("<Line 3> to <Line 5>", "is not a list of lines"),
        ("Line 12345678901", "is not a list of lines"),
    ],
)
def test_a_line_list_that_cannot_be_read_is_a_fault(written: str, fault: str) -> None:
    with pytest.raises(FormatError, match=fault):
        parse_component_answer(f"### Component 1\n- **Plan:** {written}\n- **Prompt:** Do.")


def test_a_component_may_have_no_field() -> None:
    text = "### Component 1\n- **Plan:** Line 1\n\nComponent 1 is all there is."
    assert [part.lines for part in parse_component_answer(text)] == [(1,), ()]


def test_no_component_is_a_fault() -> None:
    with pytest.raises(FormatError, match="no component"):
        parse_component_answer("I cannot do that.")


def test_endless_ranges_are_refused() -> None:
    with pytest.raises(FormatError, match="more than"):
        parse_component_answer("### Component 1\n- **Plan:** Lines 1-999999999")


def test_many_long_ranges_are_refused_before_they_are_written_out() -> None:
    block = "### Component 1\n- **Plan:** Lines 1-60000\n- **Comment:** Lines 1-60000\n"
    with pytest.raises(FormatError, match="lists more than 100000 lines"):
        parse_component_answer(block)


@pytest.mark.parametrize(
    "hostile",
    [
        "\n" * 50_000,
        "#" * 50_000 + "\n",
        "Component" + "\n" * 50_000,
        "Plan" + " " * 50_000 + "\n",
        "Plan" + "*" * 50_000 + "\n",
        "- Plan: Line 1" + ", 1" * 20_000 + " (" * 20_000 + "\n",
        "- Plan: " + " *" * 50_000 + "\n",
        "- Plan:" + "\n" * 50_000 + "- Prompt: Do.\n",
        "- Prompt: Do.\n" + "Plan: so.\n" * 50_000,
        "- Plan: Line 1\n" * 20_000,
    ],
)
def test_hostile_answers_are_read_in_linear_time(hostile: str) -> None:
    """Nothing is timed: read in quadratic time, these take minutes."""
    text = f"### Component 1\n- Plan: Line 1\n{hostile}\n### Component 2\n{hostile}"
    assert parse_component_answer(text)[0].plan == (1,)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the published logs are not here")
def test_published_answers() -> None:
    folder = SHARED / "component_separation_output_gpt-4o" / "Orig-R1-Thoughts-correct_math"
    read = {
        path.name: parse_component_answer(path.read_text(encoding="utf-8"))
        for path in sorted(folder.iterdir())
    }
    assert [len(answer) for answer in read.values()] == [11, 16, 10, 15, 14]
    for answer in read.values():
        assert [component.number for component in answer] == list(range(1, len(answer) + 1))
        assert all(component.prompt and component.description for component in answer)
    assert read["component_separation_0.txt"][5] == Component(
        6,
        "Reviewing and verifying the steps taken to solve the problem.",
        (35, 36),
        "Review and verify the steps taken to solve the problem using the above plan.",
        (37, 38, 39, 40, 41),
        (42,),
    )


def test_a_thought_before_the_answer_is_no_part_of_it() -> None:
    thought = "<think>\n### Component 1\n- Plan: Lines 1-9\n</think>\n\n"
    (component,) = parse_component_answer(thought + "### Component 1\n- Plan: Line 2")
    assert component.plan == (2,)
    with pytest.raises(FormatError, match="contains no component"):
        parse_component_answer(thought)
