"""The only module that talks to a model server (batch_server.py adds its Batch API).

Nothing is sent twice here: the caller retries (see retry.py). The caller also decides whether an
answer is usable.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import replace
from functools import partial
from typing import Any, cast

import httpx2
import openai
from openai.types.chat import ChatCompletion

from ..config.dot_env import read_key
from ..defaults import SILENCE
from ..errors import (
    CallError,
    CutError,
    MalformedError,
    NoServerError,
    RefusedError,
    ServerError,
    SilentError,
    TooLongError,
    TransientError,
    UnreachableError,
)
from .bounded_client import longest_answer
from .completion import Collected, Completion, read_chat
from .connection import make_client
from .context_limits import ContextLimit, Room, context_of
from .event_stream import LONGEST_EVENT, Endings, json_events
from .finish_reasons import FinishReason
from .optional_fields import (
    INCLUDE_STOP,
    LOGPROBS,
    PRIORITY,
    SEED,
    TOKEN_IDS,
    OptionalFields,
    listed,
    names,
)
from .retry import CHECK
from .sampling import Sampling, chat_body
from .server_errors import ServerErrors
from .token_trace import TokenTrace
from .urls import usual_key_variable

log = logging.getLogger(__name__)

CHECK_TIMEOUT = 10.0
"""Seconds for a server to list its models."""
TIMER_STEP = 0.05
"""The fraction of the timeout by which its timer may be late: it is not reset at each token."""
LAST_WORDS = 5.0
"""Seconds for an answer that has ended to send its last event, which counts its tokens."""
LONG_PROMPT = 20_000
"""Characters of a prompt that is tokenized in a thread, so that no other call waits for it."""
BYTES_OF_ANSWER, BYTES_PER_TOKEN = 1 << 20, 256
"""Maximum bytes of an answer without streaming, besides its tokens and for each of them."""
BYTES_OF_STREAM, BYTES_PER_EVENT = 1 << 22, 4096
"""The same for a stream, which sends an event for each token."""
BYTES_PER_ID = 32
"""Maximum bytes of an event, per token of a reply and per character of a prompt in it."""

NO_LIST = (404, 405)
"""Statuses of a server that does not list its models."""


CHAT_FIELDS = ("temperature", "top_p")
"""Chat parameters to leave out if the server refuses them."""


class ModelServer:
    """One model on one OpenAI-compatible server. Use as an async context manager."""

    def __init__(
        self,
        url: str,
        model: str,
        *,
        timeout: float = SILENCE,
        key_variable: str | None = None,
        context: ContextLimit | None = None,
        clients: int = 1,
    ) -> None:
        """`key_variable` names the environment variable with the key, if not the usual one.

        `context` is shared by all servers of the model, open files by `clients` servers.
        """
        self.url, self.model, self.timeout = url.rstrip("/"), model, timeout
        self.key_variable = key_variable or usual_key_variable(self.url)
        self.errors = ServerErrors(self.url, model, self.key_variable)
        key = read_key(self.key_variable)
        self.client = make_client(self.url, key, timeout, clients)
        self.context = context or ContextLimit()
        self._optional = OptionalFields(self.url)
        self._endings = Endings()
        self._warned = False
        self.is_chat = False
        self.keeps_thought = False
        """A thought that the server separates is part of the text."""

    async def __aenter__(self) -> ModelServer:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._endings.close()
        await self.client.close()

    @contextmanager
    def for_problem(self, _: str) -> Iterator[ModelServer]:
        """The server for one problem: this one (replicas.py has a choice)."""
        yield self

    async def check(self) -> None:
        """Raise ServerError, with one clear sentence, unless the server serves the model.

        Records the context that it reports. Without a list of models the first request decides, and
        there is one warning.
        """
        try:
            served = await CHECK.call(self._served)
        except MalformedError as error:
            raise NoServerError(
                f"The URL {self.url} is not an OpenAI-compatible server: correct the URL, which "
                f"usually ends in /v1. {error}"
            ) from error
        if served is None:
            return
        if self.model not in served:
            raise ServerError(
                f"The server at {self.url} does not serve {self.model!r} but "
                f"{names(served) or 'nothing'}: name that model, or start the server with it."
            )
        card = served[self.model]
        parent = getattr(card, "parent", None)
        base = served.get(parent) if isinstance(parent, str) else None  # of an adapter
        self.context.learn(context_of(card) or context_of(base), self.url)

    async def _served(self) -> dict[str, Any] | None:
        """The entries of the list of models by name; None if the server has no list."""
        try:
            async with self.within(CHECK_TIMEOUT):
                with self.errors.boundary():
                    cards = listed(await self.client.models.list())
                    return {card.id: card for card in cards if isinstance(card.id, str)}
        except (CallError, ServerError) as error:
            cause = error.__cause__
            if not isinstance(cause, openai.APIStatusError) or cause.status_code not in NO_LIST:
                raise
            if not self._warned:
                log.warning(
                    "The server at %s has no list of models (it answers %d): the first request "
                    "shows whether it serves %r.",
                    self.url,
                    cause.status_code,
                    self.model,
                )
            self._warned = True
            return None

    @asynccontextmanager
    async def within(self, seconds: float) -> AsyncIterator[asyncio.Timeout]:
        """SilentError if the block takes longer, unless it sets another time."""
        try:
            async with asyncio.timeout(seconds) as limit:
                yield limit
        except TimeoutError as error:
            if not limit.expired():
                raise
            raise SilentError(
                f"The server at {self.url} sent no text within {seconds:g} s (set a longer limit "
                "with --timeout)."
            ) from error

    async def complete(
        self,
        prompt: str,
        sampling: Sampling,
        on_text: Callable[[str], bool] | None = None,
        *,
        prompt_ids: Sequence[int] | None = None,
        trace: TokenTrace | None = None,
    ) -> Completion:
        """Continue `prompt`; `on_text` is called with each piece of text as it arrives.

        `prompt_ids`, if given, are sent instead. `trace` gets the ids of prompt and completion,
        before `on_text` is called, if the server returns them. No piece contains a complete stop
        string.
        If `on_text` returns True, it has read enough: the request is closed, as at its deadline.

        Raises CallError if this call failed, ServerError if no call can succeed (unreachable,
        unknown model, wrong key).
        """
        started = time.perf_counter()
        collected = Collected(
            self.url, sampling.stop, on_text, trace, keep_thought=self.keeps_thought
        )
        try:
            async with asyncio.timeout(sampling.deadline) as limit:
                await self._stream_into(collected, prompt_ids or prompt, sampling)
        except TimeoutError:
            if not limit.expired():
                raise
            collected.finish_reason = FinishReason.DEADLINE
        except TransientError:  # after the end of an answer it is not a failure
            if collected.finish_reason is None:
                raise
        return collected.completion(started)

    async def _stream_into(
        self, collected: Collected, prompt: str | Sequence[int], sampling: Sampling
    ) -> None:
        """Raises SilentError if no text arrived for the full timeout, even if other data did."""
        longest = BYTES_OF_STREAM + BYTES_PER_EVENT * sampling.max_tokens
        async with self.within(self.timeout) as silence, AsyncExitStack() as closing:
            with longest_answer(longest), self.errors.boundary():
                response, collected.max_tokens = await self._open(prompt, sampling, collected.trace)
            closing.push_async_callback(self._close, response)
            # Not by aiter_raw, which passes each piece through two more readers.
            pieces = aiter(cast(AsyncIterable[bytes], response.stream))
            now = asyncio.get_running_loop().time
            heard, since, ended = 0, now(), False
            longest = LONGEST_EVENT + BYTES_PER_ID * (len(prompt) + collected.max_tokens)
            async for event in self.errors.events(json_events(pieces, longest)):
                collected.take(event)
                if collected.finish_reason == FinishReason.ENOUGH:
                    return
                if ended:
                    continue
                ended = collected.finish_reason is not None
                if ended:
                    silence.reschedule(now() + min(LAST_WORDS, self.timeout))
                elif collected.characters > heard and now() - since > TIMER_STEP * self.timeout:
                    heard, since = collected.characters, now()
                    silence.reschedule(since + (1 + TIMER_STEP) * self.timeout)
            self._endings.read(pieces, closing.pop_all())

    async def _close(self, response: httpx2.Response) -> None:
        """The connection is not used again, so its error is not a failure."""
        with suppress(CallError, ServerError), self.errors.boundary():
            await response.aclose()

    async def _open(
        self, prompt: str | Sequence[int], sampling: Sampling, trace: TokenTrace | None
    ) -> tuple[httpx2.Response, int]:
        """The stream of a completion, and its maximum length, fitted to the context.

        The request has those optional fields that the server accepts.
        """
        wanted = dict[str, Any]()
        if sampling.stop:
            wanted[INCLUDE_STOP] = True
        if trace is not None and INCLUDE_STOP not in self._optional.refused:
            # Else text is held back, and a piece is not the text of the ids it comes with.
            wanted[TOKEN_IDS] = True
            if trace.with_logprobs:
                wanted[LOGPROBS] = 0  # of the generated tokens alone
        if sampling.priority:
            wanted[PRIORITY] = sampling.priority
        if sampling.seed is not None:
            wanted[SEED] = sampling.seed
        fields: dict[str, Any] | None = self._optional.allowed(wanted)
        room = await self._room(sampling.max_tokens, prompt)
        while fields is not None:
            fitted = replace(sampling, max_tokens=room.max_tokens)
            try:
                response = await self._create(prompt, fitted, fields)
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                refusal = self.errors.of(error)
                if isinstance(refusal, TooLongError):
                    room.refused(refusal)
                    continue
                fields = self._optional.fewer(fields, str(error))
                if fields is None:
                    raise
            else:
                room.taken()
                self._optional.settle(wanted, fields)
                return response, room.max_tokens
        raise AssertionError("ends by a return or a refusal")

    async def _room(self, wanted: int, prompt: str | Sequence[int]) -> Room:
        """A long text may be tokenized for it, which takes a second per 200,000 characters."""
        room = partial(self.context.room, wanted, prompt, self.url, chat=self.is_chat)
        return await asyncio.to_thread(room) if len(prompt) > LONG_PROMPT else room()

    async def _create(
        self, prompt: str | Sequence[int], sampling: Sampling, fields: Mapping[str, Any]
    ) -> httpx2.Response:
        body = {
            "model": self.model,
            "prompt": prompt,
            "max_tokens": sampling.max_tokens,
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            **({"stop": sampling.stop} if sampling.stop else {}),
            "stream": True,
            "stream_options": {"include_usage": True},
            **fields,
        }
        return await self.client.open_stream("completions", body)

    async def chat(self, messages: Sequence[Mapping[str, str]], sampling: Sampling) -> Completion:
        """One chat answer, not streamed. Raises like `complete`.

        A connection that cannot be made or breaks is a TransientError here, because the caller
        retries.
        """
        started = time.perf_counter()
        room = self._chat_room(messages, sampling)
        longest = BYTES_OF_ANSWER + BYTES_PER_TOKEN * sampling.max_tokens
        async with self.within(self.timeout):
            while True:
                fitted = replace(sampling, max_tokens=room.max_tokens)
                wanted = chat_body(self.model, messages, fitted)
                try:
                    with longest_answer(longest):
                        answer, received = await self._create_chat(self._optional.allowed(wanted))
                    break
                except TooLongError as refusal:
                    room.refused(refusal)
        room.taken()
        if not isinstance(answer, ChatCompletion):  # the client passes on invalid JSON
            raise MalformedError(
                f"The server at {self.url} sent something other than a chat completion."
            )
        with self.errors.boundary():
            return read_chat(answer, received, started, time.perf_counter())

    async def _create_chat(self, body: Mapping[str, Any]) -> tuple[Any, str]:
        """The answer, also as raw JSON; sent again without the parameters that a refusal names."""
        try:
            with self.single_request():
                raw = await self.client.chat.completions.with_raw_response.create(**body)
                return raw.parse(), raw.content.decode(errors="replace")
        except RefusedError as error:
            fields = {name: body[name] for name in CHAT_FIELDS if name in body}
            fewer = self._optional.unnamed(fields, str(error))
            if fewer is None:
                raise
            rest = {name: value for name, value in body.items() if name not in fields}
            answer = await self._create_chat(rest | fewer)
            self._optional.settle(fields, fewer)
            return answer

    def batched(self, messages: Sequence[Mapping[str, str]], sampling: Sampling) -> dict[str, Any]:
        """The JSON of a chat request in a batch, in the form the server accepts, if known."""
        fitted = replace(sampling, max_tokens=self._chat_room(messages, sampling).max_tokens)
        return self._optional.allowed(chat_body(self.model, messages, fitted))

    def _chat_room(self, messages: Sequence[Mapping[str, str]], sampling: Sampling) -> Room:
        said = "\n".join(message["content"] for message in messages)
        return self.context.room(sampling.max_tokens, said, self.url, chat=True)

    def leave_out(self, refusal: str) -> bool:
        """Whether a refusal names optional parameters, which are left out from now on."""
        named = [name for name in CHAT_FIELDS if name in refusal]
        for name in named:
            self._optional.refuse(name)
        return bool(named)

    @contextmanager
    def single_request(self) -> Iterator[None]:
        """Translates the errors of a request that is not streamed.

        An unreachable server is a failed call, too: the caller retries.
        """
        try:
            with self.errors.boundary():
                yield
        except UnreachableError as error:
            raise CutError(str(error), sent=False) from error
