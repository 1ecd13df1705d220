"""Groups of tasks that raise their first error itself, and lose no cancellation."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

from ..errors import first_leaf

Value = TypeVar("Value")


async def grouped(group: Coroutine[Any, Any, Value]) -> Value:
    """Await a coroutine that opens an asyncio.TaskGroup; its first error is raised, ungrouped.

    A failing group swallows a cancellation from outside, and before Python 3.13 may leave one of
    its own in the surrounding task. So it gets a task to itself, and a cancellation seen here comes
    from outside.
    """
    here = asyncio.current_task()
    assert here is not None
    before = here.cancelling()
    try:
        return await asyncio.create_task(group)
    except BaseExceptionGroup as errors:
        if here.cancelling() > before:
            raise asyncio.CancelledError from errors
        raise first_leaf(errors) from errors


async def all_at_once(calls: Iterable[Coroutine[Any, Any, Value]]) -> list[Value]:
    """The results of `calls`, in order; the first that raises cancels the others and is raised."""

    async def together() -> list[Value]:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(call) for call in calls]
        return [task.result() for task in tasks]

    return await grouped(together())
