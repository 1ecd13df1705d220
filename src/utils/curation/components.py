"""The component separation answer: written, and read tolerantly.

One block a component::

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
from ..records import Component

NO_LINES = "Lines not found"
MAX_LINES = 100_000

_HEADING = re.compile(
    r"^[#*\s]*Component\s+#?(\d{1,6})\b[^\n]*$", flags=re.IGNORECASE | re.MULTILINE
)
_FIELD = re.compile(
    r"^[ \t\-*•]*(Description|Plan|Prompt|Execution|Comment)s?[ \t]*\**[ \t]*:[ \t]*\**[ \t]*",
    flags=re.IGNORECASE | re.MULTILINE,
)
_RANGE = re.compile(r"(\d{1,9})(?:\s*(?:-|–|—|to|through)\s*(\d{1,9}))?")


def parse_component_answer(text: str) -> list[Component]:
    """The components of an answer as the model meant them; nothing is checked or mended yet.

    Tolerates bold or plain field names, `Line 18`, `Lines 3-5, 8`, `Lines not found` and missing
    fields. Raises FormatError when there is no component, or a list of lines is out of all bounds.
    """
    headings = list(_HEADING.finditer(text))
    if not headings:
        raise FormatError(
            "The answer holds no component: expected blocks that begin with "
            "'### Component 1 (Lines 1-14)'."
        )
    ends = [*(heading.start() for heading in headings[1:]), len(text)]
    return [
        _parse_block(int(heading[1]), text[heading.end() : end])
        for heading, end in zip(headings, ends, strict=True)
    ]


def _parse_block(number: int, block: str) -> Component:
    fields = list(_FIELD.finditer(block))
    ends = [*(field.start() for field in fields[1:]), len(block)]
    values: dict[str, str] = {}
    for field, end in zip(fields, ends, strict=True):
        values.setdefault(field[1].lower(), " ".join(block[field.end() : end].split()))
    return Component(
        number=number,
        description=values.get("description", ""),
        plan=_parse_lines(values.get("plan", "")),
        prompt=values.get("prompt", ""),
        execution=_parse_lines(values.get("execution", "")),
        comment=_parse_lines(values.get("comment", "")),
    )


def _parse_lines(text: str) -> tuple[int, ...]:
    lines = set[int]()
    for match in _RANGE.finditer(text):
        first, last = int(match[1]), int(match[2] or match[1])
        if last - first >= MAX_LINES:
            raise FormatError(f"'{text[:60]}' names more than {MAX_LINES} lines: name real ones.")
        lines.update(range(first, last + 1))
    return tuple(sorted(lines))


def render_component_answer(components: Iterable[Component]) -> str:
    """The answer text; `parse_component_answer` reads the same components back."""
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
