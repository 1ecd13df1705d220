"""Model text as content: what may stand in a trajectory without being taken for its tags."""

from __future__ import annotations

from .tags import TagKind, close_tag, contains_tag, find_tags


def plain_content(text: str) -> str:
    """`text` stripped and less all tags of the grammar, so that it can be rendered.

    Tags that form when others are taken out get a blank after their `<`.
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


def after_thought(text: str) -> str:
    """What a reasoning model says when it has thought: the text after the last `</think>`.

    All of the text where there is no such tag, since a server may take the thought away.
    """
    return text.rpartition(close_tag(TagKind.THINK))[2].strip()
