"""Parses trajectories: the tolerant half of the grammar. Parsing never fails on any text.

A parsed trajectory can always be rendered again: contents have no tags and no white space at their
ends, and each phase has as many executions as prompts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import NamedTuple

from ..records import Phase, PlanSegment, Trajectory
from .tags import NO_PROMPT, Tag, TagKind, find_tags, without_partial_tag


def parse(text: str) -> Trajectory:
    """Parse the text of a trajectory, however damaged.

    Numbers are not needed: phases and prompts count in order of appearance. Case, the `<think>`
    lines and the question block do not matter; a tag that is never closed ends where the next block
    begins, and a partial tag at the end of a truncated text is dropped. Misplaced tags are dropped,
    and the text around them stays.

    Executions go to the prompts whose numbers they carry if these are distinct and all exist, else
    to the prompts in order. A prompt without execution gets the execution "". An execution without
    prompt gets an empty prompt at the end of the plan, so that no execution is lost. The last
    non-empty final answer counts, and the first question.
    """
    reader = _Reader()
    position = 0
    for tag in find_tags(text):
        reader.take_text(text[position : tag.start])
        reader.take_tag(tag)
        position = tag.end
    reader.take_text(without_partial_tag(text[position:]))
    reader.flush()
    return Trajectory(
        question=reader.question,
        phases=tuple(phase.finish() for phase in reader.phases),
        final_answer=reader.final_answer,
    )


class _Numbered(NamedTuple):
    number: int | None
    text: str


@dataclass
class _PhaseDraft:
    plan: list[PlanSegment] = field(default_factory=list)
    prompt_numbers: list[int | None] = field(default_factory=list)
    executions: list[_Numbered] = field(default_factory=list)
    has_block: bool = False

    def add_text(self, text: str) -> None:
        """Text at the end of the plan."""
        if text:
            self.plan.append(PlanSegment(self._take_last_text(text)))

    def add_prompt(self, text: str, prompt: str, number: int | None) -> None:
        self.plan.append(PlanSegment(self._take_last_text(text), prompt))
        self.prompt_numbers.append(number)

    def _take_last_text(self, text: str) -> str:
        """Only the last segment may lack a prompt: text before more text is joined to it."""
        if self.plan and self.plan[-1].prompt is None:
            return "\n\n".join(filter(None, [self.plan.pop().text, text]))
        return text

    def finish(self) -> Phase:
        for _ in range(len(self.executions) - len(self.prompt_numbers)):
            self.add_prompt("", "", None)
        return Phase(tuple(self.plan), _match(self.executions, self.prompt_numbers))


def _match(executions: Sequence[_Numbered], numbers: Sequence[int | None]) -> tuple[str, ...]:
    """One execution per prompt: by number if the numbers make sense, else in order."""
    places = {number: place for place, number in enumerate(numbers)}
    if None in places or len(places) < len(numbers):
        places = {number: number - 1 for number in range(1, len(numbers) + 1)}
    wanted = [execution.number for execution in executions]
    by_number = len(set(wanted)) == len(wanted) and all(number in places for number in wanted)
    matched = [""] * len(numbers)
    for order, execution in enumerate(executions):
        matched[places[execution.number] if by_number else order] = execution.text
    return tuple(matched)


class _Where(Enum):
    """The innermost open block."""

    OUTSIDE = auto()
    QUESTION = auto()
    PLAN = auto()
    PROMPT = auto()
    EXECUTION_BLOCK = auto()
    EXECUTION = auto()
    FINAL_ANSWER = auto()


class _Reader:
    """The parser state: the open block, and the text since the last relevant tag."""

    def __init__(self) -> None:
        self.question = ""
        self.phases: list[_PhaseDraft] = []
        self.final_answer: str | None = None
        self._where = _Where.OUTSIDE
        self._pieces: list[str] = []
        self._text_before_prompt = ""
        self._number: int | None = None
        self._block_is_empty = True

    def take_text(self, text: str) -> None:
        self._pieces.append(text)

    def take_tag(self, tag: Tag) -> None:
        kind = self._resolve(tag)
        if kind is TagKind.THINK:
            self._take_think(tag)
        elif tag.closing:
            self._close(kind)
        else:
            self._open(kind, tag)

    def flush(self) -> None:
        """End any open block."""
        text = self._take_pieces()
        match self._where:
            case _Where.QUESTION:
                self.question = self.question or text
            case _Where.PLAN:
                self._phase().add_text(text)
            case _Where.PROMPT:
                self._phase().add_prompt(self._text_before_prompt, text, self._number)
            case _Where.EXECUTION_BLOCK:
                # Even if cut short, or without its full stop, the sentence is not an execution.
                if self._block_is_empty and not NO_PROMPT.lower().startswith(text.lower()):
                    self._phase().executions.append(_Numbered(None, text))
            case _Where.EXECUTION:
                self._phase().executions.append(_Numbered(self._number, text))
            case _Where.FINAL_ANSWER:
                self.final_answer = text or self.final_answer or ""
            case _Where.OUTSIDE:
                pass
        self._where = _Where.OUTSIDE

    def _open(self, kind: TagKind, tag: Tag) -> None:
        if kind is TagKind.PROMPT:
            self._open_prompt(tag)
        elif kind is TagKind.EXECUTION:
            self._open_execution(tag)
        else:
            self.flush()
            self._where = _Where[kind.name]
            if kind is TagKind.PLAN:
                self.phases.append(_PhaseDraft())
            elif kind is TagKind.EXECUTION_BLOCK:
                self._phase().has_block = True
                self._block_is_empty = True

    def _open_prompt(self, tag: Tag) -> None:
        match self._where:
            case _Where.PROMPT:
                self.flush()
                self._text_before_prompt = ""
            case _Where.PLAN | _Where.OUTSIDE:
                if self._where is _Where.OUTSIDE and self.phases and self.phases[-1].has_block:
                    self.phases.append(_PhaseDraft())
                self._text_before_prompt = self._take_pieces()
            case _:
                return
        self._where = _Where.PROMPT
        self._number = tag.order

    def _open_execution(self, tag: Tag) -> None:
        match self._where:
            case _Where.EXECUTION:
                self.flush()
            case _Where.EXECUTION_BLOCK | _Where.OUTSIDE:
                self._pieces.clear()
                self._phase().has_block = True
            case _:
                return  # a reference to a result: `Based on <execution_1.1>:`
        self._where = _Where.EXECUTION
        self._number = tag.order
        self._block_is_empty = False

    def _close(self, kind: TagKind) -> None:
        match kind, self._where:
            case TagKind.PROMPT, _Where.PROMPT:
                self.flush()
                self._where = _Where.PLAN
            case TagKind.EXECUTION, _Where.EXECUTION:
                self.flush()
                self._where = _Where.EXECUTION_BLOCK
            case (
                (TagKind.QUESTION, _Where.QUESTION)
                | (TagKind.PLAN, _Where.PLAN | _Where.PROMPT)
                | (TagKind.EXECUTION_BLOCK, _Where.EXECUTION_BLOCK | _Where.EXECUTION)
                | (TagKind.FINAL_ANSWER, _Where.FINAL_ANSWER)
            ):
                self.flush()

    def _take_think(self, tag: Tag) -> None:
        ends = _Where.FINAL_ANSWER if tag.closing else _Where.QUESTION
        if self._where is ends:
            self.flush()

    def _resolve(self, tag: Tag) -> TagKind:
        """Tell `<execution>` from `<Execution_1>`, which without a k differ only by case."""
        if tag.kind is not TagKind.EXECUTION_BLOCK or not (tag.lower or tag.phase is None):
            return tag.kind
        if tag.closing:
            inside = self._where is _Where.EXECUTION
        else:
            inside = self._where in (_Where.EXECUTION, _Where.EXECUTION_BLOCK)
        return TagKind.EXECUTION if inside else TagKind.EXECUTION_BLOCK

    def _phase(self) -> _PhaseDraft:
        if not self.phases:
            self.phases.append(_PhaseDraft())
        return self.phases[-1]

    def _take_pieces(self) -> str:
        # A line break replaces a dropped tag: the pieces must not join into a new tag.
        text = "\n".join(self._pieces).strip()
        self._pieces.clear()
        return text
