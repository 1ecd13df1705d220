"""From the results of single problems to the tables that compare methods. Pure: reads no files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from .grading import Status
from .result_folder import LedgerSummary

MISSING = "–"


@dataclass(frozen=True)
class ProblemResult:
    """One problem of one method; None is what the folder does not say.

    `sequential` and `total` in tokens, `seconds` of wall clock.
    """

    problem_id: str
    level: str = ""
    status: Status | None = None
    sequential: int | None = None
    total: int | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class MethodResults:
    """All problems of one method, as one result folder holds them."""

    method: str
    problems: tuple[ProblemResult, ...]
    ledger: LedgerSummary = field(default_factory=LedgerSummary)


@dataclass(frozen=True)
class Summary:
    """Means over some problems of a method; None where no problem has the value.

    `accuracy` is a fraction of all problems: what was not graded correct was wrong.
    """

    method: str
    problems: int
    accuracy: float | None
    sequential: float | None
    total: float | None
    seconds: float | None


def summarise(method: str, problems: Sequence[ProblemResult]) -> Summary:
    graded = [problem.status == "correct" for problem in problems if problem.status is not None]
    return Summary(
        method=method,
        problems=len(problems),
        accuracy=_mean(graded),
        sequential=_mean(problem.sequential for problem in problems),
        total=_mean(problem.total for problem in problems),
        seconds=_mean(problem.seconds for problem in problems),
    )


def comparison(methods: Sequence[MethodResults]) -> str:
    """The report in Markdown: all problems, then by level where levels are known, then remarks.

    Differences are to the first method.
    """
    overall = [summarise(method.method, method.problems) for method in methods]
    parts = [_table(_header(methods), [_cells(one, overall[0]) for one in overall])]
    levels = sorted({p.level for m in methods for p in m.problems if p.level}, key=_level_key)
    rows = [[level, *cells] for level in levels for cells in _level_cells(level, methods)]
    if rows:
        parts.append(_table(["level", *_header(methods)], rows))
    parts.extend(_remarks(methods))
    return "\n\n".join(parts) + "\n"


def _level_cells(level: str, methods: Sequence[MethodResults]) -> list[list[str]]:
    summaries = [
        summarise(method.method, [p for p in method.problems if p.level == level])
        for method in methods
    ]
    return [_cells(summary, summaries[0]) for summary in summaries if summary.problems]


def _header(methods: Sequence[MethodResults]) -> list[str]:
    columns = [
        "method",
        "problems",
        "accuracy",
        "sequential tokens",
        "total tokens",
        "wall clock (s)",
    ]
    if len(methods) > 1:
        first = methods[0].method
        columns += [f"sequential vs {first}", f"speed-up vs {first}"]
        return columns
    return columns


def _cells(one: Summary, first: Summary) -> list[str]:
    # Differences have no place in the first method's own row.
    same = one is first
    tokens = None if same else _ratio(one.sequential, first.sequential)
    speed = None if same else _ratio(first.seconds, one.seconds)
    return [
        one.method,
        str(one.problems),
        _show(one.accuracy, lambda value: f"{100 * value:.1f} %"),
        _show(one.sequential, lambda value: f"{value:.0f}"),
        _show(one.total, lambda value: f"{value:.0f}"),
        _show(one.seconds, lambda value: f"{value:.2f}"),
        _show(tokens, lambda value: f"{100 * (value - 1):+.1f} %"),
        _show(speed, lambda value: f"{value:.2f}x"),
    ]


def _remarks(methods: Sequence[MethodResults]) -> list[str]:
    """What a reader of the table has to know: answers that got no verdict, unequal problem sets."""
    remarks = []
    for method in methods:
        ledger = method.ledger
        if ledger.problems:
            remarks.append(
                f"{method.method}: {ledger.generated / ledger.problems:.0f} tokens generated a "
                f"problem, tags included, {ledger.discarded / ledger.problems:.0f} of them in "
                "attempts that were thrown away."
            )
        if ledger.plans:
            remarks.append(
                f"{method.method}: {ledger.plans_at_once} of {ledger.plans} plans "
                f"({100 * ledger.plans_at_once / ledger.plans:.1f} %) parsed at the first attempt."
            )
        counts: dict[str, int] = {}
        for problem in method.problems:
            if problem.status not in (None, "correct", "incorrect"):
                name = str(problem.status).replace("_", " ")
                counts[name] = counts.get(name, 0) + 1
        if counts:
            found = ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
            remarks.append(
                f"{method.method}: {found} of {len(method.problems)}; they count as wrong."
            )
        for name, values in (
            ("verdict", [problem.status for problem in method.problems]),
            ("trajectory", [problem.sequential for problem in method.problems]),
            ("wall clock", [problem.seconds for problem in method.problems]),
        ):
            without = sum(value is None for value in values)
            if 0 < without < len(values):
                remarks.append(
                    f"{method.method}: {without} of {len(values)} problems have no {name} "
                    "and are not in that mean."
                )
    sets = [{problem.problem_id for problem in method.problems} for method in methods]
    if any(ids != sets[0] for ids in sets):
        common = len(set.intersection(*sets))
        remarks.append(
            f"The folders hold different problems, {common} of them in all: "
            "differences between methods are also differences between problems."
        )
    return remarks


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; rows are cut to the width of the header, words left and numbers right."""
    words = {"method", "level"}
    lines = [header, ["---" if name in words else "---:" for name in header], *rows]
    return "\n".join(
        "| " + " | ".join(_escape(cell) for cell in line[: len(header)]) + " |" for line in lines
    )


def _escape(cell: str) -> str:
    return cell.replace("|", r"\|").replace("\n", " ")


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _ratio(top: float | None, bottom: float | None) -> float | None:
    return top / bottom if top is not None and bottom else None


def _show(value: float | None, form: Callable[[float], str]) -> str:
    return MISSING if value is None else form(value)


def _level_key(level: str) -> tuple[int, str]:
    number = re.search(r"\d+", level)
    return (int(number[0]) if number else 0, level)
