"""Asking a model to annotate: until the answer passes its check, a bounded number of times."""

from __future__ import annotations

import argparse
import os
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from ..cli import positive
from ..errors import FormatError, InputError, SprintError
from ..prompts import load_prompt
from ..server import ModelServer, Sampling

RULES = "rules"
"""Name of the built-in annotators, which need no model and no key."""
OPENAI_URL = "https://api.openai.com/v1"

Checked = TypeVar("Checked")
Message = dict[str, str]
Chat = Callable[[Sequence[Message]], Awaitable[str]]


@dataclass(frozen=True)
class Annotation(Generic[Checked]):
    """A model's answer as it came, what the check made of it, and the attempts it took."""

    answer: str
    checked: Checked
    attempts: int = 1


async def ask_until_sound(
    chat: Chat, request: str, check: Callable[[str], Checked], max_attempts: int
) -> Annotation[Checked]:
    """Ask; where `check` raises FormatError, ask again with the fault named.

    Raises FormatError, naming the last fault, after `max_attempts` answers.
    """
    messages: list[Message] = [{"role": "user", "content": request}]
    for attempt in range(1, max_attempts + 1):
        answer = await chat(messages)
        try:
            return Annotation(answer, check(answer), attempt)
        except FormatError as error:
            fault = str(error)
        retry = load_prompt("annotation_retry_prompt").replace("{fault}", fault)
        messages += [
            {"role": "assistant", "content": answer},
            {"role": "user", "content": retry},
        ]
    raise FormatError(f"No usable answer in {max_attempts} attempts; the last fault: {fault}")


def chat_with(server: ModelServer, max_tokens: int) -> Chat:
    """A chat at temperature 0. An answer that was cut off raises FormatError: it never passes."""

    async def chat(messages: Sequence[Message]) -> str:
        completion = await server.chat(messages, Sampling(max_tokens, temperature=0.0))
        if completion.cut_off:
            raise FormatError(f"The answer was cut off after {max_tokens} tokens: raise the limit.")
        return completion.text

    return chat


def add_annotator_flags(parser: argparse.ArgumentParser, stage: str) -> None:
    """--<stage>_model, --<stage>_server_url, --num_workers, --max_attempts, --max_tokens."""
    parser.add_argument(
        f"--{stage}_model",
        default=RULES,
        help=f"model that annotates, or {RULES!r}, the built-in annotator without a model",
    )
    parser.add_argument(
        f"--{stage}_server_url",
        help="OpenAI-compatible server of the model, such as http://localhost:8000/v1; without "
        "it the OpenAI API is asked, with OPENAI_API_KEY",
    )
    parser.add_argument("--num_workers", type=positive, default=8, help="rows asked at a time")
    parser.add_argument(
        "--max_attempts", type=positive, default=3, help="answers asked for before a row fails"
    )
    parser.add_argument(
        "--max_tokens", type=positive, default=8192, help="longest answer, in tokens"
    )


@asynccontextmanager
async def annotator_chat(arguments: argparse.Namespace, stage: str) -> AsyncIterator[Chat | None]:
    """The chat that the flags of `add_annotator_flags` ask for; None for the built-in annotator.

    Raises InputError without URL and key, ServerError where the server does not serve the model.
    """
    model: str = getattr(arguments, f"{stage}_model")
    url: str | None = getattr(arguments, f"{stage}_server_url")
    if model == RULES:
        yield None
        return
    key = os.environ.get("OPENAI_API_KEY")
    if url is None and not key:
        raise InputError(
            f"The model {model!r} needs a server: set OPENAI_API_KEY for the OpenAI API, give "
            f"--{stage}_server_url, or take the built-in annotator {RULES!r}."
        )
    async with ModelServer(url or OPENAI_URL, model) as server:
        await server.check()
        yield chat_with(server, arguments.max_tokens)


@dataclass
class Tally:
    """What became of the items of a stage: for the summary at its end."""

    done: int = 0
    failed: dict[int, str] = field(default_factory=dict)
    repairs: Counter[str] = field(default_factory=Counter)

    def add(self, repairs: Mapping[str, int]) -> None:
        self.done += 1
        self.repairs.update(repairs)

    def summary(self, what: str, earlier: int) -> str:
        """A few plain lines: how many, how much was mended, what failed and why."""
        lines = [f"{what}: {self.done} written, {earlier} there before, {len(self.failed)} failed."]
        if self.repairs:
            mended = ", ".join(f"{kind} {count}" for kind, count in sorted(self.repairs.items()))
            lines.append(f"Mended: {mended}.")
        lines += [f"Row {index} failed: {reason}" for index, reason in sorted(self.failed.items())]
        return "\n".join(lines)

    def require_some(self, earlier: int) -> None:
        """Raise SprintError where every row failed."""
        if self.failed and not self.done and not earlier:
            index, reason = next(iter(self.failed.items()))
            raise SprintError(f"All {len(self.failed)} rows failed. Row {index}: {reason}")
