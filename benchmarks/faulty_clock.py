"""A token-clock server with random faults, drawn from a seed.

The fault of a request depends on the seed, its context and how often that context was sent before:
a client that restarts a problem after `POST /forget` gets the same faults again.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from aiohttp import web
from sprint.utils.grammar import CallText
from token_clock import TokenClock, tokens

TAGLESS = "I am not sure what is wanted here."
_EXECUTION = re.compile(r"<execution_(\d+)\.(\d+)>\n\Z")


@dataclass(frozen=True)
class Shares:
    """The fraction of requests with each fault."""

    busy: float = 0.05
    """429, with a short Retry-After."""
    failed: float = 0.05
    """500."""
    cut: float = 0.02
    """The connection breaks in the middle of the stream."""
    silent: float = 0.02
    """Never answered."""
    tagless: float = 0.02
    """Text without any tag."""

    def fate(self, seed: int, context: str, before: int) -> str:
        """The name of the fault, "" for none; `before`: how often the context was sent before."""
        digest = hashlib.sha256(f"{seed} {before} {context}".encode()).digest()
        point = int.from_bytes(digest[:8]) / 2**64
        for name, share in vars(self).items():
            if point < share:
                return str(name)
            point -= share
        return ""


def place(context: str) -> tuple[str, str]:
    """Question and place of a call, regardless of earlier text: "execution 2.1", "plan 3"."""
    question, _, written = context.rpartition("<think>\n")
    if execution := _EXECUTION.search(written):
        return question, f"execution {execution[1]}.{execution[2]}"
    return question, f"plan {written.count('</Execution_') + 1}"


class FaultyClock(TokenClock):
    """Answers by the place of a call, since a fault that stays in a text changes later contexts."""

    def __init__(self, calls: Iterable[CallText], tick: float, shares: Shares, seed: int) -> None:
        super().__init__({}, tick)
        self.by_place: Mapping[tuple[str, str], str] = {
            place(call.context): call.completion for call in calls
        }
        self.shares, self.seed = shares, seed
        self.asked = Counter[str]()
        self.met = Counter[str]()

    def find(self, context: str) -> str | None:
        return self.by_place.get(place(context))

    async def forget(self, _: web.Request) -> web.Response:
        self.asked.clear()
        return web.json_response(dict(self.met))

    async def answer(self, http: web.Request, context: str, reply: str) -> web.StreamResponse:
        fate = self.shares.fate(self.seed, context, self.asked[context])
        self.asked[context] += 1
        self.met[fate or "none"] += 1
        match fate:
            case "busy":
                return web.json_response(
                    {"error": {"message": "too many requests"}},
                    status=429,
                    headers={"Retry-After": "0.05"},
                )
            case "failed":
                return web.json_response({"error": {"message": "internal error"}}, status=500)
            case "silent":
                await asyncio.Event().wait()
            case "tagless":
                reply = TAGLESS
            case "cut":
                words = tokens(reply)
                return await self.stream(http, words[: max(1, len(words) // 2)], whole=False)
        return await self.stream(http, tokens(reply))

    def routes(self) -> list[web.RouteDef]:
        return [*super().routes(), web.post("/forget", self.forget)]
