"""Fits the length of a reply to the server's context.

Servers refuse a request whose prompt and `max_tokens` together exceed their context. So the limit
of each call is fitted to its prompt: `min(limit, context - prompt tokens)`.
"""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import TooLongError
from .token_trace import Tokenize

log = logging.getLogger(__name__)

CONTEXT_FIELDS = ("max_model_len", "loaded_context_length", "context_window", "context_length")
"""Names of the context length in lists of models: from vLLM and SGLang, LM Studio, Groq, OpenRouter
and Together. llama.cpp has `n_ctx` in `meta`. The OpenAI API and Text Generation Inference give
none, so it is read from their first refusal."""

TOO_LONG = ("context_length_exceeded", "exceed_context_size_error")
"""Error codes and types with which OpenAI's API and llama.cpp refuse text beyond the context."""
LENGTHS = ("max_tokens", "max_completion_tokens", "input_tokens", "input_text")
"""Parameters that vLLM names when it refuses a length."""
NOT_KNOWN = ("unsupported_parameter", "unknown_parameter")
"""Error codes for an unknown parameter, of any length."""

_NUMBER = r"(\d[\d,]*)"
_TOO_LONG = re.compile(
    r"context[ _](?:length|size|window)|max_model_len|max_new_tokens|maximum (?:input|prompt) "
    r"length|maximum model length|model limit|prompt is too long|inputs` must have less than"
    r"|max_tokens.{0,40}(?:too large|exceed|greater)|range of max_tokens|max_tokens: \d+ >",
    re.IGNORECASE,
)
"""The wording of a refusal without a specific code."""
_CONTEXT = re.compile(
    rf"(?:context[ _](?:length|size|window)|max_model_len|maximum model length|model limit)"
    rf"\D{{0,20}}{_NUMBER}|must be <= {_NUMBER}|{_NUMBER} maximum(?: context length)?\b",
    re.IGNORECASE,
)
_REPLY = re.compile(
    rf"at most {_NUMBER} completion tokens|max_tokens: \d+ > {_NUMBER}"
    rf"|range of max_tokens [a-z ]{{1,20}}\[\d+, ?{_NUMBER}\]",
    re.IGNORECASE,
)
_PROMPT = re.compile(
    rf"(at least )?{_NUMBER} (?:input tokens|prompt tokens|in the (?:messages|prompt)|in your "
    rf"prompt|tokens from the input|`inputs` tokens|tokens\) (?:is|exceeds))|resulted in {_NUMBER}"
    rf"|prompt (?:\(length |contains |is too long: ){_NUMBER}"
    rf"|inputs` must have .{{0,40}} {_NUMBER}$",
    re.IGNORECASE,
)

FIRST_BYTES_PER_TOKEN = 4.0
"""Bytes per token, at first, for a prompt that cannot be counted: about that of English prose."""
GROWTH = 1.25
"""The factor by which the estimate of a prompt grows after each refusal that does not count it."""
MOST_FITS = 12
"""Requests for one reply, of which all but the last are refused as too long."""
SPECIAL_TOKENS = 2
"""Tokens that a server may put around a text."""
CHAT_TOKENS = 64
"""Tokens that a chat template may put around the messages, roughly."""
LARGEST_CONTEXT = 1 << 30
"""The largest plausible context, in tokens."""


def context_of(card: Any) -> int | None:
    """The context, in tokens, from an entry of a list of models; None if it has none."""
    more = getattr(card, "model_extra", None)
    told: Mapping[str, Any] = more if isinstance(more, dict) else {}
    meta = told.get("meta")
    served = [told.get(name) for name in CONTEXT_FIELDS]
    served.append(meta.get("n_ctx") if isinstance(meta, dict) else None)
    found = [value for value in served if isinstance(value, int) and _is_length(value)]
    return min(found) if found else None


def refused_as_too_long(body: Any, said: str) -> TooLongError | None:
    """The error for a refusal because of a length; None for other refusals.

    `body` is the server's error object, `said` its message. Fields take precedence over the
    message.
    """
    error = body if isinstance(body, dict) else {}
    kinds = (error.get("code"), error.get("type"))
    if any(kind in NOT_KNOWN for kind in kinds):
        return None
    typed = any(kind in TOO_LONG for kind in kinds) or error.get("param") in LENGTHS
    if not typed and not _TOO_LONG.search(said):
        return None
    context, prompt = error.get("n_ctx"), error.get("n_prompt_tokens")
    if not _is_length(context):
        context = _number(_CONTEXT.search(said))
    if not _is_length(prompt):
        found = _PROMPT.search(said)
        prompt = None if found is None or found[1] else _number(found)
    return TooLongError(said, context, prompt, _number(_REPLY.search(said))).quoting(said)


def _number(found: re.Match[str] | None) -> int | None:
    digits = next(
        (one for one in (found.groups() if found else ()) if one and one[0].isdigit()), ""
    )
    value = int(digits.replace(",", "")) if 0 < len(digits) < 14 else None
    return value if _is_length(value) else None


