"""Executions too short to be worth a call of their own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ..records import Component


def merge_short_executions(
    components: Iterable[Component], min_execution_lines: int
) -> list[Component]:
    """The components, those with an execution of fewer lines made plan-only.

    A plan-only component says all its lines in the plan: an execution so short costs more as a
    call of its own than it saves.
    """
    return [
        component
        if component.execution and len(component.execution) >= min_execution_lines
        else replace(component, plan=component.lines, execution=(), comment=())
        for component in components
    ]
