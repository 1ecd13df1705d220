"""The row handling of stage 1 for all annotators: before and after the annotator is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..utils.annotation.faults import FaultKind, RowFault
from ..utils.records import Thought
from ..utils.thoughts.stage_folders import SeparationFolder, check_separation
from . import rules
from .numbering import number_lines


@dataclass(frozen=True)
class NumberedThought:
    """The annotator's input: a thought's lines, and `text`, which numbers them."""

    index: int
    question: str
    lines: list[str]
    text: str


@dataclass(frozen=True)
class SeparationRows:
    """Numbers thoughts, and writes the files of their components into `folder`.

    A dry run only checks answers.
    """

    folder: SeparationFolder
    dry_run: bool = False

    def prepare(self, thought: Thought) -> NumberedThought | RowFault:
        problem = thought.problem
        if not problem.question:
            return RowFault(FaultKind.NO_QUESTION, "The row has no question.")
        if not problem.answer:
            return RowFault(FaultKind.NO_ANSWER, "The row has no reference answer.")
        numbered = number_lines(thought.text, problem.question)
        if isinstance(numbered, RowFault):
            return numbered
        return NumberedThought(problem.index, problem.question, numbered.lines, numbered.text)

    def accept(self, row: NumberedThought, answer: str, *, durable: bool) -> Mapping[str, int]:
        separated = check_separation(answer, row.lines)
        if not self.dry_run:
            self.folder.write(row.index, row.text, answer, separated, durable=durable)
        return separated.repairs


def answer_by_rules(row: NumberedThought) -> str:
    return rules.annotate(row.lines)
