from __future__ import annotations

import pytest
from sprint.component_separation.numbering import Numbered, number_lines
from sprint.utils.curation.faults import FaultKind, RowFault


@pytest.mark.parametrize(
    ("thought", "kind"),
    [
        (" \n", FaultKind.EMPTY),
        ("I <think> so.", FaultKind.TAGS),
        ("It is </Prompt_1.2> 3.", FaultKind.TAGS),
        ("$$</Line 1>\n<Line 2> $$", FaultKind.LINE_TAGS),
    ],
)
def test_what_could_not_be_used_is_not_asked_about(thought: str, kind: FaultKind) -> None:
    numbered = number_lines(thought, "1 + 1?")
    assert isinstance(numbered, RowFault)
    assert numbered.kind is kind


def test_other_angle_brackets_are_content() -> None:
    text = "So x < 3 and <b>y</b> > 4."
    assert isinstance(number_lines(text, text), Numbered)


def test_a_question_with_tags_is_not_asked_about() -> None:
    numbered = number_lines("It opens a thought.", "What does `<think>` mean?")
    assert isinstance(numbered, RowFault)
    assert numbered.kind is FaultKind.TAGS
    assert numbered.words.startswith("The question holds <think>, which no trajectory can hold.")
