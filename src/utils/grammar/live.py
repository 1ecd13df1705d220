"""Parses a reply while it is being streamed: yields its texts without their tags.

Text that may be the start of a tag is held back, and so is white space that may end its text. The
texts equal those that `parse_plan_reply` and `parse_execution_reply` find in the complete reply. In
a malformed reply they end at the first misplaced tag.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import NamedTuple

from .tags import MAX_TAG_LENGTH, Tag, TagKind, find_tags, without_partial_tag


class PartKind(Enum):
    """The kinds of parts of a planner's reply."""

    TEXT = auto()
    PROMPT_OPENED = auto()
    PROMPT = auto()
    PROMPT_CLOSED = auto()
    ANSWER = auto()


class LivePart(NamedTuple):
    """A part of a planner's reply. `prompt` counts from 1; 0 means outside a prompt."""

    kind: PartKind
    prompt: int = 0
    text: str = ""


class LiveReply:
    """Reads the planner's reply for one phase."""

    def __init__(self, *, answers: bool = False) -> None:
        """`answers`: the context already opened the final answer."""
        self._reader, self._text = TagReader(), _Plain()
        self._block = TagKind.FINAL_ANSWER if answers else None
        self._prompts = 0
        self._in_prompt = self._over = False

    def feed(self, delta: str) -> list[LivePart]:
        """Take the next piece of the reply; return what it adds."""
        parts = list[LivePart]()
        for piece in self._reader.feed(delta):
            if self._over:
                break
            if isinstance(piece, Tag):
                self._take(piece, parts)
            elif self._block is not None and (text := self._text.feed(piece)):
                parts.append(self._part(text))
        return parts

    def _part(self, text: str) -> LivePart:
        if self._block is TagKind.FINAL_ANSWER:
            return LivePart(PartKind.ANSWER, 0, text)
        if self._in_prompt:
            return LivePart(PartKind.PROMPT, self._prompts, text)
        return LivePart(PartKind.TEXT, 0, text)

    def _take(self, tag: Tag, parts: list[LivePart]) -> None:
        begins = not tag.closing and not self._text.begun
        if self._block is None and begins and tag.kind in (TagKind.PLAN, TagKind.FINAL_ANSWER):
            self._block = tag.kind
        elif begins and tag.kind is self._block:
            pass  # a chat model may repeat the tag that ends its context
        elif self._block is TagKind.PLAN and tag.kind is TagKind.PROMPT:
            self._take_prompt(tag, parts)
        elif not (self._block is None and tag.kind is TagKind.THINK and not tag.closing):
            self._over = True

    def _take_prompt(self, tag: Tag, parts: list[LivePart]) -> None:
        self._over = tag.closing is not self._in_prompt
        if self._over:
            return
        self._in_prompt, self._text = not tag.closing, _Plain()
        self._prompts += self._in_prompt
        kind = PartKind.PROMPT_OPENED if self._in_prompt else PartKind.PROMPT_CLOSED
        parts.append(LivePart(kind, self._prompts))


class LiveExecution:
    """Reads the reply of an executor."""

    def __init__(self) -> None:
        self._reader, self._text = TagReader(), _Plain()
        self._over = False

    def feed(self, delta: str) -> str:
        """Take the next piece of the reply; return the text that it adds."""
        added = ""
        for piece in self._reader.feed(delta):
            if self._over:
                break
            if isinstance(piece, Tag):
                is_execution = piece.kind in (TagKind.EXECUTION, TagKind.EXECUTION_BLOCK)
                self._over = self._text.begun or piece.closing or not is_execution
            else:
                added += self._text.feed(piece)
        return added


class ThoughtPart(NamedTuple):
    """A part of a serial reply."""

    text: str
    is_answer: bool


class LiveThought:
    """Reads a serial reply: a thought, then the answer. Other tags are removed."""

    def __init__(self, *, opened: bool) -> None:
        """`opened`: the context already opened the thought."""
        self._reader, self._text = TagReader(), _Plain()
        self._thinks = opened
        self.answers = False
        """The thought has ended, or there is none."""

    def feed(self, delta: str) -> list[ThoughtPart]:
        """Take the next piece of the reply; return what it adds."""
        parts = list[ThoughtPart]()
        for piece in self._reader.feed(delta):
            if isinstance(piece, Tag):
                self._take(piece)
            elif text := self._text.feed(piece):
                self.answers = not self._thinks
                parts.append(ThoughtPart(text, self.answers))
        return parts

    def end(self) -> list[ThoughtPart]:
        """What the end of the reply adds: a `<` that begins no tag."""
        text = self._text.feed(self._reader.rest())
        return [ThoughtPart(text, not self._thinks)] if text else []

    def _take(self, tag: Tag) -> None:
        if tag.kind is TagKind.THINK and tag.closing and self._thinks:
            self._thinks, self.answers, self._text = False, True, _Plain()
        elif tag.kind is TagKind.THINK and not self.answers:
            self._thinks = True
        self._text.without_tag()


class TagReader:
    """Splits a streamed text into tags and the text between them."""

    def __init__(self) -> None:
        self._held = ""
        """A suffix that may be the start of a tag."""

    def feed(self, delta: str) -> list[str | Tag]:
        text = self._held + delta
        if "<" not in text:
            return [text]
        pieces, end = list[str | Tag](), 0
        for tag in find_tags(text):
            pieces += [text[end : tag.start], tag]
            end = tag.end
        rest = without_partial_tag(text[end:])
        self._held = text[end + len(rest) :]
        return [piece for piece in (*pieces, rest) if piece]

    def rest(self) -> str:
        """What is held back at the end of the text."""
        held, self._held = self._held, ""
        return held


class _Plain:
    """Strips a streamed text. Removing a tag never joins the text around it into a new tag."""

    def __init__(self) -> None:
        self.begun = False
        self._space = self._tail = ""

    def feed(self, text: str) -> str:
        body = text.rstrip() if self.begun else text.strip()
        if not body:
            self._space += text if self.begun else ""
            return ""
        added = self._space + body
        self._space = text[len(text.rstrip()) :]
        self._tail = (self._tail + added)[-MAX_TAG_LENGTH:]
        self.begun = True
        return added

    def without_tag(self) -> None:
        """A tag was removed here. A line break separates the text around it: no tag spans lines."""
        if not self._space and without_partial_tag(self._tail) != self._tail:
            self._space = "\n"
