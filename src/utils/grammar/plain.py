"""Model text as content that cannot be mistaken for trajectory tags."""

from __future__ import annotations

from .tags import contains_tag, find_tags
from .thoughts import split_thought


def plain_content(text: str) -> str:
    """`text` stripped and without grammar tags, so that it can be rendered.

    Tags that form when others are removed get a space after their `<`.
    """
    pieces, end = list[str](), 0
    for tag in find_tags(text):
        pieces.append(text[end : tag.start])
        end = tag.end
    without = "".join([*pieces, text[end:]]).strip()
    if not contains_tag(without):
        return without
    pieces, end = [], 0
    for tag in find_tags(without):
        pieces.append(f"{without[end : tag.start]}< ")
        end = tag.start + 1
    return "".join([*pieces, without[end:]])


def behind_thought(text: str) -> str:
    """The answer after a thought: empty while the thought is open; all of a text without tags."""
    split = split_thought(text)
    return split.answer if split.closed or split.opened else text


def after_thought(text: str) -> str:
    """What a reasoning model writes after its thought.

    The thought itself if nothing follows it: RFT models write their solution within the thought.
    """
    split = split_thought(text)
    return split.answer or split.thought.strip()


def within_thought(text: str, *, opened: bool) -> bool:
    """Whether the text ends inside its thought; `opened`: the context has opened one."""
    split = split_thought(text)
    return (opened or split.opened) and not split.closed
