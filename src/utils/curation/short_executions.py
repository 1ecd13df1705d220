"""Executions too short to be worth a call of their own."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import replace

from ..cli import positive
from ..records import Component

MIN_EXECUTION_LINES = 4
"""The published data merged executions of up to three lines."""


def add_min_execution_lines(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--min_execution_lines",
        type=positive,
        default=MIN_EXECUTION_LINES,
        help="executions with fewer lines are merged into their plan",
    )


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
