"""The data model that the stages share. Everything is immutable and independent of files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

Role = Literal["planner", "executor", "solver"]
"""Who makes a call; `solver` is a method that answers in one call."""

ParentDict = Mapping[int, list[int]]
"""A DAG: component number -> the numbers of the components it depends on, all smaller."""


@dataclass(frozen=True)
class Problem:
    """A question with its reference answer.

    `id` is safe as a part of a file name (`test/algebra/1004.json` -> `test_algebra_1004`);
    `index` is the row of the dataset it came from, counted from 0.
    """

    id: str
    index: int
    question: str
    answer: str
    solution: str = ""
    level: str = ""
    subject: str = ""


@dataclass(frozen=True)
class Thought:
    """One raw reasoning trajectory of a reasoning model, and its problem."""

    problem: Problem
    text: str


@dataclass(frozen=True)
class Component:
    """A step of a thought. Line numbers count from 1; the four parts do not overlap."""

    number: int
    description: str
    plan: tuple[int, ...]
    prompt: str
    execution: tuple[int, ...]
    comment: tuple[int, ...]

    @property
    def lines(self) -> tuple[int, ...]:
        """All lines of the component, in ascending order."""
        return tuple(sorted({*self.plan, *self.execution, *self.comment}))


@dataclass(frozen=True)
class PlanSegment:
    """A piece of a plan: text, and the prompt that follows it (None at the end of a plan).

    Both are kept unchanged, except for white space next to the tags.
    """

    text: str
    prompt: str | None = None


@dataclass(frozen=True)
class Phase:
    """One round: a plan, and one execution for each of its prompts, in prompt order."""

    plan: tuple[PlanSegment, ...]
    executions: tuple[str, ...] = ()

    @property
    def prompts(self) -> tuple[str, ...]:
        return tuple(segment.prompt for segment in self.plan if segment.prompt is not None)


@dataclass(frozen=True)
class Trajectory:
    """All phases and the final answer (None if the text ends before one)."""

    question: str
    phases: tuple[Phase, ...]
    final_answer: str | None


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a model server, as recorded in the ledger `calls.jsonl`.

    `phase` and `prompt` are the i and k of the execution (0 if there is none: a serial answer,
    the planner). Times are seconds since the problem began; `ready` is when the request could have
    been made: for an executor, when its prompt had arrived (None if unknown). `kept` is false for
    an attempt whose text was discarded; `error` says why. `server` is the URL that answered;
    `max_tokens` is the call's token limit, fitted to the server's context (0 if unknown).
    """

    problem_id: str
    role: Role
    phase: int
    prompt: int
    attempt: int
    kept: bool
    started: float
    first_token: float
    finished: float
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    finish_reason: str
    error: str = ""
    ready: float | None = None
    server: str = ""
    max_tokens: int = 0


@dataclass(frozen=True, slots=True)
class CallTokens:
    """The token ids of a call as the server had them: of its prompt, and those it generated.

    `logprobs`: their log-probabilities, without temperature. Lists are empty if the server gave
    none, and incomplete for a call that was cancelled.
    """

    prompt_ids: tuple[int, ...] = ()
    ids: tuple[int, ...] = ()
    logprobs: tuple[float, ...] = ()


class CallPlace(NamedTuple):
    """Where in a problem a call belongs: `phase` and `prompt` as in Call."""

    role: Role
    phase: int = 0
    prompt: int = 0


@dataclass(frozen=True)
class Result:
    """A method's result for one problem.

    `text` is the trajectory file; `response` is the text in the CSV next to the question; `answer`
    is "" if there is none; `faults` says what went wrong, if anything. `final` is False if the same
    command should retry. `tokens`: those of each call, in the order of `calls`; empty unless they
    are recorded.
    """

    problem: Problem
    text: str
    response: str
    answer: str
    elapsed: float
    calls: tuple[Call, ...]
    faults: tuple[str, ...] = ()
    final: bool = True
    tokens: tuple[CallTokens, ...] = ()


LARGEST = 2**53
"""Above any token count and any time."""


def call_from(fields: Any) -> Call:
    """The call described by a line of a ledger or a part of a record.

    Raises ValueError if it is not a call: these files may be damaged.
    """
    try:
        call = Call(**fields)
    except TypeError as error:
        raise ValueError(f"expected the fields of a call: {error}") from error
    counts = (call.phase, call.prompt, call.attempt, call.max_tokens)
    tokens = (call.prompt_tokens, call.cached_tokens, call.completion_tokens)
    if not all(type(count) is int and 0 <= count < LARGEST for count in (*counts, *tokens)):
        raise ValueError("expected numbers of calls and tokens")
    ready = 0 if call.ready is None else call.ready
    times = (call.started, call.first_token, call.finished, ready)
    if not all(type(time) in (int, float) and abs(time) < LARGEST for time in times):
        raise ValueError("expected times in seconds")
    texts = (call.problem_id, call.role, call.finish_reason, call.error, call.server)
    if not all(type(text) is str for text in texts) or type(call.kept) is not bool:
        raise ValueError("expected words, and whether the call was kept")
    return call
