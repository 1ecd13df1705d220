from __future__ import annotations

import asyncio

import pytest
from sprint.utils.concurrency.tasks import all_at_once, grouped
from support.limits import PATIENCE


async def value(number: int) -> int:
    await asyncio.sleep(0)
    return number


async def fail(*after: asyncio.Event) -> int:
    for event in after:
        await event.wait()
    raise LookupError("nothing there")


async def forever(begun: asyncio.Event | None = None) -> int:
    if begun is not None:
        begun.set()
    return await asyncio.get_running_loop().create_future()


def test_results_come_in_the_order_of_the_calls() -> None:
    assert asyncio.run(all_at_once(value(number) for number in range(5))) == [0, 1, 2, 3, 4]
    assert asyncio.run(all_at_once([])) == []


def test_the_first_error_is_raised_itself_and_ends_the_others() -> None:
    async def main() -> None:
        begun = asyncio.Event()
        await all_at_once([forever(begun), fail(begun)])

    with pytest.raises(LookupError, match="nothing there"):
        asyncio.run(main())


def test_an_error_leaves_no_cancellation_behind() -> None:
    """Else a timeout or a group around it would take the error for a cancellation."""

    async def main() -> None:
        async with asyncio.timeout(PATIENCE):
            with pytest.raises(LookupError):
                await all_at_once([forever(), fail()])
            await asyncio.sleep(0)
        task = asyncio.current_task()
        assert task is not None
        assert task.cancelling() == 0

    asyncio.run(main())


def test_a_cancellation_from_outside_cancels_all() -> None:
    async def main() -> None:
        begun = asyncio.Event()
        task = asyncio.create_task(all_at_once([forever(begun), forever()]))
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(main())


def test_a_cancellation_that_falls_into_a_failing_group_is_not_lost() -> None:
    async def main() -> None:
        failing, cleaned = asyncio.Event(), asyncio.Event()

        async def slow_to_end() -> None:
            try:
                await forever()
            finally:
                failing.set()
                await cleaned.wait()

        async def together() -> None:
            async with asyncio.TaskGroup() as group:
                group.create_task(slow_to_end())
                group.create_task(fail())

        task = asyncio.create_task(grouped(together()))
        await failing.wait()
        task.cancel()
        cleaned.set()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
