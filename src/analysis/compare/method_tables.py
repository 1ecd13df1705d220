"""The tables that compare methods, in Markdown. Pure: reads no files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar, get_args

from ...utils.grading import Status
from .bootstrap import Interval, difference_of_means, ratio_of_means
from .config import By
from .outcomes import MethodResults, Pair, ProblemResult, common_problems, groups_of

MISSING = "–"
PRICED = "priced path (s)"
NO_GROUP = "none"
"""The level or subject of problems without one."""
MOST_DIGITS = 18
Item = TypeVar("Item")
_WORDS = {"method", "level", "subject"}
"""Left-aligned columns."""


@dataclass(frozen=True)
class MethodSummary:
    """Means over some problems of a method; None if no problem has the value.

    `accuracy` is a fraction of all problems: an answer that was not graded correct is wrong.
    """

    method: str
    problems: int
    accuracy: float | None
    sequential: float | None
    total: float | None
    seconds: float | None
    priced: float | None = None


def summarise(method: str, problems: Sequence[ProblemResult]) -> MethodSummary:
    return MethodSummary(
        method=method,
        problems=len(problems),
        accuracy=_mean(problem.correct for problem in problems),
        sequential=_mean(problem.sequential for problem in problems),
        total=_mean(problem.total for problem in problems),
        seconds=_mean(problem.seconds for problem in problems),
        priced=_mean(problem.priced for problem in problems),
    )


def means_table(methods: Sequence[MethodResults]) -> str:
    """A row of means for each method, over all its problems."""
    header = [
        "method",
        "problems",
        "accuracy",
        "sequential tokens",
        "total tokens",
        "wall clock (s)",
    ]
    if _are_priced(methods):
        header.append(PRICED)
    rows = [_mean_cells(summarise(method.method, method.problems)) for method in methods]
    return _table(header, rows)


def answers_table(methods: Sequence[MethodResults]) -> str:
    """Answers of each method by status; empty if no folder has answers."""
    graded = [method for method in methods if any(p.status for p in method.problems)]
    if not graded:
        return ""
    statuses = get_args(Status)
    header = ["method", *(status.replace("_", " ") for status in statuses), "judged by a model"]
    rows = [
        [
            method.method,
            *(str(sum(p.status == status for p in method.problems)) for status in statuses),
            str(sum(p.judged for p in method.problems)),
        ]
        for method in graded
    ]
    return _table(header, rows)


def differences_table(methods: Sequence[MethodResults]) -> str:
    """Each method against the first, on common problems, with intervals; empty for one method."""
    if len(methods) < 2:
        return ""
    header = [
        f"method against {methods[0].method}",
        "common problems",
        "accuracy (points)",
        "sequential tokens",
        "total tokens",
        "speed-up",
    ]
    if _are_priced(methods):
        header.append(PRICED)
    rows = []
    for method in methods[1:]:
        pairs = common_problems(methods[0], method)
        accuracy = difference_of_means(_values(pairs, lambda problem: problem.correct))
        rows.append(
            [
                method.method,
                str(len(pairs)),
                _interval(accuracy, lambda value: f"{100 * value:+.1f}"),
                _interval(_sequential(pairs), _change),
                _interval(ratio_of_means(_values(pairs, lambda problem: problem.total)), _change),
                _interval(_speed_up(pairs), _times),
                _interval(_priced(pairs), _change),
            ]
        )
    return _table(header, rows)


def groups_table(methods: Sequence[MethodResults], by: By) -> str:
    """The means and differences by level or subject; empty if no problem has one."""
    if by == "none":
        return ""
    group_of = groups_of(methods, by)
    if not any(group_of.values()):
        return ""
    first = methods[0]
    header = [by, "method", "problems", "accuracy", "sequential tokens", "wall clock (s)"]
    if priced := _are_priced(methods):
        header.append(PRICED)
    if len(methods) > 1:
        header += [f"sequential against {first.method}", "speed-up"]
        header += [f"priced against {first.method}"] if priced else []
    grouped = [
        (
            method.method,
            _grouped(method.problems, lambda problem: group_of[problem.problem_id]),
            # The first method's own row has no differences.
            _grouped(
                common_problems(first, method) if number else [],
                lambda pair: group_of[pair[0].problem_id],
            ),
        )
        for number, method in enumerate(methods)
    ]
    rows = []
    for group in sorted(set(group_of.values()), key=_natural):
        for name, problems, pairs in grouped:
            if group in problems:
                cells = _mean_cells(summarise(name, problems[group]))
                rows.append(
                    [
                        group or NO_GROUP,
                        *cells[:4],
                        *(cells[5:] if priced else cells[5:6]),
                        _interval(_sequential(pairs.get(group, [])), _change),
                        _interval(_speed_up(pairs.get(group, [])), _times),
                        _interval(_priced(pairs.get(group, [])), _change),
                    ]
                )
    return _table(header, rows)


def _grouped(items: Iterable[Item], group: Callable[[Item], str]) -> dict[str, list[Item]]:
    groups: dict[str, list[Item]] = {}
    for item in items:
        groups.setdefault(group(item), []).append(item)
    return groups


def datasets_table(groups: dict[str, list[MethodResults]]) -> str:
    """Accuracy and sequential tokens of each method on each dataset (as the paper's Table 2)."""
    columns = [
        f"{dataset} {what}" for dataset in groups for what in ("accuracy", "sequential tokens")
    ]
    names = dict.fromkeys(method.method for methods in groups.values() for method in methods)
    rows = []
    for name in names:
        row = [name]
        for methods in groups.values():
            found = next((method for method in methods if method.method == name), None)
            cells = _mean_cells(summarise(name, found.problems if found else ()))
            row += [cells[2], cells[3]]
        rows.append(row)
    return _table(["method", *columns], rows)


def _mean_cells(one: MethodSummary) -> list[str]:
    return [
        one.method,
        str(one.problems),
        _show(one.accuracy, lambda value: f"{100 * value:.1f} %"),
        _show(one.sequential, lambda value: f"{value:.0f}"),
        _show(one.total, lambda value: f"{value:.0f}"),
        _show(one.seconds, lambda value: f"{value:.2f}"),
        _show(one.priced, lambda value: f"{value:.2f}"),
    ]


def _sequential(pairs: Sequence[Pair]) -> Interval | None:
    return ratio_of_means(_values(pairs, lambda problem: problem.sequential))


def _speed_up(pairs: Sequence[Pair]) -> Interval | None:
    values = _values(pairs, lambda problem: problem.seconds)
    return ratio_of_means([(other, first) for first, other in values])


def _priced(pairs: Sequence[Pair]) -> Interval | None:
    return ratio_of_means(_values(pairs, lambda problem: problem.priced))


def _are_priced(methods: Sequence[MethodResults]) -> bool:
    return any(problem.priced is not None for one in methods for problem in one.problems)


def _values(
    pairs: Sequence[Pair], value: Callable[[ProblemResult], float | None]
) -> list[tuple[float, float]]:
    """Both values for each problem that has both."""
    found = [(value(first), value(other)) for first, other in pairs]
    return [(one, two) for one, two in found if one is not None and two is not None]


def _change(ratio: float) -> str:
    return f"{100 * (ratio - 1):+.1f} %"


def _times(ratio: float) -> str:
    return f"{ratio:.2f}x"


def _interval(found: Interval | None, form: Callable[[float], str]) -> str:
    """`-50.9 % [-54.1, -47.2]`; a single problem has no interval."""
    if found is None:
        return MISSING
    if found.pairs < 2:
        return form(found.value)
    low, high = (form(bound).removesuffix(" %") for bound in (found.low, found.high))
    return f"{form(found.value)} [{low}, {high}]"


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; rows are cut to the width of the header, words left and numbers right."""
    rule = ["---" if name.split(" ")[0] in _WORDS else "---:" for name in header]
    return "\n".join(
        "| " + " | ".join(_escape(cell) for cell in line[: len(header)]) + " |"
        for line in (header, rule, *rows)
    )


def _escape(cell: str) -> str:
    return cell.replace("|", r"\|").replace("\n", " ")


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _show(value: float | None, form: Callable[[float], str]) -> str:
    return MISSING if value is None else form(value)


def _natural(name: str) -> tuple[bool, int, str]:
    """Sort key: the number in a name; problems without a group come last."""
    number = re.search(r"\d+", name)
    return (not name, int(number[0][:MOST_DIGITS]) if number else 0, name)
