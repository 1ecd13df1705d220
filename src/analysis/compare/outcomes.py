"""The compared data: the results of methods, problem by problem."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from ...utils.grading import Status
from ...utils.results.calls import LedgerSummary


@dataclass(frozen=True)
class ProblemResult:
    """One problem of one method; None if the folder does not contain the value.

    `sequential` and `total` in tokens, `seconds` of wall clock, `priced` seconds of the priced
    path; `widths` are the prompts of each phase. `judged`: the verdict is a model's. `question`:
    its text without white space; for a long one its beginning and a hash.
    """

    problem_id: str
    level: str = ""
    status: Status | None = None
    sequential: int | None = None
    total: int | None = None
    seconds: float | None = None
    subject: str = ""
    widths: tuple[int, ...] = ()
    judged: bool = False
    question: str = ""
    priced: float | None = None

    @property
    def correct(self) -> float | None:
        """1 or 0: an answer that was not graded correct is wrong."""
        return None if self.status is None else float(self.status == "correct")


@dataclass(frozen=True)
class MethodResults:
    """All problems of one method on one dataset, from one result folder.

    `serial`: each response is one chain without phases. `repeated`: rows that a later row of the
    same problem replaced. `expected`: the number of problems in the run, if known.
    """

    method: str
    problems: tuple[ProblemResult, ...]
    ledger: LedgerSummary = field(default_factory=LedgerSummary)
    dataset: str = ""
    serial: bool = False
    repeated: int = 0
    expected: int | None = None


Pair = tuple[ProblemResult, ProblemResult]
"""The same problem of the reference method and of the compared method."""


def common_problems(first: MethodResults, other: MethodResults) -> list[Pair]:
    """The problems that both methods have, in the order of the first."""
    found = {problem.problem_id: problem for problem in other.problems}
    return [
        (problem, found[problem.problem_id])
        for problem in first.problems
        if problem.problem_id in found
    ]


def groups_of(methods: Sequence[MethodResults], by: Literal["level", "subject"]) -> dict[str, str]:
    """The level or subject of each problem, from the first method with one; "" without one.

    `Level 1` and `1` are the same level.
    """
    groups: dict[str, str] = {}
    for method in methods:
        for problem in method.problems:
            words = (problem.level if by == "level" else problem.subject).split()
            if by == "level" and len(words) > 1 and words[0].lower() == "level":
                words = words[1:]
            groups[problem.problem_id] = groups.get(problem.problem_id) or " ".join(words)
    return groups


def by_dataset(methods: Sequence[MethodResults]) -> dict[str, list[MethodResults]]:
    """The methods of each dataset, both in the order given."""
    groups: dict[str, list[MethodResults]] = {}
    for method in methods:
        groups.setdefault(method.dataset, []).append(method)
    return groups