def _is_length(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < LARGEST_CONTEXT


class ContextLimit:
    """The context of one model, on all servers that serve it: the smallest one.

    `flags` are the user's limits, by flag, for the one warning if they do not fit. `tokenize`
    counts prompts, if the model's tokenizer is available.
    """

    def __init__(self, flags: Mapping[str, int] | None = None) -> None:
        self.flags = dict(flags or {})
        self.tokens: int | None = None
        self.tokenize: Tokenize | None = None
        self.bytes_per_token = FIRST_BYTES_PER_TOKEN
        self._said = False

    def learn(self, tokens: int | None, url: str) -> None:
        """Record what the server at `url` reports about its context."""
        if tokens is not None and (self.tokens is None or tokens < self.tokens):
            self.tokens = tokens
            if any(limit >= tokens for limit in self.flags.values()):
                self.say(url)

    def say(self, url: str) -> None:
        """Warn, once, that limits are fitted, and how to set them."""
        if self._said or not self.flags:
            return
        self._said = True
        limits = " and ".join(f"{flag} {limit}" for flag, limit in self.flags.items())
        log.warning(
            "The server at %s has a context of %s tokens, too short for some prompts"
            " with %s: each reply is limited to what its prompt leaves. Lower %s, or start the"
            " server with a longer context (MAX_MODEL_LEN of run/run_server.sh).",
            url,
            self.tokens or "fewer",
            limits,
            " and ".join(self.flags),
        )

    def is_short(self) -> bool:
        """Whether prompts must be counted: some limit leaves little room for them."""
        return self.tokens is not None and any(
            2 * limit > self.tokens for limit in self.flags.values()
        )

    def room(
        self, wanted: int, prompt: str | Sequence[int], url: str, *, chat: bool = False
    ) -> Room:
        """The room for one reply of at most `wanted` tokens."""
        return Room(self, wanted, prompt, url, chat=chat)


class Room:
    """The token limit of one reply; lowered after each refusal for length."""

    def __init__(
        self,
        limit: ContextLimit,
        wanted: int,
        prompt: str | Sequence[int],
        url: str,
        *,
        chat: bool,
    ) -> None:
        self._limit, self._prompt, self._url = limit, prompt, url
        self._extra = CHAT_TOKENS if chat else SPECIAL_TOKENS
        self._counted: int | None = None
        """Tokens of the prompt: counted or estimated."""
        self._refusals = 0
        self.max_tokens = wanted
        if limit.tokens is not None and wanted + self._most() > limit.tokens:
            self._fit(limit.tokens - self._count())

    def refused(self, error: TooLongError) -> None:
        """Lower the limit, because the server refuses `max_tokens`.

        Raises TooLongError, with one sentence, if the prompt leaves no room at all.
        """
        self._refusals += 1
        asked, limit = self.max_tokens, self._limit
        limit.learn(error.context, self._url)
        if error.prompt is not None:
            self._counted = error.prompt
        elif self._counted is not None:
            self._counted = math.ceil(self._counted * GROWTH)
        left = error.reply or (asked // 2 if limit.tokens is None else limit.tokens - self._count())
        no_room = error.prompt is not None and left < 1
        if no_room or asked == 1 or self._refusals >= MOST_FITS:
            whole = TooLongError(self._sentence(error), error.context, error.prompt)
            raise whole.quoting(str(error)) from error
        self._fit(left if left < asked else asked // 2)

    def taken(self) -> None:
        """The server has accepted the request: count the next prompts in the same way."""
        if self._refusals and self._counted and isinstance(self._prompt, str):
            limit = self._limit
            limit.bytes_per_token = min(limit.bytes_per_token, self._bytes() / self._counted)

    def _fit(self, left: int) -> None:
        self.max_tokens = max(1, min(self.max_tokens, left))
        self._limit.say(self._url)

    def _bytes(self) -> int:
        assert isinstance(self._prompt, str)
        return len(self._prompt.encode(errors="replace"))

    def _most(self) -> int:
        """No token is shorter than a byte."""
        size = self._bytes() if isinstance(self._prompt, str) else len(self._prompt)
        return size + self._extra

    def _count(self) -> int:
        """Tokens of the prompt: by its ids, by the tokenizer, or else by its bytes."""
        if self._counted is None:
            if not isinstance(self._prompt, str):
                self._counted = len(self._prompt)
            elif self._limit.tokenize is not None:
                self._counted = len(self._limit.tokenize(self._prompt)) + self._extra
            else:
                self._counted = int(self._bytes() / self._limit.bytes_per_token) + self._extra
        return self._counted

    def _sentence(self, error: TooLongError) -> str:
        tokens = f" of {error.prompt} tokens" if error.prompt else ""
        context = f" of {self._limit.tokens} tokens" if self._limit.tokens else ""
        return (
            f"The prompt{tokens} does not fit the context{context} of the server at {self._url}: "
            "start the server with a longer context (MAX_MODEL_LEN of run/run_server.sh). It says: "
            f"{error}"
        )
