"""What servers send that is no answer: malformed ones, and ones without an end, by their names.

Each is a function that writes to a connection whose request has been read; the connection is
closed when it returns. Those without an end write until the client goes away.
"""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

Write = Callable[[bytes], Awaitable[None]]
Kind = Callable[[Write], Awaitable[None]]

ELSEWHERE = "http://127.0.0.1:1/v1/elsewhere"
DEEP = b"[" * 100_000
DIGITS = b"9" * 5_000
PAUSE = 0.02
"""Seconds between two pieces of an answer that trickles."""
JSON_TYPE, EVENTS = b"Content-Type: application/json", b"Content-Type: text/event-stream"
TEXT = {"choices": [{"index": 0, "text": "some text", "finish_reason": None}]}


def answer(
    body: bytes = b"", status: bytes = b"200 OK", headers: Iterable[bytes] = (JSON_TYPE,)
) -> bytes:
    """An HTTP answer that ends with its connection."""
    lines = [b"HTTP/1.1 " + status, b"Connection: close", *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def events(*contents: Any) -> bytes:
    """A stream of events: bytes as they are, others as JSON."""
    parts = [it if isinstance(it, bytes) else json.dumps(it).encode() for it in contents]
    return answer(b"".join(b"data: " + part + b"\n\n" for part in parts), headers=[EVENTS])


def once(content: bytes) -> Kind:
    async def play(write: Write) -> None:
        await write(content)

    return play


def forever(first: bytes, then: bytes, pause: float = 0.0) -> Kind:
    async def play(write: Write) -> None:
        await write(first)
        while True:
            await write(then)
            await asyncio.sleep(pause)

    return play


def choice(**fields: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "text": "", "finish_reason": None, **fields}]}


def length(size: int) -> bytes:
    return b"Content-Length: %d" % size


CHUNKED = (JSON_TYPE, b"Transfer-Encoding: chunked")
MALFORMED: Mapping[str, Kind] = {
    "nothing": once(b""),
    "noise": once(bytes(range(256)) * 4),
    "an SSH port": once(b"SSH-2.0-OpenSSH_9.6\r\n"),
    "a mail server": once(b"220 mail.example ESMTP\r\n"),
    "a TLS alert": once(b"\x15\x03\x01\x00\x02\x02\x46"),
    "HTTP/2": once(b"\x00\x00\x12\x04\x00\x00\x00\x00\x00" + bytes(18)),
    "status line without a number": once(answer(status=b"two hundred OK")),
    "status 999": once(answer(b"{}", status=b"999 Odd")),
    "header of 200 KB": once(answer(headers=[b"X-Long: " + b"a" * 200_000])),
    "10,000 headers": once(answer(headers=[b"X-%d: a" % number for number in range(10_000)])),
    "header without a colon": once(answer(headers=[b"nonsense"])),
    "NUL in a header": once(answer(b"{}", headers=[b"X-Nul: a\x00b"])),
    "chunk of size zz": once(answer(b"zz\r\n{}\r\n", headers=CHUNKED)),
    "chunk of a huge size": once(answer(b"f" * 40 + b"\r\n{}\r\n", headers=CHUNKED)),
    "negative length": once(answer(b"{}", headers=[JSON_TYPE, length(-5)])),
    "two lengths": once(answer(b"{}", headers=[JSON_TYPE, length(2), length(3)])),
    "body shorter than its length": once(answer(b"{}", headers=[JSON_TYPE, length(999)])),
    "gzip that is none": once(answer(b"{}", headers=[JSON_TYPE, b"Content-Encoding: gzip"])),
    "gzip that is cut off": once(
        answer(gzip.compress(b"{}")[:9], headers=[JSON_TYPE, b"Content-Encoding: gzip"])
    ),
    "200 MB in 200 KB": once(
        answer(gzip.compress(bytes(200_000_000)), headers=[JSON_TYPE, b"Content-Encoding: gzip"])
    ),
    "unknown compression": once(answer(b"{}", headers=[JSON_TYPE, b"Content-Encoding: odd"])),
    "unknown charset": once(answer(b"{\xff", headers=[JSON_TYPE + b"; charset=klingon"])),
    "a web page": once(answer(b"<html>Welcome</html>", headers=[b"Content-Type: text/html"])),
    "an empty body": once(answer()),
    "204": once(answer(status=b"204 No Content")),
    "a redirect": once(answer(status=b"302 Found", headers=[b"Location: " + ELSEWHERE.encode()])),
    "a redirect that keeps the body": once(
        answer(status=b"307 Temporary Redirect", headers=[b"Location: " + ELSEWHERE.encode()])
    ),
    "a redirect to nowhere": once(answer(status=b"308 Permanent Redirect")),
    "JSON nested 100,000 deep": once(answer(DEEP)),
    "an integer of 5,000 digits": once(answer(b'{"choices": [], "usage": ' + DIGITS + b"}")),
    "a list": once(answer(b"[1, 2]")),
    "null": once(answer(b"null")),
    "JSON that is cut off": once(answer(b'{"choices": [{"message": {"con')),
    "invalid UTF-8": once(answer(b'{"choices": "\xff\xfe"}')),
    "500 with deep JSON": once(answer(DEEP, status=b"500 Internal Server Error")),
    "500 with a number": once(answer(DIGITS, status=b"500 Internal Server Error")),
    "503 with odd Retry-After": once(
        answer(b"{}", status=b"503 Busy", headers=[JSON_TYPE, b"Retry-After: nan"])
    ),
    "event that is no JSON": once(events(TEXT, b"{oops")),
    "event of deep JSON": once(events(TEXT, DEEP)),
    "event with 5,000 digits": once(events(TEXT, b'{"usage": ' + DIGITS + b"}")),
    "event with invalid UTF-8": once(events(TEXT, b'{"choices": [{"text": "\xff"}]}')),
    "event with NUL bytes": once(events(TEXT, b"\x00" * 100)),
    "error of deep JSON": once(
        events(TEXT, b'{"error": ' + b'{"a":' * 5_000 + b"1" + b"}" * 5_000 + b"}")
    ),
    "choices that are null": once(events(TEXT, {"choices": None})),
    "choices that are an object": once(events(TEXT, {"choices": {"text": "a"}})),
    "text that is a number": once(events(TEXT, choice(text=5))),
    "text that is an object": once(events(TEXT, choice(text={"a": 1}))),
    "finish reason that is a list": once(events(TEXT, choice(finish_reason=["stop"]))),
    "unknown finish reason": once(events(TEXT, choice(finish_reason="odd"))),
    "stream that stops": once(events(TEXT)),
    "done before the end": once(events(TEXT, b"[DONE]")),
    "stream of chat pieces without text": once(events(choice(delta={"content": 5}))),
    "HTTP of another version": once(b"HTTP/9.9 200 OK\r\n\r\n{}"),
    "status of 7 digits": once(answer(b"{}", status=b"2000000 OK")),
    "status line of 100 KB": once(answer(status=b"200 " + b"a" * 100_000)),
    "102 and no more": once(b"HTTP/1.1 102 Processing\r\n\r\n"),
    "299": once(answer(status=b"299 Odd")),
    "length of 5,000 digits": once(answer(b"{}", headers=[b"Content-Length: " + DIGITS])),
    "negative chunk": once(answer(b"-5\r\n{}\r\n", headers=CHUNKED)),
    "unknown transfer encoding": once(answer(b"{}", headers=[b"Transfer-Encoding: odd"])),
    "charset that is no text's": once(answer(b"{}", headers=[JSON_TYPE + b"; charset=zlib_codec"])),
    "a redirect to another scheme": once(
        answer(status=b"307 Temporary Redirect", headers=[b"Location: gopher://[::bad/"])
    ),
    "503 for 30 years": once(
        answer(b"{}", status=b"503 Busy", headers=[JSON_TYPE, b"Retry-After: 1000000000"])
    ),
    "500 of 2 MB": once(answer(b"x" * 2_000_000, status=b"500 Internal Server Error")),
    "500 with odd types": once(
        answer(b'{"error": {"message": [1], "code": {}}}', status=b"500 Internal Server Error")
    ),
    "infinite numbers": once(answer(b'{"choices": [1e999], "data": [NaN]}')),
    "null choices": once(answer(b'{"choices": [null], "data": [null]}')),
    "a list of models with odd names": once(
        answer(b'{"choices": {}, "data": [{"id": {}}, {"id": [1]}, {"id": null}]}')
    ),
    "error with odd types": once(events(TEXT, {"error": {"message": {"a": [1]}, "code": [400]}})),
    "event of 3 MB": once(events(choice(text="x" * 3_000_000, finish_reason="stop"))),
}

