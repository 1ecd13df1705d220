"""The row handling of stage 1 for all annotators: before and after the request to the annotator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from ..utils.annotation.row_faults import FaultKind, RowFault
from ..utils.errors import FormatError
from ..utils.grammar.lines import render_numbered, split_lines
from ..utils.grammar.tags import find_tags
from ..utils.prompt_files import load_prompt
from ..utils.records import Thought
from ..utils.thoughts.stage_folders import SeparationFolder, check_separation
from . import separation_rules


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

    prompt: ClassVar[str] = "component_separation_prompt"

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

    def answer_by_rules(self, row: NumberedThought) -> str:
        return separation_rules.annotate(row.lines)

    def request(self, row: NumberedThought) -> str:
        prompt = load_prompt(self.prompt)
        return f"{prompt}\n\nProblem:\n{row.question}\n\nReasoning:\n{row.text}"

    def accept(self, row: NumberedThought, answer: str, *, durable: bool) -> Mapping[str, int]:
        separated = check_separation(answer, row.lines)
        if not self.dry_run:
            self.folder.write(row.index, row.text, answer, separated, durable=durable)
        return separated.repairs


class Numbered(NamedTuple):
    """The lines of a thought, and the text that numbers them."""

    lines: list[str]
    text: str


def number_lines(thought: str, question: str) -> Numbered | RowFault:
    """The numbered thought. `question` is checked too, because a trajectory also contains it."""
    if not thought.strip():
        return RowFault(FaultKind.EMPTY, "The thought is empty.")
    for name, text in (("thought", thought), ("question", question)):
        if tag := next(find_tags(text), None):
            words = (
                f"The {name} contains {text[tag.start : tag.end]}, a tag of the trajectory format."
            )
            return RowFault(
                FaultKind.TAGS, f"{words} Correct it in the dataset, or leave the row out."
            )
    lines = split_lines(thought)
    try:
        return Numbered(lines, render_numbered(lines))
    except FormatError as error:
        return RowFault(FaultKind.LINE_TAGS, str(error))
