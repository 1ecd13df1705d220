"""Parses one reply of a model: the text that a planner or an executor generated in one call."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import FormatError
from ..records import PlanSegment
from .tags import Tag, TagKind, close_tag, find_tags, without_partial_tag


@dataclass(frozen=True)
class Plan:
    """A planner's reply that plans one more phase. `closed`: it contains the closing tag."""

    segments: tuple[PlanSegment, ...]
    closed: bool

    @property
    def prompts(self) -> tuple[str, ...]:
        return tuple(segment.prompt for segment in self.segments if segment.prompt is not None)


@dataclass(frozen=True)
class FinalAnswer:
    """A planner's reply that ends the trajectory. `closed` is False if it was cut off."""

    text: str
    closed: bool


PlanReply = Plan | FinalAnswer


@dataclass(frozen=True)
class ExecutionReply:
    """An executor's reply. `closed` is False if it was cut off or ran into another tag."""

    text: str
    closed: bool


def parse_plan_reply(text: str, phase: int, *, allow_unclosed: bool = False) -> PlanReply:
    """Parse the planner's reply for `phase`: one plan block or the final answer's block.

    Stricter than `parse`, because a planner can be asked again. Numbers do not matter: prompts
    count in order. Text after the block's closing tag is ignored. A server that leaves stop strings
    out of its output also leaves out the closing tag: append the stop string that it names or, if
    it names none, pass `allow_unclosed=True`, which accepts a plan without its closing tag. A final
    answer without its closing tag is always accepted and has `closed` False.

    Raises FormatError, with the reason, for anything else: no block, text before it, a plan or a
    prompt that is not closed or is empty, a misplaced tag.
    """
    tags = list(find_tags(text))
    before = text[: tags[0].start] if tags else text
    if tags and tags[0].kind is TagKind.THINK and not tags[0].closing and not before.strip():
        opening = tags.pop(0)
        before = text[opening.end : tags[0].start if tags else None]
    what = f"The planner's reply for phase {phase}"
    if not tags or tags[0].closing or tags[0].kind not in (TagKind.PLAN, TagKind.FINAL_ANSWER):
        raise FormatError(
            f"{what} should open with <Plan_{phase}> or <Final_answer>, but reads {text[:80]!r}: "
            "ask again."
        )
    if before.strip():
        raise FormatError(
            f"{what} has text before its first tag, {before.strip()[:80]!r}: ask again."
        )
    if tags[0].kind is TagKind.PLAN:
        return _read_plan(text, tags, phase, allow_unclosed)
    return _read_final_answer(text, tags, phase)


def with_closing_tag(text: str, phase: int) -> str:
    """A planner's reply with the closing tag that a server's stop string removed."""
    first = next(find_tags(text), None)
    if first is not None and first.kind is TagKind.FINAL_ANSWER:
        return text + close_tag(TagKind.FINAL_ANSWER)
    return text + close_tag(TagKind.PLAN, phase)


def parse_execution_reply(text: str) -> ExecutionReply:
    """Parse an executor's reply: the text up to the first grammar tag. Never raises.

    `closed` is whether that tag closes an execution. An opening execution tag at the very
    beginning, which a chat model may repeat, is skipped.
    """
    start = 0
    for tag in find_tags(text):
        is_execution = tag.kind in (TagKind.EXECUTION, TagKind.EXECUTION_BLOCK)
        if is_execution and not tag.closing and not text[start : tag.start].strip():
            start = tag.end
            continue
        return ExecutionReply(text[start : tag.start].strip(), is_execution and tag.closing)
    return ExecutionReply(without_partial_tag(text[start:]).strip(), closed=False)


def _read_plan(text: str, tags: list[Tag], phase: int, allow_unclosed: bool) -> Plan:
    what = f"The plan of phase {phase}"
    segments: list[PlanSegment] = []
    position = tags[0].end
    text_before_prompt: str | None = None
    for tag in tags[1:]:
        piece = text[position : tag.start].strip()
        position = tag.end
        if tag.kind is TagKind.PROMPT and not tag.closing and text_before_prompt is None:
            text_before_prompt = piece
        elif tag.kind is TagKind.PROMPT and tag.closing and text_before_prompt is not None:
            if not piece:
                raise FormatError(f"{what} has an empty prompt {len(segments) + 1}: ask again.")
            segments.append(PlanSegment(text_before_prompt, piece))
            text_before_prompt = None
        elif tag.kind is TagKind.PLAN and tag.closing and text_before_prompt is None:
            closed, tail = True, piece
            break
        else:
            expected = "</prompt>" if text_before_prompt is not None else "a prompt or </Plan>"
            raise FormatError(
                f"{what} should go on with {expected} after {len(segments)} prompts, but has "
                f"{text[tag.start : tag.end]!r} there: ask again."
            )
    else:
        if text_before_prompt is not None:
            raise FormatError(f"{what} does not close its prompt {len(segments) + 1}: ask again.")
        if not allow_unclosed:
            raise FormatError(
                f"{what} is not closed by </Plan_{phase}>; it may have been cut off: ask again, "
                "or with more tokens."
            )
        closed, tail = False, without_partial_tag(text[position:]).strip()
    if tail:
        segments.append(PlanSegment(tail))
    if not segments:
        raise FormatError(f"{what} is empty; text or a prompt was expected: ask again.")
    return Plan(tuple(segments), closed)


def _read_final_answer(text: str, tags: list[Tag], phase: int) -> FinalAnswer:
    what = f"The final answer instead of phase {phase}"
    end = tags[1] if len(tags) > 1 else None
    if end is not None and not (end.closing and end.kind in (TagKind.FINAL_ANSWER, TagKind.THINK)):
        raise FormatError(
            f"{what} should go on to </Final_answer>, but has {text[end.start : end.end]!r} "
            "before it: ask again."
        )
    if end is None:
        answer = without_partial_tag(text[tags[0].end :]).strip()
    else:
        answer = text[tags[0].end : end.start].strip()
    if not answer:
        raise FormatError(f"{what} is empty: ask again.")
    return FinalAnswer(answer, closed=end is not None and end.kind is TagKind.FINAL_ANSWER)
