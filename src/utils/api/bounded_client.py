"""An HTTP client that limits the size of an answer and follows no redirect.

Servers are not trusted to end: an answer may be too long, or a few kilobytes that decompress to
gigabytes. The openai client reads complete answers into memory, so the limit is below it.
"""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, cast

import httpx2
import openai

LONGEST_ANSWER = 1 << 24
"""Maximum bytes of an answer, if the request does not set a limit."""
LONGEST_ERROR = 1 << 18
"""Maximum bytes of an error or a redirect."""
PIECE = 1 << 16
"""Bytes that are decompressed at a time."""
ENCODINGS = {"gzip": 16 + zlib.MAX_WBITS, "x-gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}
"""Supported compressions, by their zlib settings. None is requested."""

_longest = ContextVar("longest answer", default=LONGEST_ANSWER)


class AnswerTooLongError(httpx2.ReadError):
    """An answer exceeds its maximum size."""


@contextmanager
def longest_answer(size: int) -> Iterator[None]:
    """Answers to the requests in this block may have `size` bytes, decompressed."""
    token = _longest.set(size)
    try:
        yield
    finally:
        _longest.reset(token)


class _BoundedStream(httpx2.AsyncByteStream):
    """The bytes of an answer, decompressed, up to its limit."""

    def __init__(self, stream: httpx2.AsyncByteStream, decode: Decode | None, size: int) -> None:
        self._stream, self._decode, self._left, self._size = stream, decode, size, size

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._stream:
            for part in (piece,) if self._decode is None else self._decode(piece):
                self._left -= len(part)
                if self._left < 0:
                    raise AnswerTooLongError(f"an answer of over {self._size} bytes")
                yield part

    async def aclose(self) -> None:
        await self._stream.aclose()


Decode = Callable[[bytes], Iterator[bytes]]


def _decompressed(bits: int) -> Decode:
    state = zlib.decompressobj(bits)

    def decode(piece: bytes) -> Iterator[bytes]:
        while piece:
            yield state.decompress(piece, PIECE)
            piece = state.unconsumed_tail

    return decode


def _decoder(response: httpx2.Response) -> Decode | None:
    """The decompressor for an answer, whose headers then no longer name the compression.

    None if it is not compressed.
    """
    name = response.headers.pop("content-encoding", "identity").strip().lower()
    if name in ("", "identity"):
        return None
    if name not in ENCODINGS:
        raise httpx2.DecodingError(f"an answer compressed as {name[:40]!r}, unasked")
    return _decompressed(ENCODINGS[name])


class BoundedClient(cast(type[httpx2.AsyncClient], openai.DefaultAioHttpClient)):  # type: ignore[misc]
    """The openai client's own transport, with a limit on the answer."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings, follow_redirects=False)
        self.headers["accept-encoding"] = "identity"

    async def send(
        self, request: httpx2.Request, *, stream: bool = False, **settings: Any
    ) -> httpx2.Response:
        response: httpx2.Response = await super().send(request, stream=True, **settings)
        try:
            plain = cast(httpx2.AsyncByteStream, response.stream)
            longest = _longest.get()
            if not response.is_success:
                longest = min(longest, LONGEST_ERROR)
            response.stream = _BoundedStream(plain, _decoder(response), longest)
            if not stream:
                await response.aread()
        except BaseException:
            await response.aclose()
            raise
        return response
