from __future__ import annotations

from pathlib import Path

import pytest
from sprint.component_separation.separation_rows import Numbered, SeparationRows, number_lines
from sprint.utils.annotation.row_faults import FaultKind, RowFault
from sprint.utils.records import Problem, Thought
from sprint.utils.thoughts.stage_folders import SeparationFolder


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
    assert numbered.words.startswith(
        "The question contains <think>, a tag of the trajectory format."
    )


@pytest.mark.parametrize(
    ("question", "answer", "kind"),
    [("", "2", FaultKind.NO_QUESTION), ("1+1?", "", FaultKind.NO_ANSWER)],
)
def test_a_row_that_lacks_a_part_fails_before_it_is_asked_about(
    question: str, answer: str, kind: FaultKind, tmp_path: Path
) -> None:
    rows = SeparationRows(SeparationFolder(tmp_path, "rules", "data"))
    fault = rows.prepare(Thought(Problem("0", 0, question, answer), "It is 2."))
    assert isinstance(fault, RowFault)
    assert fault.kind == kind
