"""Finding the final answer in what a model wrote."""

from __future__ import annotations

import re

_BOX = re.compile(r"\\(?:boxed|fbox)(?![a-zA-Z])\s*")
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_UNBRACED = re.compile(r"(?:(?!\\[)\]])[^\s$])+")


def has_box(text: str) -> bool:
    """Whether the text holds a `\\boxed` or `\\fbox`, complete or cut off."""
    return _BOX.search(text) is not None


def extract_final_answer(text: str) -> str | None:
    """The content of the last `\\boxed{…}` or `\\fbox{…}`, stripped.

    Braces are balanced, `\\{` does not count as one; `\\boxed 5` is read too. None if there is no
    box, if the last one is empty, or if it was cut off: an earlier box is not what was concluded.
    """
    start = None
    for box in _BOX.finditer(text):
        start = box.end()
    if start is None:
        return None
    if text[start : start + 1] != "{":
        bare = _UNBRACED.match(text, start)
        return bare[0].rstrip(".,;:") or None if bare else None
    depth = 0
    for brace in _BRACE.finditer(text, start):
        depth += {"{": 1, "}": -1}.get(brace[0], 0)
        if depth == 0:
            return text[start + 1 : brace.start()].strip() or None
    return None
