"""Models that annotate thoughts, as scripts for the fake server, and thoughts for them."""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from .fake_server import Answer, Fault, Refusal, Reply, Request

FAULTS = {"429": 0.05, "500": 0.05, "cut": 0.02, "malformed": 0.05, "truncated": 0.02}
"""Shares of requests that are answered so."""
OF_THE_TEXT = ("malformed", "truncated")
"""Faults of the answer itself: at temperature 0 the same request meets them each time."""


class Thought(NamedTuple):
    question: str
    text: str


def sums(count: int) -> list[Thought]:
    """Thoughts about sums, each of its own; of eight lines."""
    return [
        Thought(
            f"What is {n} + {n + 1}, doubled?",
            f"Let me add {n} and {n + 1}.\nI go by tens.\n{n} + {n + 1} = {2 * n + 1}.\nGood.\n"
            f"Now let me double {2 * n + 1}.\nThat is easy.\nIt is {4 * n + 2}.\nDone.\n",
        )
        for n in range(count)
    ]


def write_thoughts(path: Path, thoughts: list[Thought]) -> Path:
    rows = [
        {"problem": thought.question, "answer": "0", "thought": thought.text}
        for thought in thoughts
    ]
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path


def separation(lines: int) -> str:
    """A sound answer about a thought of `lines` lines."""
    blocks = [
        f"### Component {number} (Lines {first}-{min(first + 3, lines)})\n"
        f"- **Description:** Step {number}.\n- **Plan:** Line {first}\n"
        + (
            f"- **Prompt:** Do step {number}.\n- **Execution:** Lines {first + 1}-"
            f"{min(first + 3, lines)}\n"
            if first < lines
            else ""
        )
        for number, first in enumerate(range(1, lines + 1, 4), start=1)
    ]
    return "\n".join(blocks)


def chained(request: Request) -> Reply:
    """A sound DAG of the components asked about: each depends on the one before."""
    numbers = {int(number) for number in re.findall(r"Component (\d+)", request.context)}
    return Reply.of(str({number: [number - 1] if number > 1 else [] for number in sorted(numbers)}))


class SeparationModel:
    """Separates components, with faults drawn from the request's text, for some also the attempt.

    `completed` counts how often each request got an answer in full, by its messages.
    """

    def __init__(self, faults: Mapping[str, float], seed: int = 0) -> None:
        self.faults, self.seed = dict(faults), seed
        self.attempts = Counter[str]()
        self.completed = Counter[str]()

    def __call__(self, request: Request) -> Answer:
        name = name_of(request)
        self.attempts[name] += 1
        match self._draw(name, f"{self.attempts[name]}", set(self.faults) - set(OF_THE_TEXT)):
            case "429":
                return Refusal(429, headers={"Retry-After": "0"})
            case "500":
                return Refusal(500)
            case "cut":
                return Reply.of(Fault.CUT)
        self.completed[name] += 1
        text = separation(len(re.findall(r"<Line \d+> ", request.context)) or 1)
        match self._draw(name, "text", set(OF_THE_TEXT)):
            case "malformed":
                return Reply.of("I would rather talk about something else.")
            case "truncated":
                return Reply((text[: len(text) // 2],), truncated=True)
        return Reply.of(text)

    def _draw(self, name: str, salt: str, kinds: set[str]) -> str | None:
        number = random.Random(f"{self.seed} {name} {salt}").random()
        for kind in sorted(kinds & set(self.faults)):
            number -= self.faults[kind]
            if number < 0:
                return kind
        return None


def name_of(request: Request) -> str:
    """A short name for what was said."""
    return hashlib.sha256(json.dumps(request.body["messages"]).encode()).hexdigest()[:16]


def disk(folder: Path) -> dict[Path, tuple[int, bytes]]:
    """All that lies below a folder, with the times at which it changed."""
    return {
        path: (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else b"")
        for path in (folder, *folder.rglob("*"))
    }


def files_below(*folders: Path) -> dict[str, bytes]:
    """Every file, by its path: for comparing runs."""
    return {
        str(path.relative_to(folder.parent)): path.read_bytes()
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
