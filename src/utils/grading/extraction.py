"""Finding the final answer in what a model wrote."""

from __future__ import annotations

import re
from typing import NamedTuple

_BOX = re.compile(r"\\(?:boxed|fbox)(?![a-zA-Z])\s*")
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_JOINED = re.compile(r"[\s$]*(?:\\[)\]])?[\s$]*(?:,|,?\s*(?:and|or))[\s$]*(?:\\[(\[])?[\s$]*")
"""What may stand between two boxes of one list."""
_MOST_JOINED, _MOST_BETWEEN = 32, 40
_UNBRACED = re.compile(r"(?:(?!\\[)\]])[^\s$])+")


def has_box(text: str) -> bool:
    """Whether the text holds a `\\boxed` or `\\fbox`, complete or cut off."""
    return _BOX.search(text) is not None


def extract_final_answer(text: str) -> str | None:
    """The content of the last `\\boxed{…}` or `\\fbox{…}`, stripped.

    Boxes that only commas, "and" or "or" join are one answer, a list: "the roots are \\boxed{1} and
    \\boxed{2}". Braces are balanced, `\\{` does not count as one; `\\boxed 5` is read too. None if
    there is no box, if the last one is empty, or if it was cut off: an earlier box is not what was
    concluded.
    """
    boxes = list(_BOX.finditer(text))
    if not boxes:
        return None
    last = _content(text, boxes[-1].end())
    if last is None:
        return None
    contents, start = [last.text], boxes[-1].start()
    for box in reversed(boxes[-_MOST_JOINED:-1]):
        before = _content(text, box.end(), start)
        if before is None or start - before.end > _MOST_BETWEEN:
            break
        if not _JOINED.fullmatch(text, before.end, start):
            break
        contents.insert(0, before.text)
        start = box.start()
    return ", ".join(dict.fromkeys(contents))


class _Content(NamedTuple):
    text: str
    end: int


def _content(text: str, start: int, stop: int | None = None) -> _Content | None:
    """What a box holds whose content begins at `start`; None if empty, or not closed by `stop`."""
    stop = len(text) if stop is None else stop
    if text[start : start + 1] != "{":
        bare = _UNBRACED.match(text, start, stop)
        content = bare[0].rstrip(".,;:") if bare else ""
        return _Content(content, start + len(content)) if content else None
    depth = 0
    for brace in _BRACE.finditer(text, start, stop):
        depth += {"{": 1, "}": -1}.get(brace[0], 0)
        if depth == 0:
            content = text[start + 1 : brace.start()].strip()
            return _Content(content, brace.end()) if content else None
    return None
