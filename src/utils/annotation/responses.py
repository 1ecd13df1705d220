"""Stores every paid response on disk before it is read, so that no request is sent twice.

Below LOGS_DIR, in <stage>_responses_M: one small JSON file per response, named by its request's
key. Rows do not matter, so another range or dataset with the same thought sends nothing new.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import uuid
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from ..api.completion import Completion
from ..api.finish_reasons import FinishReason
from ..api.sampling import ChatMessage, Sampling, chat_body
from ..errors import SaveError
from ..files.atomic import SET_LOGS_DIR, remove_left_aside, writable_folder, write_json
from ..files.json_file import LARGEST_COUNT, DamagedError, read_object
from ..files.locks import in_turn
from ..files.reserve import Reserve
from ..results.writing import model_folder_name

log = logging.getLogger(__name__)

RESPONSES = "_responses_"
"""Separates stage and model in the name of a store's folder."""
BYTES_A_TOKEN = 8
"""Bytes per token of a stored text, about twice those of English prose."""
UNFINISHED = "unfinished"
"""Marks the files of responses that are not answers."""


@dataclass(frozen=True)
class StoredRequest:
    """One chat request to one server: everything that determines its answer."""

    url: str
    model: str
    messages: Sequence[ChatMessage]
    sampling: Sampling
    attempt: int = 0
    """How often the same request was sent before, each time for another answer."""

    @property
    def body(self) -> dict[str, Any]:
        """The JSON to send."""
        return chat_body(self.model, self.messages, self.sampling)

    @cached_property
    def key(self) -> str:
        """64 hexadecimal digits from server, model, messages, sampling and attempt."""
        named = {"server": self.url} | self.body
        if self.attempt:
            named["attempt"] = self.attempt
        return hashlib.sha256(json.dumps(named, sort_keys=True).encode()).hexdigest()

    @property
    def asks_again(self) -> bool:
        """Whether an earlier answer failed its check."""
        return self.attempt > 0 or any(said["role"] == "assistant" for said in self.messages)

    @property
    def size(self) -> int:
        """Bytes of text to send."""
        return sum(
            len(message["content"].encode("utf-8", errors="surrogatepass"))
            for message in self.messages
        )


@dataclass(frozen=True)
class Response:
    """A server's stored response. `cost` is in US dollars, None if unknown.

    `dataset` is the one whose rows asked first; others may use the answer too. `reservation` is the
    name of the reservation for it (see spending.py). `received` is the raw JSON of the answer (for
    a batch its line): it is written, and not read back.
    """

    text: str
    finish_reason: str
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    cost: float | None
    batch: bool = False
    dataset: str = ""
    reservation: str = ""
    received: str = field(default="", compare=False, repr=False)

    @classmethod
    def of(
        cls,
        completion: Completion,
        cost: float | None,
        batch: bool = False,
        dataset: str = "",
        reservation: str = "",
    ) -> Response:
        return cls(
            completion.text,
            completion.finish_reason,
            completion.prompt_tokens,
            completion.cached_tokens,
            completion.completion_tokens,
            cost,
            batch,
            dataset,
            reservation,
            completion.received,
        )

    @property
    def is_answer(self) -> bool:
        """Whether it ended normally, and not by a content filter, for example."""
        return FinishReason.of(self.finish_reason) is not None

    @property
    def truncated(self) -> bool:
        """The answer ended because it reached `max_tokens` or the context length."""
        return self.finish_reason == FinishReason.LENGTH


def bytes_of_response(max_tokens: int) -> int:
    """Disk space for a stored response: its text twice, once as raw JSON."""
    return 4096 + 2 * BYTES_A_TOKEN * max_tokens


class ResponseStore:
    """The responses in one folder."""

    @classmethod
    def of_stage(cls, logs_dir: Path, stage: str, model: str) -> ResponseStore:
        return cls(logs_dir / f"{stage}{RESPONSES}{model_folder_name(model)}")

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.reserve = Reserve(folder / f".reserve_{os.getpid()}")
        """Entered while requests are in flight."""

    def open(self, advice: str = SET_LOGS_DIR) -> None:
        """Create the folder. InputError, with `advice`, if it is not writable."""
        for folder in writable_folder(self.folder, advice).glob("??"):
            remove_left_aside(folder)

    def require_room(self) -> None:
        """Raise SaveError once the disk was full: further answers could not be stored."""
        if self.reserve.given_up:
            raise SaveError(
                f"The disk of {self.folder} is full: free up space, then run the same command "
                "again. The answers to requests in flight are stored."
            )

    def path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}.json"

    @asynccontextmanager
    async def in_turn(self, key: str) -> AsyncIterator[None]:
        """While the block runs, no other process sends the same request."""
        path = self.path(key).with_suffix(".sending")
        path.parent.mkdir(parents=True, exist_ok=True)
        async with in_turn(path):
            yield

    def get(self, key: str) -> Response | None:
        """The stored answer; None if there is none or, with a warning, if the file is damaged."""
        path = self.path(key)
        response = _read(path) if os.path.lexists(path) else None
        return response if response is not None and response.is_answer else None

    def put(self, key: str, response: Response, request: Mapping[str, Any]) -> None:
        """Store a response; `request` records for readers of the file who was asked, and how.

        A response that is not an answer is kept only for its cost, in a separate file.
        """
        path = self.path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        if not response.is_answer:
            path = path.with_suffix(f".{UNFINISHED}_{uuid.uuid4().hex[:8]}.json")
        stored = {
            "key": key,
            "time": datetime.now(UTC).isoformat(timespec="seconds"),
            "request": dict(request),
            "truncated": response.truncated,
        }
        read = asdict(response)
        received = read.pop("received")
        content = stored | {"response": read, "received": received}
        self.reserve.write(lambda: write_json(path, content))

    def cost_of(self, key: str, reservation: str) -> float | None:
        """The cost of the response to `key` for which `reservation` was made; None without one.

        Such a response may be unfinished, and so not an answer.
        """
        if not key:
            return None
        path = self.path(key)
        for found in (path, *path.parent.glob(f"{key}.{UNFINISHED}_*.json")):
            response = _read(found) if found.is_file() else None
            if response is not None and response.reservation == reservation:
                return response.cost or 0.0
        return None

    def all(self) -> Iterator[Response]:
        """Every stored response, answers and others, one file at a time."""
        for path in self.folder.glob("??/*.json"):
            if (response := _read(path)) is not None:
                yield response


def _read(path: Path) -> Response | None:
    """None for a damaged file, with a warning. InputError for one that cannot be read."""
    try:
        response = Response(**read_object(path)["response"])
        if _is_sound(response):
            return response
        fault = "no text, counts or cost"
    except DamagedError as error:
        fault = error.reason
    except (KeyError, TypeError) as error:
        fault = f"{type(error).__name__} {error}"[:100]
    log.warning("%s is damaged (%s): sending its request again.", path, fault)
    return None


def _is_sound(response: Response) -> bool:
    texts = (response.text, response.finish_reason, response.dataset)
    counts = (response.prompt_tokens, response.cached_tokens, response.completion_tokens)
    cost = response.cost
    return (
        all(isinstance(text, str) for text in texts)
        and all(type(count) is int and 0 <= count <= LARGEST_COUNT for count in counts)
        and (cost is None or (type(cost) in (int, float) and 0 <= cost <= LARGEST_COUNT))
    )
