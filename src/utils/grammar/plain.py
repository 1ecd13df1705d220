"""Model text as content: what may stand in a trajectory without being taken for its tags."""

from __future__ import annotations

from .tags import TagKind, close_tag, contains_tag, find_tags, open_tag


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


def behind_thought(text: str) -> str:
    """The text after the last `</think>`; all of it where there is none."""
    return text.rpartition(close_tag(TagKind.THINK))[2]


def after_thought(text: str) -> str:
    """What a reasoning model says when it has thought: the text after the last `</think>`.

    All of the text where there is no such tag, since a server may take the thought away, and where
    it stands at the very end, as RFT models write it: they say their solution within the thought.
    """
    close = close_tag(TagKind.THINK)
    said = text.strip()
    while said.endswith(close):
        said = said.removesuffix(close).rstrip()
    return behind_thought(said).strip().removeprefix(open_tag(TagKind.THINK)).strip()


def thought_itself(text: str) -> str:
    r"""A thought without the tags that a reasoning model's raw output has around it.

    What stands behind the last `</think>` is the answer, and not a part of it. A line break next to
    either tag belongs to the tag; all else is kept, byte for byte.
    """
    opening, closing = open_tag(TagKind.THINK), close_tag(TagKind.THINK)
    inside, closed, _ = text.rpartition(closing)
    thought = inside.removesuffix("\n") if closed else text
    if not thought.lstrip().startswith(opening):
        return thought
    return thought.lstrip().removeprefix(opening).removeprefix("\n")


def within_thought(text: str, *, opened: bool) -> bool:
    """Whether the text ends before its thought does; `opened`: the context has begun one."""
    begun = opened or text.lstrip().startswith(open_tag(TagKind.THINK))
    return begun and close_tag(TagKind.THINK) not in text