HEAD = answer(headers=[EVENTS])
MUCH = "many words " * 100
ENDLESS: Mapping[str, Kind] = {
    "silence": forever(b"", b"", pause=0.1),
    "a header, byte by byte": forever(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"a", pause=PAUSE),
    "header after header": forever(b"HTTP/1.1 200 OK\r\n", b"X-More: a\r\n", pause=PAUSE),
    "100 Continue": forever(b"", b"HTTP/1.1 100 Continue\r\n\r\n", pause=PAUSE),
    "a body, byte by byte": forever(answer(b"{"), b" ", pause=PAUSE),
    "a chunk size, byte by byte": forever(answer(headers=CHUNKED), b"0", pause=PAUSE),
    "comments": forever(HEAD, b": still here\n\n", pause=PAUSE),
    "comments at full speed": forever(HEAD, b": still here\n\n" * 1_000),
    "empty events": forever(HEAD, b"data:\n\n", pause=PAUSE),
    "events without text": forever(events(TEXT), events(choice()).split(b"\r\n\r\n")[1], PAUSE),
    "counts of tokens": forever(
        events(TEXT), b'data: {"choices": [], "usage": {"prompt_tokens": 1}}\n\n', PAUSE
    ),
    "one event": forever(HEAD + b"data: ", b"a" * 100_000),
    "text": forever(HEAD, b"data: " + json.dumps(choice(text=MUCH)).encode() + b"\n\n"),
    "thoughts": forever(
        HEAD, b"data: " + json.dumps(choice(delta={"reasoning": MUCH})).encode() + b"\n\n"
    ),
    "token ids": forever(
        HEAD, b"data: " + json.dumps(choice(token_ids=[1] * 5_000)).encode() + b"\n\n"
    ),
    "silence behind text": forever(events(TEXT), b"", pause=0.1),
    "102 Processing": forever(b"", b"HTTP/1.1 102 Processing\r\n\r\n", pause=PAUSE),
    "pings": forever(HEAD, b'data: {"type": "ping"}\n\n', pause=PAUSE),
    "blank lines at full speed": forever(HEAD, b"\n" * 5_000),
    "lines of data without a byte": forever(HEAD, b"data\n" * 5_000),
    "text in large pieces": forever(
        HEAD, b"data: " + json.dumps(choice(text="x" * 50_000)).encode() + b"\n\n"
    ),
    "an error of 1 GB": forever(answer(b"{", status=b"500 Internal Server Error"), b" " * 100_000),
    "an answer of 1 GB": forever(answer(b'{"choices": "'), b"a" * 100_000),
}
