"""Executions too short for a call of their own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ..records import Component


def merge_short_executions(
    components: Iterable[Component], min_execution_lines: int
) -> list[Component]:
    """The components; those with an execution of fewer lines become plan-only.

    A plan-only component has all its lines in the plan: an execution that short costs more as a
    call than it saves.
    """
    return [
        component
        if component.execution and len(component.execution) >= min_execution_lines
        else replace(component, plan=component.lines, execution=(), comment=())
        for component in components
    ]
