"""The white space around tags: what the renderer writes, and what tokens of tags contain."""

from __future__ import annotations

from collections.abc import Iterator

from .tags import TagKind, close_tag, find_tags, open_tag

BETWEEN = "\n\n"
"""Between the parts of a plan, and between blocks."""


def opening(kind: TagKind, phase: int | None = None, number: int | None = None) -> str:
    """The opening tag and the white space after it: `<Plan_2>\\n`, `<prompt_2.1> `."""
    return f"{open_tag(kind, phase, number)}{_space(kind)}"


def ending(kind: TagKind, phase: int | None = None, number: int | None = None) -> str:
    """The white space before the closing tag, and the tag: `\\n</Plan_2>`, ` </prompt_2.1>`.

    It ends with the tag: a stop string ends a call there, and an executor starts there.
    """
    return f"{_space(kind)}{close_tag(kind, phase, number)}"


def spaced_tags(text: str) -> Iterator[str]:
    """The tags of a rendered text, each with the white space that belongs to it.

    A prompt may begin in the middle of a call, so the white space before it belongs to it, too. No
    other white space between blocks does: a call's completion begins with an opening tag.
    """
    for tag in find_tags(text):
        spaced = (ending if tag.closing else opening)(tag.kind, tag.phase, tag.number)
        follows = tag.kind is TagKind.PROMPT and text.endswith(BETWEEN, 0, tag.start)
        yield BETWEEN + spaced if follows and not tag.closing else spaced


def _space(kind: TagKind) -> str:
    """Between a tag and its content: prompts are on one line with their tags."""
    return " " if kind is TagKind.PROMPT else "\n"
