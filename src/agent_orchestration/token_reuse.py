"""Sends token ids that extend those of a problem's earlier calls, so the prefix cache hits.

An executor's context extends its planner's own tokens, and the next plan's context extends those of
the plan and the executions (see utils/api/token_trace.py). If the server returns no ids, or
tokenizes text differently from the local tokenizer, contexts are sent as text.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ..utils.api.completion import Completion
from ..utils.api.protocols import Server
from ..utils.api.sampling import Sampling
from ..utils.api.token_trace import Known, Tokenize, TokenTrace, ids_of
from ..utils.errors import RefusedError, TooLongError
from ..utils.grammar.layout import opening
from ..utils.grammar.tags import TagKind
from ..utils.methods.ledger import Ledger

log = logging.getLogger(__name__)

PLACES = 8
"""Places of a reply at which its ids are compared with the tokenizer's."""


class TokenReuse:
    """The tokenizer of a run, shared by all problems, as long as the server's agrees with it."""

    def __init__(
        self, tokenize: Tokenize | None, *, same_model: bool, record: bool = False
    ) -> None:
        """`same_model`: planner and executors share a vocabulary.

        `record`: all calls get a trace with log-probabilities, for the records.
        """
        self.tokenize = tokenize
        self.same_model = same_model
        self.record = record
        self._agreed = False
        self._accepted = False
        """Whether the server has answered a request with ids."""

    async def ask(
        self,
        ledger: Ledger,
        server: Server,
        context: str,
        sampling: Sampling,
        *,
        prompt_ids: list[int] | None,
        **more: Any,
    ) -> Completion:
        """`ledger.ask`, repeated as text if the server turns out to refuse ids."""
        if self.tokenize is None:
            prompt_ids = None
        try:
            completion = await ledger.ask(server, context, sampling, prompt_ids=prompt_ids, **more)
        except RefusedError as error:
            if prompt_ids is None or self._accepted or isinstance(error, TooLongError):
                raise
            completion = await ledger.ask(server, context, sampling, **more)
            # Only once the text is accepted: the request may be refused for another reason.
            log.warning("The server accepts no token ids: contexts are sent as text. %s", error)
            self.tokenize = None
            return completion
        self._accepted = self._accepted or prompt_ids is not None
        return completion

    def trace(self, context: str, *, is_reused: bool = True) -> TokenTrace | None:
        """The trace for a call to fill; None if it would be of no use."""
        if self.record or (is_reused and self.tokenize is not None):
            return TokenTrace(context, with_logprobs=self.record)
        return None

    def ids(self, context: str, known: Sequence[Known]) -> list[int] | None:
        """The ids to send for `context`; None to send text."""
        if self.tokenize is None or not known or not known[0].trace.marks:
            return None
        first = known[0].trace
        if not self._agreed and not self._agrees(first):
            return None
        return ids_of(context, known, self.tokenize)

    def extended(self, ids: list[int] | None, text: str) -> list[int] | None:
        """`ids` and those of the text that follows."""
        if ids is None or self.tokenize is None:
            return None
        return ids + self.tokenize(text)

    def _agrees(self, trace: TokenTrace) -> bool:
        """Whether the server tokenizes a prompt like the tokenizer, except for a leading token, and
        its reply.
        """
        assert self.tokenize is not None
        characters, tokens = trace.marks[0]
        ours = self.tokenize(trace.text[:characters])
        theirs = trace.ids[:tokens]
        if (
            theirs[-len(ours) :] == ours
            and len(theirs) <= len(ours) + 1
            and _joins(self.tokenize, trace.text[:characters])
            and _writes_alike(self.tokenize, trace.generated())
        ):
            self._agreed = True
            return True
        log.warning(
            "The server's tokenizer differs from the tokenizer of this run: contexts are sent as "
            "text, with fewer prefix cache hits. Set the server's own with --tokenizer."
        )
        self.tokenize = None
        return False


def _joins(tokenize: Tokenize, text: str) -> bool:
    """Whether pieces tokenized separately give the ids of the complete text: some tokenizers put
    a space before each piece.
    """
    line = text.strip().rpartition("\n")[2]
    return tokenize(f"\n{line}") == tokenize("\n") + tokenize(line)


def _writes_alike(tokenize: Tokenize, reply: TokenTrace) -> bool:
    """Whether the ids of the first line of a reply, at least, are those of its text.

    Only there do tokens of tags show, which the prompt has none of. A few places are tried: a piece
    of a stream may end within a word.
    """
    line = reply.text.find("\n")
    places = [mark for mark in reply.marks if mark[0] > line][:PLACES]
    return not places or any(
        tokenize(reply.text[:characters]) == reply.ids[:tokens] for characters, tokens in places
    )


@dataclass
class Written:
    """The calls that wrote the last phase, for the context of the next."""

    plan: TokenTrace | None = None
    executions: list[TokenTrace | None] = field(default_factory=list)

    def known(self, context: str, phase: int) -> list[Known]:
        """Positions of the texts of these calls, of `phase`, in the next planner's context."""
        if self.plan is None:
            return []
        known, position = [Known(0, self.plan)], self.plan.marks[0][0] if self.plan.marks else 0
        for number, trace in enumerate(self.executions, 1):
            tag = opening(TagKind.EXECUTION, phase, number)
            found = context.find(tag, position)
            if found < 0:
                break
            position = found + len(tag)
            if trace is not None:
                known.append(Known(position, trace.generated()))
        return known
