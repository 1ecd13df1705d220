"""Renders component separation answers, and parses them leniently.

One block per component::

    ### Component 1 (Lines 1-14)
    - **Description:** …
    - **Plan:** Lines 1-11
    - **Prompt:** …
    - **Execution:** Lines 12-14
    - **Comment:** Lines not found
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ..errors import FormatError
from ..grammar.plain import behind_thought
from ..records import Component

NO_LINES = "Lines not found"
MAX_LINES = 100_000

_S = r"[^\S\n]*"
"""White space within a line; models write spaces of all kinds."""
_WORD = rf"(?:lines?{_S})?"
_HEADING = re.compile(
    r"^[#* \t]*Component[^\S\n]+#?(\d{1,6})\b[^\n]*$", flags=re.IGNORECASE | re.MULTILINE
)
_FIELD = re.compile(
    r"^[ \t\-*•]*(Description|Plan|Prompt|Execution|Comment)s?[ \t*]*:[ \t*]*",
    flags=re.IGNORECASE | re.MULTILINE,
)
_END = re.compile(rf"\n{_S}(?=\n|#)")
"""The end of the last field of a block: a blank line, or a heading."""
_FIRST = re.compile(
    rf"(?:[*_`\[(•-]|[^\S\n])*(?={_WORD}\d)|\s[\s*_`\[(•-]*(?=lines?{_S}\d)", flags=re.IGNORECASE
)
"""Text allowed before a list of lines, in the line of its field or the next."""
_RANGE = re.compile(
    rf"{_WORD}(\d{{1,9}})(?!\d)"
    rf"(?:{_S}(?:[-‐‑‒–—−]|to\b|through\b){_S}{_WORD}(\d{{1,9}})(?!\d))?"
    rf"[*_`]*(?:{_S}\([^()\n]*\))?",
    flags=re.IGNORECASE,
)
_NEXT = re.compile(rf"{_S}(?:[,;&]|and\b)[*_`]*\s*(?:and\b\s*)?(?={_WORD}\d)", flags=re.IGNORECASE)
_NONE = re.compile(r"\W*(?:lines?\s+)?(?:no|not|none|n/a|empty)\b", flags=re.IGNORECASE)

_TEXTS = ("description", "prompt")
"""Fields that contain text, not a list of lines."""

_Ranges = list[tuple[int, int]]


def parse_component_answer(text: str) -> list[Component]:
    """The components in a model's answer, before any check or repair.

    A reasoning model's thought, up to `</think>`, is not part of its answer.

    Accepts bold or plain field names, `Line 18`, `Lines 3-5, 8`, `Lines not found`, words after
    a list of lines, and missing fields. Raises FormatError if there is no component, an invalid
    list of lines, a repeated field, or more lines than any thought has.
    """
    text = behind_thought(text)
    headings = list(_HEADING.finditer(text))
    if not headings:
        raise FormatError(
            "The answer contains no component: write blocks that begin with "
            "'### Component 1 (Lines 1-14)'."
        )
    ends = [*(heading.start() for heading in headings[1:]), len(text)]
    blocks = [
        _read_fields(heading[1], text[heading.end() : end])
        for heading, end in zip(headings, ends, strict=True)
    ]
    parts = [
        [_read_ranges(fields.get(part, "")) for part in ("plan", "execution", "comment")]
        for fields in blocks
    ]
    _require_few(run for part in parts for ranges in part for run in ranges)
    return [
        Component(
            number=int(heading[1]),
            description=_joined(fields.get("description", "")),
            plan=_lines_of(plan),
            prompt=_joined(fields.get("prompt", "")),
            execution=_lines_of(execution),
            comment=_lines_of(comment),
        )
        for heading, fields, (plan, execution, comment) in zip(headings, blocks, parts, strict=True)
    ]


def _read_fields(number: str, block: str) -> dict[str, str]:
    """The text of each field, by its name in lower case.

    Raises FormatError if a field occurs twice with different texts.
    """
    found = _find_fields(block)
    ends = [*(field.start() for field in found), len(block)][1:]
    values: dict[str, list[str]] = {}
    for field, end in zip(found, ends, strict=True):
        value = block[field.end() : end]
        if end == len(block):
            value = _END.split(value, maxsplit=1)[0]
        values.setdefault(field[1].lower(), []).append(value)
    for name, said in values.items():
        if len(said) > 1 and _differ(name, said):
            raise FormatError(
                f"Component {number} has the field {name.capitalize()} twice: write it once, with "
                "the complete content."
            )
    return {name: said[0] for name, said in values.items()}


def _find_fields(block: str) -> list[re.Match[str]]:
    """Where fields begin. A name that occurs again within a text is part of the text."""
    found = list[re.Match[str]]()
    names = set[str]()
    for field in _FIELD.finditer(block):
        name = field[1].lower()
        if name in names and found[-1][1].lower() in _TEXTS:
            first = _FIRST.match(block, field.end())
            if first is None or not _RANGE.match(block, first.end()):
                continue
        names.add(name)
        found.append(field)
    return found


def _differ(name: str, said: Sequence[str]) -> bool:
    """Whether a repeated field adds to the first one."""
    if name in _TEXTS:
        return not {*map(_joined, said[1:])} <= {_joined(said[0]), ""}
    first, *others = (set(_read_ranges(text)) for text in said)
    return not all(more <= first for more in others)


def _joined(text: str) -> str:
    return " ".join(text.split())


def _read_ranges(text: str) -> _Ranges:
    """The first and last lines of each range in a list. Words after the list are ignored."""
    ranges: _Ranges = []
    place = _FIRST.match(text)
    while place is not None and (run := _RANGE.match(text, place.end())):
        first, last = int(run[1]), int(run[2] or run[1])
        if last < first:
            raise FormatError(f"'{run[0]}' is in reverse order: write the first line first.")
        ranges.append((first, last))
        place = _NEXT.match(text, run.end())
    said = text.partition("\n")[0].strip()
    if not ranges and re.search(r"\d", said) and not _NONE.match(said):
        raise FormatError(
            f"'{said[:60]}' is not a list of lines: write 'Lines 3-5, 8', or '{NO_LINES}'."
        )
    return ranges


def _require_few(ranges: Iterable[tuple[int, int]]) -> None:
    """Checked before the ranges are expanded, which could exhaust the memory."""
    if sum(last - first + 1 for first, last in ranges) > MAX_LINES:
        raise FormatError(
            f"The answer lists more than {MAX_LINES} lines: list only lines of the thought."
        )


def _lines_of(ranges: _Ranges) -> tuple[int, ...]:
    return tuple(sorted({line for first, last in ranges for line in range(first, last + 1)}))


def render_component_answer(components: Iterable[Component]) -> str:
    """The answer text, from which `parse_component_answer` reads the same components."""
    return "\n\n".join(
        "\n".join(
            [
                f"### Component {component.number} ({_render_lines(component.lines)})",
                f"- **Description:** {component.description}",
                f"- **Plan:** {_render_lines(component.plan)}",
                f"- **Prompt:** {component.prompt}",
                f"- **Execution:** {_render_lines(component.execution)}",
                f"- **Comment:** {_render_lines(component.comment)}",
            ]
        )
        for component in components
    )


def _render_lines(lines: Sequence[int]) -> str:
    runs = list[list[int]]()
    for line in sorted(lines):
        if runs and line == runs[-1][1] + 1:
            runs[-1][1] = line
        else:
            runs.append([line, line])
    if not runs:
        return NO_LINES
    listed = ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in runs)
    return f"{'Line' if runs == [[lines[0]] * 2] else 'Lines'} {listed}"
