from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sprint.utils.curation.components import parse_component_answer, render_component_answer
from sprint.utils.errors import FormatError
from sprint.utils.records import Component

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


def test_no_component_is_a_fault() -> None:
    with pytest.raises(FormatError, match="no component"):
        parse_component_answer("I cannot do that.")


def test_endless_ranges_are_refused() -> None:
    with pytest.raises(FormatError, match="more than"):
        parse_component_answer("### Component 1\n- **Plan:** Lines 1-999999999")


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
