from __future__ import annotations

from pathlib import Path

import pytest
from sprint.utils.errors import FormatError
from sprint.utils.records import Component
from sprint.utils.thoughts.inline import ComponentText, component_text, parse_inline, render_inline

SHARED = Path(__file__).resolve().parents[3] / ".." / "shared" / "data" / "published_logs" / "logs"

LINES = ["First. ", "Let me see.\n\n", "1 + 1 = 2. ", "So 2.\n\n", "Good."]
COMPONENTS = [
    Component(1, "Adding", (1, 2), "Add.", (3, 4), (5,)),
    Component(2, "Ending", (), "End.", (5,), ()),
]


def test_parts_keep_the_white_space_between_their_lines() -> None:
    text = component_text(COMPONENTS[0], LINES)
    assert (text.plan, text.execution) == ("First. Let me see.", "1 + 1 = 2. So 2.")
    assert component_text(Component(1, "", (2, 3), "", (), ()), LINES).plan == (
        "Let me see.\n\n1 + 1 = 2."
    )


def test_inline_is_read_back() -> None:
    assert parse_inline(render_inline(COMPONENTS, LINES)) == [
        ComponentText(1, "Adding", "First. Let me see.", "Add.", "1 + 1 = 2. So 2.", "Good."),
        ComponentText(2, "Ending", "", "End.", "Good."),
    ]


def test_a_missing_part_is_named() -> None:
    broken = render_inline(COMPONENTS, LINES).replace("<prompt>\nEnd.", "")
    with pytest.raises(FormatError, match="Component 2 of the inline file has no <prompt>"):
        parse_inline(broken)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the published logs are not here")
@pytest.mark.parametrize(("index", "count"), [(0, 11), (1, 16), (2, 10), (3, 15), (4, 14)])
def test_published_layout(index: int, count: int) -> None:
    folder = SHARED / "component_inline_gpt-4o" / "Orig-R1-Thoughts-correct_math"
    text = (folder / f"component_inline_{index}.txt").read_text(encoding="utf-8")
    parts = parse_inline(text)
    assert [part.number for part in parts] == list(range(1, count + 1))
    lines = [line for part in parts for line in (part.plan, part.execution)]
    components = [
        Component(
            part.number,
            part.description,
            (2 * part.number - 1,) if part.plan else (),
            part.prompt,
            (2 * part.number,) if part.execution else (),
            (),
        )
        for part in parts
    ]
    written = render_inline(components, lines)
    assert [line.rstrip() for line in written.split("\n")] == [
        line.rstrip() for line in text.split("\n")
    ]
