"""Fields of a request that not every server takes; it works without.

Those of vLLM's make inference quicker; reasoning models of the OpenAI API refuse to be told how to
sample.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

log = logging.getLogger(__name__)

Fields = Mapping[str, Any]

INCLUDE_STOP = "include_stop_str_in_output"
"""Without it vLLM holds back as many characters as a stop string is long, so that a prompt's
closing tag, and with it the executor's start, would come late."""
TOKEN_IDS = "return_token_ids"
PRIORITY = "priority"
"""Lower ones go first; vLLM takes it with `--scheduling-policy priority`."""
SEED = "seed"

SAMPLED_ITS_WAY = "the model samples in its own way"
WITHOUT = {
    "temperature": SAMPLED_ITS_WAY,
    "top_p": SAMPLED_ITS_WAY,
    INCLUDE_STOP: "executors may start later",
    TOKEN_IDS: "contexts are sent as text, and the prefix cache may know less of them",
    PRIORITY: "planners wait in the same queue as executors",
    SEED: "the same request may get another reply",
}


class OptionalFields:
    """Which of the fields one server takes. Servers word a refusal in many ways, so it is tried."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.taken: set[str] = set()
        self.refused: set[str] = set()

    def allowed(self, wanted: Fields) -> dict[str, Any]:
        """What to send of `wanted`."""
        return {name: value for name, value in wanted.items() if name not in self.refused}

    def fewer(self, sent: Fields, message: str) -> dict[str, Any] | None:
        """What to try after a request with `sent` was refused; None where the fields are no reason.

        Those that the refusal names are left out; where it names none, all that were never taken.
        """
        suspects = {name for name in sent if name not in self.taken}
        if not suspects:
            return None
        named = {name for name in suspects if name in message}
        return {name: value for name, value in sent.items() if name not in (named or suspects)}

    def unnamed(self, sent: Fields, message: str) -> dict[str, Any] | None:
        """`sent` without what the refusal names; None where it names nothing of it."""
        left = {name: value for name, value in sent.items() if name not in message}
        return left if len(left) < len(sent) else None

    def settle(self, wanted: Fields, sent: Fields) -> None:
        """A request with `sent` was taken, after those with more of `wanted` had been refused."""
        self.taken |= sent.keys()
        for name in wanted.keys() - sent.keys() - self.taken:
            self.refuse(name)

    def refuse(self, name: str) -> None:
        """Leave the field out from now on, and say so once."""
        if name not in self.refused:
            self.refused.add(name)
            log.warning("The server at %s refuses %s: %s.", self.url, name, WITHOUT[name])
