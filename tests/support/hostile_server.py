"""A proxy on loopback that answers a share of the requests to a server with what is no answer."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import urlsplit

from .hostile_answers import Kind, Write
from .threaded import ThreadedServer


class HostileServer(ThreadedServer):
    """Requests pass to the server at `behind`, but a `share` of them meet one of `kinds`.

    Which ones, and which kind, `seed` decides.
    """

    def __init__(
        self, kinds: Mapping[str, Kind], behind: str = "", *, share: float = 1.0, seed: int = 0
    ) -> None:
        super().__init__()
        self.kinds, self.share = dict(kinds), share
        self.met = Counter[str]()
        self.requests = 0
        target = urlsplit(behind)
        self._behind = (target.hostname or "", target.port or 0)
        self._chance = random.Random(seed)
        self._tasks = set[asyncio.Task[None]]()

    async def _start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=1 << 26)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"

    def stop(self) -> None:
        self._do(self._end())

    async def _end(self) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await self._answer(reader, writer)
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        fields = dict(
            line.lower().split(b":", 1) for line in head.split(b"\r\n")[1:] if b":" in line
        )
        body = await reader.readexactly(int(fields.get(b"content-length", b"0")))
        self.requests += 1

        async def write(content: bytes) -> None:
            writer.write(content)
            await writer.drain()

        if self._chance.random() < self.share:
            name = self._chance.choice(list(self.kinds))
            self.met[name] += 1
            gone = asyncio.ensure_future(reader.read(1))  # a client that goes away
            play = asyncio.ensure_future(self.kinds[name](write))
            try:
                await asyncio.wait({gone, play}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for future in (gone, play):
                    future.cancel()
                await asyncio.gather(gone, play, return_exceptions=True)
            return
        await self._pass_on(head, body, reader, write)

    async def _pass_on(
        self, head: bytes, body: bytes, reader: asyncio.StreamReader, write: Write
    ) -> None:
        """The server's answer, for as long as the client listens."""
        first, _, rest = head.partition(b"\r\n")
        lines = [
            line
            for line in rest.split(b"\r\n")
            if line and not line.lower().startswith(b"connection")
        ]
        upstream, sender = await asyncio.open_connection(*self._behind, limit=1 << 26)
        gone = asyncio.ensure_future(reader.read(1))
        try:
            sender.write(b"\r\n".join([first, b"Connection: close", *lines]) + b"\r\n\r\n" + body)
            while True:
                piece = asyncio.ensure_future(upstream.read(1 << 16))
                await asyncio.wait({gone, piece}, return_when=asyncio.FIRST_COMPLETED)
                if not piece.done():
                    piece.cancel()
                    return
                if not piece.result():
                    return
                await write(piece.result())
        finally:
            gone.cancel()
            sender.close()
