"""Asks a model to annotate until the answer passes its check, a bounded number of times."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from ..api.retry import INVALID
from ..api.sampling import ChatMessage
from ..errors import FormatError, SprintError
from ..prompt_files import load_prompt

SHOWN = 20
"""Failed rows shown at the end; each also has a file."""
RETRY_PROMPT = "annotation_retry_prompt"
TRUNCATED = "It reached the token limit and is incomplete: write a shorter answer."
"""The fault of an answer that reached its token limit; such an answer never passes."""

NOT_UNICODE = (
    "It contains half of a Unicode character (a lone surrogate): write the complete character."
)
"""The fault of an answer that JSON can contain but no file can, such as "\\ud83d"."""

EMPTY = "It contains no text: write the answer."
"""The fault of an answer that is empty or unreadable."""


class TruncatedError(FormatError):
    """An answer reached its token limit."""


Checked = TypeVar("Checked")


@dataclass(frozen=True)
class ModelReply:
    """A model's reply, and whether it was truncated."""

    text: str
    truncated: bool = False


Chat = Callable[[Sequence[ChatMessage]], Awaitable[ModelReply]]


@dataclass(frozen=True)
class Annotation(Generic[Checked]):
    """A model's raw answer, the result of its check, and the attempts it took."""

    answer: str
    checked: Checked
    attempts: int = 1


async def ask_until_sound(
    chat: Chat, request: str, check: Callable[[str], Awaitable[Checked]], max_attempts: int
) -> Annotation[Checked]:
    """Ask; if `check` raises FormatError, ask again and name the fault.

    The same answers lead to the same messages, so a dialogue can be replayed from stored answers.
    Raises FormatError, with the last fault, after `max_attempts` answers.
    """
    messages: list[ChatMessage] = [{"role": "user", "content": request}]

    async def ask() -> Annotation[Checked]:
        answer = await chat(messages)
        sendable = answer.text.encode(errors="replace").decode()
        try:
            if answer.truncated:
                raise TruncatedError(TRUNCATED)
            if not answer.text.strip():
                raise FormatError(EMPTY)
            if sendable != answer.text:
                raise FormatError(NOT_UNICODE)
            return Annotation(answer.text, await check(answer.text), 1 + len(messages) // 2)
        except FormatError as fault:
            retry = load_prompt(RETRY_PROMPT).replace("{fault}", str(fault))
            messages.append({"role": "assistant", "content": sendable})
            messages.append({"role": "user", "content": retry})
            raise

    try:
        return await replace(INVALID, tries=max_attempts).call(ask)
    except FormatError as fault:
        kind = TruncatedError if isinstance(fault, TruncatedError) else FormatError
        raise kind(
            f"No usable answer in {max_attempts} attempts (raise --max_attempts for more "
            f"attempts); the last fault: {fault}"
        ) from fault


@dataclass
class Tally:
    """The outcome of a stage's items, for the summary at the end."""

    done: int = 0
    failed: dict[int, str] = field(default_factory=dict)
    repairs: Counter[str] = field(default_factory=Counter)

    def add(self, repairs: Mapping[str, int]) -> None:
        self.done += 1
        self.repairs.update(repairs)

    def summary(self, what: str, earlier: int, *, dry_run: bool = False) -> str:
        """A few plain lines: counts, repairs, and what failed and why."""
        written = "could be written at once" if dry_run else "written"
        failures = f"{len(self.failed)} failed"
        lines = [f"{what}: {self.done} {written}, {earlier} already done, {failures}."]
        if self.repairs:
            repaired = ", ".join(f"{kind} {count}" for kind, count in sorted(self.repairs.items()))
            lines.append(f"Repaired: {repaired}.")
        failed = sorted(self.failed.items())
        lines += [f"Row {index} failed: {reason}" for index, reason in failed[:SHOWN]]
        if len(failed) > SHOWN:
            where = "" if dry_run else ": see fault_i.txt next to the answers"
            lines.append(f"And {len(failed) - SHOWN} more failed{where}.")
        if dry_run:
            lines.append("Dry run: nothing was sent or written.")
        return "\n".join(lines)

    def require_some(self, earlier: int) -> None:
        """Raise SprintError if every row failed."""
        if self.failed and not self.done and not earlier:
            index, reason = next(iter(self.failed.items()))
            raise SprintError(f"All {len(self.failed)} rows failed. Row {index}: {reason}")
