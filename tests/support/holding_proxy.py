"""A proxy on loopback that lets no plan end before an executor was asked.

So whether executors begin while a plan is written does not depend on who is faster.
"""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress

import aiohttp
from aiohttp import web

from .limits import PATIENCE
from .threaded import ThreadedServer

HOLD = PATIENCE / 4
"""Seconds that the end of a plan is held: it may have no prompt."""
ENDS = re.compile(rb'"finish_reason": ?"')
PASSED_ON = ("Content-Type", "Authorization")


class HoldingProxy(ThreadedServer):
    """Between a client and the server at `behind` (which ends in /v1)."""

    def __init__(self, behind: str) -> None:
        super().__init__()
        self._behind = behind
        self._asked = asyncio.Event()
        self._plans = 0
        self.began_while_planned = 0
        """Requests to an executor that came while a plan had not ended."""

    async def _start(self) -> None:
        app = web.Application(client_max_size=1 << 26)
        app.router.add_route("*", "/planner/v1/{path:.*}", self._planner)
        app.router.add_route("*", "/executor/v1/{path:.*}", self._executor)
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None))
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.planner_url, self.executor_url = (
            f"http://127.0.0.1:{port}/{role}/v1" for role in ("planner", "executor")
        )

    def stop(self) -> None:
        self._do(self._end())

    async def _end(self) -> None:
        await self._runner.cleanup()
        await self._session.close()

    async def _planner(self, request: web.Request) -> web.StreamResponse:
        self._plans += 1
        try:
            return await self._pass_on(request, holds=True)
        finally:
            self._plans -= 1

    async def _executor(self, request: web.Request) -> web.StreamResponse:
        if request.method == "POST":
            self.began_while_planned += self._plans > 0
            self._asked.set()
        return await self._pass_on(request, holds=False)

    async def _pass_on(self, request: web.Request, *, holds: bool) -> web.StreamResponse:
        headers = {name: request.headers[name] for name in PASSED_ON if name in request.headers}
        url = f"{self._behind}/{request.match_info['path']}"
        body = await request.read() if request.can_read_body else b""
        async with self._session.request(request.method, url, data=body, headers=headers) as got:
            kind = {"Content-Type": got.headers.get("Content-Type", "")}
            response = web.StreamResponse(status=got.status, headers=kind)
            await response.prepare(request)
            async for line in got.content:
                if holds and ENDS.search(line):
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._asked.wait(), HOLD)
                await response.write(line)
            await response.write_eof()
            return response
