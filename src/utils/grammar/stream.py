"""Parses replies while they are being streamed.

An executor starts when its prompt closes, and a reply that has closed is not awaited further.
"""

from __future__ import annotations

from typing import NamedTuple

from .tags import MAX_TAG_LENGTH, TagKind, find_tags


class ClosedPrompt(NamedTuple):
    """A prompt of the plan is complete.

    `number` counts the prompts of the plan from 1, regardless of the written number; `end` is the
    offset, in characters of the whole reply, right after the closing tag: `stream.text[:end]` is
    the part of the plan that the executor sees.
    """

    number: int
    text: str
    end: int


class PlanStream:
    """Incremental parser of the planner's reply for one phase; never raises.

    It finds the same prompts as `parse_plan_reply` on the full reply. A prompt that opens inside an
    unclosed prompt replaces it; closing tags without a prompt are ignored; so is everything
    after the end of the plan or of a final answer. Time is linear in the length of the reply,
    regardless of its split into deltas.
    """

    def __init__(self, phase: int) -> None:
        self.phase = phase
        self.ended = False
        """The block has been closed: the rest does not matter."""
        self._parts: list[str] = []
        self._tail = ""
        self._tail_start = 0
        self._prompt: list[str] | None = None
        self._number = 0

    @property
    def text(self) -> str:
        """The reply so far."""
        if len(self._parts) > 1:
            self._parts = ["".join(self._parts)]
        return self._parts[0] if self._parts else ""

    def feed(self, delta: str) -> list[ClosedPrompt]:
        """Add the next piece of the reply; returns the prompts that it closed, in order."""
        self._parts.append(delta)
        if self.ended:
            return []
        closed: list[ClosedPrompt] = []
        text = self._tail + delta
        position = 0
        for tag in find_tags(text):
            if tag.kind is TagKind.PROMPT and not tag.closing:
                self._prompt = []
            elif tag.kind is TagKind.PROMPT and self._prompt is not None:
                self._prompt.append(text[position : tag.start])
                self._number += 1
                prompt = "".join(self._prompt).strip()
                closed.append(ClosedPrompt(self._number, prompt, self._tail_start + tag.end))
                self._prompt = None
            elif tag.closing and tag.kind in (TagKind.PLAN, TagKind.FINAL_ANSWER):
                self.ended = True
                return closed
            elif self._prompt is not None:
                self._prompt.append(text[position : tag.start])
            position = tag.end
        self._hold_back(text, position)
        return closed

    def _hold_back(self, text: str, position: int) -> None:
        """Keep a possible start of a tag for the next delta."""
        start = text.rfind("<", max(position, len(text) - MAX_TAG_LENGTH))
        if start < 0 or ">" in text[start:]:
            start = len(text)
        if self._prompt is not None:
            self._prompt.append(text[position:start])
        self._tail = text[start:]
        self._tail_start += start


class ExecutionStream:
    """Detects the end of an executor's reply: the first closing tag of any execution.

    Stop strings see only the tag with the right number.
    """

    def __init__(self) -> None:
        self.ended = False
        self._tail = ""

    def feed(self, delta: str) -> bool:
        """Add the next piece of the reply; returns whether it has ended."""
        text = self._tail + delta
        self.ended = self.ended or any(
            tag.closing and tag.kind in (TagKind.EXECUTION, TagKind.EXECUTION_BLOCK)
            for tag in find_tags(text)
        )
        self._tail = text[-MAX_TAG_LENGTH:]
        return self.ended
