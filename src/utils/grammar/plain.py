"""Model text as content that cannot be mistaken for trajectory tags."""

from __future__ import annotations

from .tags import contains_tag, find_tags
from .thought_tags import split_thought


def plain_content(text: str) -> str:
    """`text` stripped and without grammar tags, so that it can be rendered.

    Tags that form when others are removed get a space after their `<`.
    """
    pieces, end = list[str](), 0
    for tag in find_tags(text):
        pieces.append(text[end : tag.start])
        end = tag.end
    without = "".join([*pieces, text[end:]]).strip()
    return escaped_content(without) if contains_tag(without) else without


def escaped_content(text: str) -> str:
    """`text` stripped, with a blank after the `<` of each tag of the grammar: `< think>`.

    So people's own words can be rendered whatever they contain, and nothing of them is lost.
    """
    pieces, end = list[str](), 0
    for tag in find_tags(text):
        pieces.append(f"{text[end : tag.start]}< ")
        end = tag.start + 1
    return "".join([*pieces, text[end:]]).strip()


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
