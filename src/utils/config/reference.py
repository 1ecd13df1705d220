"""The reference for a command's fields, as Markdown."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

from .base import Config
from .fields import Field, fields_of
from .flags import title_of


def reference(kind: type[Config]) -> str:
    """A section: what the command does, and a table of its fields in groups."""
    return "\n".join(_lines(kind)) + "\n"


def _lines(kind: type[Config]) -> Iterator[str]:
    yield f"## sprint {kind.command}"
    yield ""
    yield _escaped(inspect.getdoc(kind) or "")
    group: type[Config] | None = None
    for field in fields_of(kind):
        if field.group is not group:
            group = field.group
            if group is not kind:
                yield from ("", f"**{_escaped(title_of(group))}**")
            yield from ("", "| flag | takes | default | meaning |", "|---|---|---|---|")
        yield _row(field)


def _row(field: Field) -> str:
    name = field.positional.name if field.positional is not None else field.flag
    default = (
        "required" if field.info.is_required() else f"`{field.default}`" if field.default else ""
    )
    cells = (f"`{name}`", _escaped(field.values), default, _escaped(field.doc))
    return "| " + " | ".join(cells) + " |"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")
