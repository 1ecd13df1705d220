"""Grades answers, one or many at a time."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from .countdown import check_expression, read_countdown_gold
from .equality import UpTo, decide
from .escapes import restore_escapes
from .extraction import extract_final_answer, has_box, plain_rows
from .pool import Question, pool_size, shared_pool
from .statuses import Status, Verdict
from .trees import Tree

DEFAULT_TIMEOUT_S = 5.0
MAX_ANSWER_CHARACTERS = 2_000
# Parsing is quadratic in the depth of brackets: a worker parses long text, with a time limit.
_MAX_READ_HERE = 300


@dataclass(frozen=True)
class Grade:
    """The verdict on one answer.

    `answer` is the compared text (the content of the last box, or the complete text); `detail` says
    why an answer could not be graded, and is empty otherwise. `seconds` is the CPU time of a
    worker, 0 without one.
    """

    status: Status
    answer: str | None = None
    detail: str = ""
    seconds: float = field(default=0.0, compare=False)

    @property
    def correct(self) -> bool:
        return self.status == "correct"

    @property
    def gradable(self) -> bool:
        """Whether there was an answer to compare."""
        return self.status in ("correct", "incorrect")


def grade(gold: str, answer: str | None, *, timeout_s: float = DEFAULT_TIMEOUT_S) -> Grade:
    """The grade of an answer against the reference `gold`.

    Either may contain a `\\boxed{…}`, of which the last counts, or be the bare answer. If the
    reference is a task written by `countdown_gold`, the answer is checked as an expression. Never
    raises because of an answer, and takes at most `timeout_s` seconds of CPU time, once a worker
    has started: a busy machine causes no timeouts.
    """
    return grade_many([(gold, answer)], timeout_s=timeout_s)[0]


def grade_many(
    pairs: Iterable[tuple[str, str | None]], *, timeout_s: float = DEFAULT_TIMEOUT_S
) -> list[Grade]:
    """The grades of (gold, answer) pairs, in order. The time limit applies to each answer.

    Plain answers are decided at once; formulas go to worker processes, one per core.
    """
    if timeout_s <= 0:
        raise ValueError(f"timeout_s must be above 0 seconds, got {timeout_s}")
    found = [_prepare(gold, answer) for gold, answer in pairs]
    questions = [item._replace(timeout_s=timeout_s) for item in found if isinstance(item, Question)]
    with ThreadPoolExecutor(pool_size()) as threads:
        verdicts = threads.map(shared_pool().ask, questions)
        return [
            item if isinstance(item, Grade) else _grade(next(verdicts), item.answer)
            for item in found
        ]


def _prepare(gold: str, answer: str | None) -> Grade | Question:
    """A grade if no worker is needed, else the question for one."""
    given = _final(answer or "")
    if not given:
        return Grade("no_answer")
    reference = _final(gold)
    if not reference:
        return Grade("gold_unparseable", given, "the reference answer is empty")
    if len(reference) > MAX_ANSWER_CHARACTERS:
        return Grade("gold_unparseable", given, _too_long(reference))
    if len(given) > MAX_ANSWER_CHARACTERS:
        return Grade("unparseable", given, _too_long(given))
    if task := read_countdown_gold(reference):
        return _grade(check_expression(task, given), given)
    question = Question(reference, given, DEFAULT_TIMEOUT_S)
    if len(given) + len(reference) > _MAX_READ_HERE:
        return question
    try:
        return _grade(decide(reference, given, _put_off), given)
    except _PutOff:
        return question
    except Exception:  # noqa: BLE001  a fault of the reader ends no evaluation: the worker names it
        return question


def _final(text: str) -> str:
    if has_box(text):
        return extract_final_answer(text) or ""
    return plain_rows(restore_escapes(text).strip())


def _too_long(text: str) -> str:
    return f"{len(text)} characters, more than {MAX_ANSWER_CHARACTERS}"


def _grade(verdict: Verdict, answer: str) -> Grade:
    return Grade(verdict.status, answer, verdict.detail, verdict.seconds)


class _PutOff(Exception):  # noqa: N818  it is no error
    """Two formulas must be compared."""


def _put_off(one: Tree, other: Tree, up_to: UpTo = "nothing", /) -> bool:
    raise _PutOff
