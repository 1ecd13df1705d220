"""The result of a call: a completion, from the pieces of a stream or from a chat answer."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from openai.types.chat import ChatCompletion
from pydantic import BaseModel

from ..errors import CutError, MalformedError, TransientError
from ..files.unicode import valid_unicode
from ..grammar.tags import TagKind, close_tag, open_tag
from ..redaction import StreamRedactor, redacted
from .finish_reasons import FinishReason
from .token_trace import TokenTrace

LONGEST_TOKEN = 256
"""Maximum average characters per token, far above those of any vocabulary: their longest tokens are
runs of some 128 spaces."""
ROOM = 4096
"""Characters, and token ids, that a reply may have besides those of its tokens."""
LARGEST_ID = 1 << 31


@dataclass(frozen=True)
class Completion:
    """The result of one call.

    `text` ends with the stop string if the server names it (`stop_named`; vLLM does, even if none
    matched; OpenAI does not). Times are those of `time.perf_counter`, in seconds; token counts are
    the server's, 0 if it gives none. `finish_reason` is a FinishReason, but in an UnfinishedError
    the server's word.
    """

    text: str
    finish_reason: str
    stop_named: bool
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    started: float
    first_token: float
    finished: float
    server: str = ""
    """The URL of the server that wrote it."""
    max_tokens: int = 0
    """For a stream: the `max_tokens` of the request, fitted to the context."""
    received: str = ""
    """The raw JSON of a chat answer, including fields that are not used here."""

    @property
    def cut_off(self) -> bool:
        """The text ended because `max_tokens` or the context was used up."""
        return self.finish_reason == FinishReason.LENGTH


class UnfinishedError(TransientError):
    """A server ended a reply with a reason that makes it unusable, such as `abort`.

    `billed` is the completion if the server may bill it; None for a stream.
    """

    kind = "unfinished"

    def __init__(self, url: str, said: str, billed: Completion | None = None) -> None:
        at = f" at {url}" if url else ""
        how = f"with finish_reason {said!r}" if said else "without a finish_reason"
        super().__init__(
            f"The server{at} ended its reply {how}, but 'stop' or 'length' was expected: the "
            "reply is unusable."
        )
        self.billed = billed


def read_chat(
    answer: ChatCompletion, received: str, started: float = 0.0, finished: float = 0.0
) -> Completion:
    """The text of a chat completion: empty if it ended normally but cannot be read.

    Raises UnfinishedError for an abnormal end, TransientError if there is neither a choice nor a
    token count that may be billed. `received` is the raw JSON.
    """
    usage, choices = _field(answer, "usage"), _field(answer, "choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    said, received = _said(_field(choice, "message")), redacted(received)
    text = None if said is None else redacted(valid_unicode(said))
    prompt_tokens = _count(usage, "prompt_tokens")
    completion_tokens = _count(usage, "completion_tokens")
    if text is None and not prompt_tokens and not completion_tokens:
        why = _field(_field(answer, "error"), "message") or _field(answer, "message") or ""
        raise MalformedError(
            f"The server answered without a choice. {valid_unicode(str(why)[:300])}".strip()
        )
    reason = valid_unicode(str(_field(choice, "finish_reason") or ""))[:200]
    finish_reason = FinishReason.of(reason)
    completion = Completion(
        text=text or "",
        finish_reason=finish_reason or reason,
        stop_named=False,
        prompt_tokens=prompt_tokens,
        cached_tokens=_cached(usage),
        completion_tokens=completion_tokens,
        started=started,
        first_token=finished,
        finished=finished,
        received=received,
    )
    if finish_reason is None:
        raise UnfinishedError("", reason, completion)
    return completion


def _said(message: Any) -> str | None:
    """The text of a chat message; None if it is invalid: the client does not validate it."""
    if not isinstance(message, dict | BaseModel):
        return None
    content = _field(message, "content")
    if isinstance(content, list):  # it may contain thoughts besides texts
        texts = [_field(part, "text") for part in content if _field(part, "type") == "text"]
        are_texts = all(isinstance(text, str) for text in texts)
        content = "".join(texts) if texts and are_texts else content
    said = content or _field(message, "refusal") or ""
    return said if isinstance(said, str) else None


class _Piece(NamedTuple):
    """The content of a choice of a chunk."""

    text: str
    thought: str
    """The thought that a server separates from a chat answer."""
    finish_reason: str
    stop_named: bool
    stop: str
    """The stop string that matched, if the server names it."""
    prompt_ids: Sequence[int]
    """For the prompt: in the first piece, if the server gives them."""
    ids: Sequence[int]
    logprobs: Sequence[float]
    """Of `ids`, if the server gives them."""

    @classmethod
    def of(cls, choice: Any) -> _Piece:
        """Raises TypeError, LookupError or AttributeError if it is not a choice."""
        delta = choice.get("delta")  # of a chat
        text = (choice["text"] if delta is None else delta.get("content")) or ""
        thought = (delta or {}).get("reasoning_content") or (delta or {}).get("reasoning")
        reason = choice.get("stop_reason")
        return cls(
            valid_unicode(text),
            valid_unicode(thought) if isinstance(thought, str) else "",
            str(choice.get("finish_reason") or ""),
            "stop_reason" in choice,
            redacted(reason) if isinstance(reason, str) else "",
            _ids(choice.get("prompt_token_ids")),
            _ids(choice.get("token_ids")),
            _logprobs(choice.get("logprobs")),
        )


class StreamEvent(NamedTuple):
    """The content of one event of a stream."""

    usage: Any
    pieces: Sequence[_Piece]

    @classmethod
    def of(cls, event: Any) -> StreamEvent:
        """Raises TypeError, LookupError or AttributeError if it is not of a completion."""
        usage, no_piece = event.get("usage"), _is_ping(event) or event.get("usage")
        choices = (event.get("choices") or ()) if no_piece else event["choices"]
        return cls(usage, [_Piece.of(choice) for choice in choices])


class Collected:
    """The pieces of a stream."""

    def __init__(
        self,
        url: str,
        stops: Sequence[str],
        on_text: Callable[[str], bool] | None,
        trace: TokenTrace | None = None,
        *,
        keep_thought: bool = False,
    ) -> None:
        """`keep_thought`: put a thought that the server separated back, between its tags."""
        self.url, self.stops, self.on_text, self.trace = url, stops, on_text, trace
        self.keep_thought, self._thinking = keep_thought, False
        self._text = io.StringIO()
        self.characters = 0
        """Of text and thought so far."""
        self._ids = self._prompt_ids = 0
        self._redactor = StreamRedactor()
        self.finish_reason: FinishReason | None = None
        self.stop = ""
        """The stop string that matched, if the server names it."""
        self.stop_named = False
        self.usage: Any = None
        self.first_token = 0.0
        self.max_tokens = 0
        """The `max_tokens` of the request."""

    def take(self, event: StreamEvent) -> None:
        """Add the next event.

        Raises MalformedError for more text than the longest reply can have, UnfinishedError for an
        abnormal end.
        """
        if event.usage is not None:
            self.usage = event.usage
        for piece in event.pieces:
            if self.finish_reason is not None:
                return  # events after the end are not part of the answer
            self._require_room(piece)
            text = self._with_thought(piece) if self.keep_thought else piece.text
            if self.trace is not None:
                if piece.prompt_ids:
                    self._prompt_ids = len(piece.prompt_ids)
                    self.trace.begin(piece.prompt_ids)
                # Unchanged: ids count up to where texts differ.
                self.trace.add(text, piece.ids, piece.logprobs)
            text = self._redactor.take(text, last=bool(piece.finish_reason))
            if piece.finish_reason:
                self.finish_reason = FinishReason.of(piece.finish_reason)
                if self.finish_reason is None:
                    raise UnfinishedError(self.url, piece.finish_reason)
                self.stop_named, self.stop = piece.stop_named, piece.stop
                text = self._without_stop(text)
            if piece.text or piece.thought:
                self.first_token = self.first_token or time.perf_counter()
            if text:
                self._text.write(text)
                if self.on_text is not None and self.on_text(text):
                    self.finish_reason = self.finish_reason or FinishReason.ENOUGH

    def _require_room(self, piece: _Piece) -> None:
        self.characters += len(piece.text) + len(piece.thought)
        self._ids += len(piece.ids)
        if (
            self.characters > LONGEST_TOKEN * self.max_tokens + ROOM
            or self._ids > self.max_tokens + ROOM
        ):
            raise MalformedError(
                f"The server at {self.url} sends more text than the requested {self.max_tokens} "
                "tokens can have: expected it to obey max_tokens."
            )

    def _with_thought(self, piece: _Piece) -> str:
        text = piece.thought
        if piece.thought and not self._thinking:
            self._thinking = True
            text = f"{open_tag(TagKind.THINK)}\n{text}"
        if piece.text and self._thinking:
            self._thinking = False
            text += f"\n{close_tag(TagKind.THINK)}\n\n"
        return text + piece.text

    def _without_stop(self, piece: str) -> str:
        """The last piece without the stop string that a server has included.

        The stop string may begin in earlier pieces, which are then shortened.
        """
        text = self._text.getvalue() + piece
        included = self.stop or next(filter(text.endswith, self.stops), "")
        if self.finish_reason != FinishReason.STOP or not included or not text.endswith(included):
            return piece
        self.stop, self.stop_named = included, True
        end, before = len(text) - len(included), len(text) - len(piece)
        self._text = io.StringIO()
        self._text.write(text[: min(end, before)])
        return text[before:end]

    def completion(self, started: float) -> Completion:
        finished = time.perf_counter()
        if self.finish_reason is None:
            raise CutError(f"The stream from {self.url} ended before the answer did: ask again.")
        return Completion(
            text=self._text.getvalue() + self._redactor.take("", last=True) + self.stop,
            finish_reason=self.finish_reason,
            stop_named=self.stop_named,
            prompt_tokens=_count(self.usage, "prompt_tokens") or self._prompt_ids,
            cached_tokens=_cached(self.usage),
            completion_tokens=_count(self.usage, "completion_tokens"),
            started=started,
            first_token=self.first_token or finished,
            finished=finished,
            server=self.url,
            max_tokens=self.max_tokens,
        )


def too_late(url: str, started: float) -> Completion:
    """The completion of a call whose deadline came before any server accepted it."""
    collected = Collected(url, (), None)
    collected.finish_reason = FinishReason.DEADLINE
    return collected.completion(started)


def _is_ping(event: Any) -> bool:
    """Whether an event only shows that the server is alive."""
    return not event or event.get("type") == "ping"


def _cached(usage: Any) -> int:
    return _count(_field(usage, "prompt_tokens_details"), "cached_tokens")


def _ids(value: Any) -> Sequence[int]:
    """Token ids; empty if the server sends none or invalid ones."""
    if not isinstance(value, list):
        return ()
    return value if all(type(one) is int and 0 <= one < LARGEST_ID for one in value) else ()


def _logprobs(value: Any) -> Sequence[float]:
    """Log-probabilities of a piece; empty if the server sends none or invalid ones."""
    numbers = value.get("token_logprobs") if isinstance(value, dict) else None
    if not isinstance(numbers, list):
        return ()
    return numbers if all(type(one) in (int, float) and one <= 0 for one in numbers) else ()


def _count(usage: Any, name: str) -> int:
    """A token count; 0 if the server sends none or an invalid one."""
    count = _field(usage, name)
    return count if type(count) is int and 0 < count < LARGEST_ID else 0


def _field(answer: Any, name: str) -> Any:
    """A field of an event, or of an object of the openai client."""
    return answer.get(name) if isinstance(answer, dict) else getattr(answer, name, None)
