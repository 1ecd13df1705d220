"""The places of the server, and who gets the next one."""

from __future__ import annotations

import asyncio

import pytest
from sprint.serving.api_errors import ApiError
from sprint.serving.queueing import Places


def test_a_client_that_leaves_as_a_place_is_freed_costs_nobody_a_place() -> None:
    places = Places(1, 10)

    async def main() -> None:
        ended = asyncio.Event()

        async def hold() -> None:
            async with places.place(1):
                await ended.wait()

        async def wait() -> None:
            async with places.place(1):
                pass

        running = asyncio.create_task(hold())
        await asyncio.sleep(0)
        leaving, staying = asyncio.create_task(wait()), asyncio.create_task(wait())
        await asyncio.sleep(0)
        assert places.waiting == 2
        ended.set()
        leaving.cancel()
        left = await asyncio.gather(running, leaving, staying, return_exceptions=True)
        assert [type(one) for one in left] == [type(None), asyncio.CancelledError, type(None)]
        await places.until_idle()

    asyncio.run(main())
    assert (places.taken, places.waiting) == (0, 0)


def test_a_request_whose_body_was_read_during_the_shutdown_is_refused() -> None:
    places = Places(1, 10)
    places.require_open()
    places.closed = True

    async def main() -> None:
        async with places.place(1):
            raise AssertionError("it got a place")

    with pytest.raises(ApiError) as refused:
        asyncio.run(main())
    assert refused.value.status == 503


def test_a_full_queue_rejects_a_request_before_its_body_is_read() -> None:
    places = Places(1, 1)

    async def main() -> None:
        async def hold() -> None:
            async with places.place(1):
                await asyncio.Event().wait()

        holding = [asyncio.create_task(hold()) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(ApiError) as refused:
            places.require_room()
        assert refused.value.status == 429
        assert refused.value.headers["Retry-After"].isdecimal()
        for task in holding:
            task.cancel()
        await asyncio.gather(*holding, return_exceptions=True)
        places.require_room()

    asyncio.run(main())
