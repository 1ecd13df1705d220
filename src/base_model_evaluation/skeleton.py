"""A skeleton: the points of a solution, parsed from a model's reply and shown to later calls."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from ..utils.api.completion import Completion
from ..utils.errors import FormatError
from ..utils.grammar import after_thought

# `1. …`, `2) …`, `**3.** …`, `**4. …**`; numbers of bounded length, so that the match is linear.
_POINT = re.compile(r"^( {0,8})(\*{0,2})(\d{1,3})\\?[.):](\*{0,2})[ \t]*(\S.*)$", re.MULTILINE)


class Skeleton(NamedTuple):
    """`text` is the whole reply, including the thought of a reasoning model."""

    text: str
    points: tuple[str, ...]

    @classmethod
    def of(cls, completion: Completion, max_points: int) -> Skeleton:
        """Raises FormatError for a reply that was cut off or has no valid list."""
        if completion.cut_off:
            raise FormatError("The skeleton was cut off at its token limit.")
        return cls(completion.text, read_points(after_thought(completion.text), max_points))


def read_points(reply: str, max_points: int) -> tuple[str, ...]:
    """The points of a numbered list, in order; lines below a point belong to it, and so do lists
    that are indented further than the first point.

    Raises FormatError unless they are numbered 1, 2, 3, … with at most `max_points`.
    """
    found = [match for match in _POINT.finditer(reply) if not _is_number(match)]
    found = [match for match in found if len(match[1]) <= len(found[0][1]) + 1]
    if not found:
        raise FormatError("The skeleton has no numbered points: expected lines such as `1. …`.")
    numbers = [int(match[3]) for match in found]
    if numbers != list(range(1, len(found) + 1)):
        raise FormatError(
            f"The points of a skeleton should be numbered 1 to {len(found)}, but they are "
            f"{', '.join(map(str, numbers[:20]))}."
        )
    if len(found) > max_points:
        raise FormatError(f"The skeleton has {len(found)} points, more than {max_points}.")
    ends = [match.start() for match in found[1:]] + [len(reply)]
    return tuple(_text(match, reply[:end]) for match, end in zip(found, ends, strict=True))


def _is_number(match: re.Match[str]) -> bool:
    """Text such as `1.5 is more` and `10:30` is not a point."""
    return match[4] == "" and match.string[match.start(5) - 1] in ".:" and match[5][0].isdigit()


def _text(match: re.Match[str], reply: str) -> str:
    text = reply[match.start(5) :].strip()
    bold = bool(match[2]) and not match[4]  # opened before the number and closed after the text
    return text.replace("**", "", 1).strip() if bold else text


def point_material(points: Sequence[str], number: int) -> str:
    """The prompt for point `number`: all points, then its own."""
    listed = "\n".join(f"{order}. {point}" for order, point in enumerate(points, 1))
    return f"Skeleton:\n{listed}\n\nPoint to work out: {number}. {points[number - 1]}"


def conclusion_material(points: Sequence[str], worked_out: Sequence[str]) -> str:
    """The prompt for the conclusion; empty without points."""
    parts = [
        f"{order}. {point}\n{text}"
        for order, (point, text) in enumerate(zip(points, worked_out, strict=True), 1)
    ]
    return "\n\n".join(["Points:", *parts]) if parts else ""
