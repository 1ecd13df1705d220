"""What an instruct model writes for one part, in the form that the strict parsers read.

Such a model has not been trained on the grammar. It may write text or a code fence before the first
tag, forget closing tags, or answer without tags. All that is repaired here, and nothing is guessed:
a reply that still is no part of the grammar goes to the parsers as it is, and they refuse it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from .asked import Asked, PartName
from .live import TagReader
from .render import render_final_answer
from .tags import Tag, TagKind, close_tag, contains_tag, open_tag

_EXECUTIONS = frozenset({TagKind.EXECUTION, TagKind.EXECUTION_BLOCK})
_OPENINGS: Mapping[PartName, frozenset[TagKind]] = {
    "plan": frozenset({TagKind.PLAN, TagKind.FINAL_ANSWER}),
    "execution": _EXECUTIONS,
    "answer": frozenset({TagKind.FINAL_ANSWER}),
}
_BOX = "\\boxed{"
_FENCE = re.compile(r"^[ \t]*```.*$", re.MULTILINE)
_END_OF_FENCE = re.compile(r"[\s`]*$")
_MARKUP = " \t\r*_#>`"
"""What may stand before a block on its line, also after a colon; else its tag is only mentioned."""


class TidyReply:
    """Repairs a reply while it is being streamed.

    - Text before the part's opening tag is dropped, and so are a thought in `<think>` tags and all
      that follows the part. A tag within a sentence opens nothing.
    - A prompt that is not closed ends where the next one opens, or with its plan.
    - A plan that is not closed ends where another block opens, or with the reply.
    - An execution or a forced answer needs no tags. In an execution, the tags of other results
      become plain references.
    - A complete reply without any tag that has a boxed answer is the final answer.

    Tags are written in their usual case.
    """

    def __init__(self, asked: Asked) -> None:
        self._asked, self._reader = asked, TagReader()
        self._held = ""
        """Text before the part, or a possible end of its code fence."""
        self._block: TagKind | None = None
        self._thinks = self._fenced = self._over = False
        self._open_prompt = ""
        """The closing tag that is missing so far."""

    def feed(self, delta: str) -> str:
        """Take the next piece of the reply; return what it adds to the part."""
        return "".join(
            self._take_tag(piece) if isinstance(piece, Tag) else self._take_text(piece)
            for piece in self._reader.feed(delta)
            if not self._over
        )

    def end(self, *, complete: bool) -> str:
        """What the end of the reply adds; `complete` unless it was cut off."""
        if self._over:
            return ""
        text = self._take_text(self._reader.rest())
        if self._thinks:
            return ""
        if self._block is not None:
            text += "" if "```" in self._held else self._held
            return text + (self._closing() if complete else "")
        if self._asked.part == "plan":
            answers = complete and _BOX in self._held and not contains_tag(self._held)
            return render_final_answer(_unfenced(self._held)) if answers else self._held
        text = _unfenced(self._held)
        return text + self._closing() if complete and text else text

    def _take_text(self, text: str) -> str:
        text = self._held + text
        if self._block is None:
            self._held = text
            return ""
        end = _END_OF_FENCE.search(text) if self._fenced else None
        self._held = end[0] if end is not None else ""
        return text[: len(text) - len(self._held)]

    def _take_tag(self, tag: Tag) -> str:
        if tag.kind is TagKind.THINK:
            return self._take_think(tag)
        if self._thinks and self._held.strip():
            return ""
        self._thinks = False
        if self._block is None:
            return self._before_part(tag)
        text, self._held = self._held, ""
        return text + self._within_part(tag)

    def _take_think(self, tag: Tag) -> str:
        if self._block is None:
            self._thinks, self._held = not tag.closing, ""
        return ""

    def _before_part(self, tag: Tag) -> str:
        openings = _OPENINGS[self._asked.part]
        if tag.kind in openings and not tag.closing and self._opens(tag):
            self._fenced = len(_FENCE.findall(self._held)) % 2 == 1
            self._block, self._held = tag.kind, ""
            return _written(tag)
        if tag.kind in openings and self._asked.part != "plan" and tag.closing:
            text, self._over = _unfenced(self._held), True
            return f"{text}\n{_written(tag)}"
        self._held += self._mention(tag)
        return ""

    def _opens(self, tag: Tag) -> bool:
        """Whether an opening tag begins the part; a sentence may mention one."""
        if self._asked.part == "execution":
            return not self._is_reference(tag)
        before = self._held.rstrip(_MARKUP)
        return not before or before[-1] in "\n:"

    def _within_part(self, tag: Tag) -> str:
        if tag.kind is TagKind.PROMPT and self._block is TagKind.PLAN:
            missing = "" if tag.closing else self._open_prompt
            number = (TagKind.PROMPT, tag.phase, tag.number)
            self._open_prompt = "" if tag.closing else close_tag(*number)
            return missing + _written(tag)
        if self._ends(tag):
            self._over = True
            return self._open_prompt + _written(tag) if tag.closing else self._closing()
        return self._mention(tag)

    def _mention(self, tag: Tag) -> str:
        """A tag that neither opens nor closes anything."""
        written = _written(tag)
        return written.strip("<>") if self._is_reference(tag) else written

    def _is_reference(self, tag: Tag) -> bool:
        """Whether an execution names another result with its tag."""
        asked = self._asked
        is_open = tag.kind is TagKind.EXECUTION and not tag.closing
        is_other = (tag.phase, tag.number) != (asked.phase, asked.number)
        return is_open and asked.part == "execution" and is_other

    def _ends(self, tag: Tag) -> bool:
        if tag.closing:
            return tag.kind is self._block or {tag.kind, self._block} <= _EXECUTIONS
        is_block = tag.kind is TagKind.PLAN or tag.kind is TagKind.FINAL_ANSWER
        # `<execution_1>` may be a reference to a result.
        is_block = is_block or (tag.kind is TagKind.EXECUTION_BLOCK and not tag.lower)
        return self._block is TagKind.PLAN and is_block

    def _closing(self) -> str:
        """The tags that close what is open."""
        asked = self._asked
        if self._block is TagKind.PLAN:
            return f"{self._open_prompt}\n{close_tag(TagKind.PLAN, asked.phase)}"
        if asked.part == "execution":
            return f"\n{close_tag(TagKind.EXECUTION, asked.phase, asked.number)}"
        return f"\n{close_tag(TagKind.FINAL_ANSWER)}"


def tidied(reply: str, asked: Asked, *, complete: bool) -> str:
    """A whole reply, repaired as TidyReply does."""
    tidy = TidyReply(asked)
    return tidy.feed(reply) + tidy.end(complete=complete)


def _written(tag: Tag) -> str:
    return (close_tag if tag.closing else open_tag)(tag.kind, tag.phase, tag.number)


def _unfenced(text: str) -> str:
    """The text, stripped, without a code fence that opens before it and encloses all of it."""
    text = text.strip()
    fences = [*_FENCE.finditer(text)]
    if not fences or fences[0].start():
        return text
    if len(fences) == 2 and fences[1].end() == len(text):
        return text[fences[0].end() : fences[1].start()].strip()
    return text[fences[0].end() :].strip() if len(fences) % 2 else text
