"""Optional request fields that not every server accepts.

vLLM's own fields speed up inference; reasoning models of the OpenAI API refuse sampling
parameters.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from ..errors import MalformedError
from ..files.unicode import valid_unicode

log = logging.getLogger(__name__)

Fields = Mapping[str, Any]

INCLUDE_STOP = "include_stop_str_in_output"
"""Without it vLLM holds back as many characters as a stop string is long, which delays a prompt's
closing tag and so the executor's start."""
TOKEN_IDS = "return_token_ids"
LOGPROBS = "logprobs"
PRIORITY = "priority"
"""Lower values go first; needs vLLM's `--scheduling-policy priority`."""
SEED = "seed"

SAMPLED_ITS_WAY = "the model uses its own sampling parameters"
WITHOUT = {
    "temperature": SAMPLED_ITS_WAY,
    "top_p": SAMPLED_ITS_WAY,
    INCLUDE_STOP: "executors may start later",
    TOKEN_IDS: "contexts are sent as text, with fewer prefix cache hits",
    LOGPROBS: "tokens are recorded without log-probabilities",
    PRIORITY: "planners wait in the same queue as executors",
    SEED: "the same request may get another reply",
}


class OptionalFields:
    """Which of the fields one server accepts. Wordings of refusals vary, so this is tested."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.taken: set[str] = set()
        self.refused: set[str] = set()

    def allowed(self, wanted: Fields) -> dict[str, Any]:
        """The fields of `wanted` to send."""
        return {name: value for name, value in wanted.items() if name not in self.refused}

    def fewer(self, sent: Fields, message: str) -> dict[str, Any] | None:
        """What to try after a request with `sent` was refused; None if the fields are not why.

        Leaves out the fields that the refusal names; if it names none, all that never succeeded.
        """
        suspects = {name for name in sent if name not in self.taken}
        if not suspects:
            return None
        named = {name for name in suspects if name in message}
        return {name: value for name, value in sent.items() if name not in (named or suspects)}

    def unnamed(self, sent: Fields, message: str) -> dict[str, Any] | None:
        """`sent` without the fields that the refusal names; None if it names none of them."""
        left = {name: value for name, value in sent.items() if name not in message}
        return left if len(left) < len(sent) else None

    def settle(self, wanted: Fields, sent: Fields) -> None:
        """A request with `sent` succeeded, after those with more of `wanted` were refused."""
        self.taken |= sent.keys()
        for name in wanted.keys() - sent.keys() - self.taken:
            self.refuse(name)

    def refuse(self, name: str) -> None:
        """Leave the field out from now on, with one warning."""
        if name not in self.refused:
            self.refused.add(name)
            log.warning("The server at %s refuses %s: %s.", self.url, name, WITHOUT[name])


MOST_NAMED = 20
"""Models that a message names if the right one is missing."""


def listed(page: Any) -> list[Any]:
    """The entries of a page of a list. Raises MalformedError for JSON that is no list at all.

    The openai client reads `{}` as an empty list.
    """
    if not isinstance(getattr(page, "data", None), list):
        raise MalformedError("The server's reply is not a list.")
    return list(page.data)


def names(served: Iterable[str]) -> str:
    return ", ".join(valid_unicode(name[:100]) for name in [*served][:MOST_NAMED])
