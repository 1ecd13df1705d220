"""Components as text: a readable file in the published layout, and the source of trajectories.

::

    ### Component 1
    <description>
    …
    </description>

    <plan>
    …
    </plan>

    <prompt> … </prompt>  <execution> … </execution>      (each laid out as above)

A part without lines reads `None`. A `<comment>` block is added if there is a comment; the published
files leave comments out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..errors import FormatError
from ..records import Component

NONE = "None"

_BLOCK = re.compile(r"^### Component (\d{1,6})[ \t]*\n(?=<description>\n)", flags=re.MULTILINE)


@dataclass(frozen=True)
class ComponentText:
    """A component with the text of its parts; a part without lines is an empty text."""

    number: int
    description: str
    plan: str
    prompt: str
    execution: str
    comment: str = ""


def component_text(component: Component, lines: Sequence[str]) -> ComponentText:
    """The component's parts from the thought, with the white space between their lines."""

    def text(numbers: tuple[int, ...]) -> str:
        return "".join(lines[number - 1] for number in numbers).strip()

    return ComponentText(
        component.number,
        component.description,
        text(component.plan),
        component.prompt,
        text(component.execution),
        text(component.comment),
    )


def render_inline(components: Iterable[Component], lines: Sequence[str]) -> str:
    """The text of component_inline_i.txt."""
    return render_texts(component_text(component, lines) for component in components)


def render_texts(texts: Iterable[ComponentText]) -> str:
    return "\n\n\n".join(map(_render, texts)) + "\n"


def _render(text: ComponentText) -> str:
    blocks = [
        ("description", text.description or NONE),
        ("plan", text.plan or NONE),
        ("prompt", text.prompt or NONE),
        ("execution", text.execution or NONE),
    ]
    if text.comment:
        blocks.append(("comment", text.comment))
    shown = "\n\n".join(f"<{name}>\n{content}\n</{name}>" for name, content in blocks)
    return f"### Component {text.number}\n{shown}"


def parse_inline(text: str) -> list[ComponentText]:
    """The components of an inline file. Raises FormatError if a part is missing."""
    headings = list(_BLOCK.finditer(text))
    if not headings:
        raise FormatError("No '### Component n' with a <description> below it in the inline file.")
    ends = [*(heading.start() for heading in headings[1:]), len(text)]
    return [
        ComponentText(
            int(heading[1]),
            *(
                _part(text[heading.end() : end], name, int(heading[1]))
                for name in ("description", "plan", "prompt", "execution", "comment")
            ),
        )
        for heading, end in zip(headings, ends, strict=True)
    ]


def _part(block: str, name: str, number: int) -> str:
    start = block.find(f"<{name}>\n")
    end = block.find(f"\n</{name}>", start)
    if start < 0 and name == "comment":
        return ""
    if start < 0 or end < 0:
        raise FormatError(f"Component {number} of the inline file has no <{name}> … </{name}>.")
    content = block[start + len(name) + 3 : end].strip()
    return "" if content == NONE else content
