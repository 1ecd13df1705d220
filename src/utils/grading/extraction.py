"""Finds the final answer in a model's text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from .escapes import restore_escapes

_LAYOUT = (
    r"(?:aligned|align|alignat|alignedat|gathered|gather|split|multline|multlined|eqnarray"
    r"|equation|flalign|cases|dcases|rcases|array|displaymath|math)\*?"
)
_WHOLE = re.compile(
    rf"\A\s*(?:\\left\s*(?:\\\{{|\.)\s*)?\\begin\s*\{{(?P<name>{_LAYOUT})\}}\s*(?:\[[a-z]\])?"
    r"(?:\{[^{}]{0,40}\})?(?P<body>.*)\\end\s*\{(?P=name)\}\s*(?:\\right\s*(?:\.|\\\}))?\s*[.,;]?\s*\Z",
    re.DOTALL,
)
_ROW_BREAK = re.compile(r"\\\\\*?(?:\s*\[[^\[\]]{0,12}\])?|\\cr(?![a-zA-Z])|\\newline(?![a-zA-Z])")
_MARK = re.compile(r"(?<!\\)&")
_RELATION = (
    r"(?:[=<>≤≥≈]|:="
    r"|\\(?:leq?|geq?|lt|gt|neq?|approx|equiv|in|implies|iff|Rightarrow|to)(?![a-zA-Z]))"
)
_BEFORE_MARK = re.compile(rf"(?:\A|{_RELATION}|\{{\}})\s*\Z")
_BEHIND_MARK = re.compile(rf"\s*(?:{_RELATION}|\{{\}}|\Z)")
_BARE_RELATION = re.compile(rf"\s*{_RELATION}")
_IMPLIED = re.compile(r"\s*\\(?:implies|iff|Rightarrow)(?![a-zA-Z])\s*")


def plain_rows(answer: str) -> str:
    r"""An answer that is one layout environment, as a line of text; otherwise unchanged.

    Alignment marks are removed. A row that begins with a relation continues the row before it;
    others become a list. A table, a matrix or a function by cases stays unchanged, because its
    cells are separate for a reason.
    """
    found = _WHOLE.match(answer)
    if found is None or "\\begin" in found["body"]:
        return answer
    rows = list[str]()
    for written in _ROW_BREAK.split(found["body"]):
        pieces = _MARK.split(written)
        for before, behind in pairwise(pieces):
            if not (_BEFORE_MARK.search(before) or _BEHIND_MARK.match(behind)):
                return answer
        row = re.sub(r"\\(?:nonumber|notag|label\{[^{}]*\}|hline)(?![a-zA-Z])", "", "".join(pieces))
        row = row.replace("{}", " ").strip().rstrip(".,;").strip()
        if not row:
            continue
        if rows and (implied := _IMPLIED.match(row)):
            rows[-1] = row[implied.end() :]
        elif rows and _BARE_RELATION.match(row):
            rows[-1] += f" {row}"
        else:
            rows.append(row)
    return ", ".join(rows) or answer


_BOX = re.compile(r"\\(?:boxed|fbox)(?![a-zA-Z])\s*")
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_JOINED = re.compile(
    r"[\s$]*(?:\\[)\]])?[\s$]*(?:[,;、]|,?\s*(?:and|or|und|oder|et|ou|y|и|или|和|或|と))[\s$]*(?:\\[(\[])?[\s$]*"
)
"""Text allowed between two boxes of one list."""
_MOST_JOINED, _MOST_BETWEEN = 32, 40
_AROUND = 2_000
"""Maximum characters before a box to search for an enclosing box, and of that box."""
_UNBRACED = re.compile(r"(?:(?!\\[)\]])[^\s$])+")
_INNER_BOX = re.compile(r"\\(?:boxed|fbox)\s*(?:\{([^{}\\]*)\}|(?=\{))")
_NAMED_PART = r"(?:part|teil|partie|parte)\s\(?([a-h]|[1-8])\)?"
_PARTS = (
    re.compile(
        rf"^[ \t>*_#-]*(?:(?:part\s)?(?:\(([a-h]|i{{1,3}}|iv|v)\)|([a-h])\))|{_NAMED_PART})",
        re.IGNORECASE | re.MULTILINE,
    ),
    re.compile(r"(?<!\S)\(([a-h])\)(?=\s)", re.IGNORECASE),
)
"""The labels of an answer's parts: `(a)`, `b)`, `**(ii)**`, `Part c:` at the beginning of a line;
else `(a)` within it."""
_SERIES = (list("abcdefgh"), list("12345678"), ["i", "ii", "iii", "iv", "v"])


def has_box(text: str) -> bool:
    """Whether the text contains a `\\boxed` or `\\fbox`, complete or truncated."""
    return _BOX.search(restore_escapes(text)) is not None


def extract_final_answer(text: str) -> str | None:
    """The content of the last `\\boxed{…}` or `\\fbox{…}`, stripped.

    Boxes joined only by commas, "and" or "or" are one answer, a list: "the roots are \\boxed{1} and
    \\boxed{2}". So are the boxes of the parts (a), (b), … of an answer with one in each. Of nested
    boxes the outermost counts, without the inner boxes. Braces are balanced, `\\{` does not count
    as one; `\\boxed 5` is also read, and commands that lost their backslash. None if there is no
    box, if the last one is empty, or if it was cut off: an earlier box is not the
    conclusion.
    """
    text = restore_escapes(text)
    boxes = list(_BOX.finditer(text))
    if not boxes:
        return None
    last = _outermost(text, boxes)
    if last is None:
        return None
    answer = _joined(text, [box for box in boxes if box.start() <= last.start], last)
    parts = _parts(text, boxes)
    return plain_rows(_unboxed(", ".join(dict.fromkeys(parts)) if parts else answer))


class _Content(NamedTuple):
    """The content of a box; `start` and `end` are the positions of the box."""

    text: str
    end: int
    start: int = 0


def _outermost(text: str, boxes: Sequence[re.Match[str]]) -> _Content | None:
    """The last box, or the outermost one that contains it."""
    last = _content(text, boxes[-1].end())
    if last is None:
        return None
    for box in boxes[-_MOST_JOINED:-1]:
        if boxes[-1].start() - box.start() > _AROUND:
            continue
        around = _content(text, box.end(), min(len(text), box.end() + 2 * _AROUND))
        if around is not None and around.end >= last.end:
            return around._replace(start=box.start())
    return last._replace(start=boxes[-1].start())


def _joined(text: str, boxes: Sequence[re.Match[str]], last: _Content) -> str:
    contents, start = [last.text], last.start
    for box in reversed(boxes[-_MOST_JOINED:-1]):
        before = _content(text, box.end(), start)
        if before is None or start - before.end > _MOST_BETWEEN:
            break
        if not _JOINED.fullmatch(text, before.end, start):
            break
        contents.insert(0, before.text)
        start = box.start()
    return ", ".join(dict.fromkeys(contents))


def _parts(text: str, boxes: Sequence[re.Match[str]]) -> list[str]:
    """The boxes of the parts (a), (b), … that the text has; none unless each has exactly one.

    A second box in the last part repeats the answer: it counts alone.
    """
    for pattern in _PARTS:
        labels = list(pattern.finditer(text))[-_MOST_JOINED:]
        parts = _last_series([(one.start(), one[one.lastindex or 0]) for one in labels], len(text))
        within = [[box for box in boxes if start <= box.start() < end] for start, end in parts]
        if within and all(len(found) == 1 for found in within):
            contents = [_content(text, found[0].end()) for found in within]
            return [one.text for one in contents if one]
    return []


def _last_series(labels: Sequence[tuple[int, str]], end: int) -> list[tuple[int, int]]:
    """The positions of the parts whose labels are a, b, … up to the last label of the text."""
    for series in _SERIES:
        names = [name.lower() for _, name in labels]
        if series[0] not in names:
            continue
        first = len(names) - 1 - names[::-1].index(series[0])
        if len(names) - first > 1 and names[first:] == series[: len(names) - first]:
            starts = [start for start, _ in labels[first:]]
            return list(zip(starts, [*starts[1:], end], strict=True))
    return []


def _unboxed(answer: str) -> str:
    """`answer` without the boxes in it, whose contents stay."""
    while (unboxed := _INNER_BOX.sub(lambda found: found[1] or "", answer)) != answer:
        answer = unboxed
    return answer.strip()


def _content(text: str, start: int, stop: int | None = None) -> _Content | None:
    """The content of a box that begins at `start`; None if empty, or not closed by `stop`."""
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
