"""The complete comparison in Markdown: tables, and notes on how to read them. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from .bootstrap import CONFIDENCE, RESAMPLES
from .config import BY, By
from .method_tables import (
    answers_table,
    datasets_table,
    differences_table,
    groups_table,
    means_table,
)
from .outcomes import MethodResults, by_dataset, common_problems


def comparison(methods: Sequence[MethodResults], by: By = BY) -> str:
    """Means, answers by status, differences to the first method, and both by level or subject.

    Methods on several datasets are compared one dataset at a time, after one table of all.
    """
    groups = by_dataset(methods)
    if len(groups) == 1:
        return _of_dataset(methods, by) + "\n"
    sections = [f"## {dataset}\n\n{_of_dataset(group, by)}" for dataset, group in groups.items()]
    return "\n\n".join([datasets_table(groups), *sections]) + "\n"


def _of_dataset(methods: Sequence[MethodResults], by: By) -> str:
    parts = [
        means_table(methods),
        answers_table(methods),
        differences_table(methods),
        groups_table(methods, by),
        *_remarks(methods),
    ]
    return "\n\n".join(part for part in parts if part)


def _remarks(methods: Sequence[MethodResults]) -> list[str]:
    remarks = []
    if len(methods) > 1:
        remarks.append(
            f"Differences are to {methods[0].method}, on the problems that both have; in brackets "
            f"the {CONFIDENCE:.0%} interval of a paired bootstrap ({RESAMPLES:,} draws)."
        )
    for method in methods:
        remarks += _of_method(method)
    sets = [{problem.problem_id for problem in method.problems} for method in methods]
    if any(ids != sets[0] for ids in sets):
        numbers = ", ".join(
            f"{len(common_problems(methods[0], method))} with {method.method}"
            for method in methods[1:]
        )
        remarks.append(
            "The folders contain different problems: compare the differences, which are on common "
            f"problems ({numbers}), not the means."
        )
    return remarks


def _of_method(method: MethodResults) -> list[str]:
    name, ledger = method.method, method.ledger
    remarks = []
    if method.expected is not None and len(method.problems) < method.expected:
        remarks.append(
            f"{name}: only {len(method.problems)} of the {method.expected} problems of the run "
            "are here; the run is not finished."
        )
    if method.repeated:
        rows = "1 row has" if method.repeated == 1 else f"{method.repeated} rows have"
        left_out = "is" if method.repeated == 1 else "are"
        remarks.append(f"{name}: {rows} the ProblemIdx of a later row and {left_out} left out.")
    if ledger.problems:
        remarks.append(
            f"{name}: {ledger.generated / ledger.problems:.0f} tokens generated per problem, "
            f"including tags; {ledger.discarded / ledger.problems:.0f} of them in discarded "
            "attempts."
        )
    if ledger.plans:
        remarks.append(
            f"{name}: {ledger.plans_at_once} of {ledger.plans} plans "
            f"({100 * ledger.plans_at_once / ledger.plans:.1f} %) parsed on the first attempt."
        )
    ungraded = sum(p.status not in (None, "correct", "incorrect") for p in method.problems)
    if ungraded:
        remarks.append(
            f"{name}: {ungraded} of {len(method.problems)} answers have no verdict (see their "
            "status); they count as wrong."
        )
    for what, values in (
        ("reference answer", [problem.status for problem in method.problems]),
        ("trajectory", [problem.sequential for problem in method.problems]),
        ("wall clock", [problem.seconds for problem in method.problems]),
    ):
        without = sum(value is None for value in values)
        if 0 < without < len(values):
            remarks.append(
                f"{name}: {without} of {len(values)} problems have no {what} "
                "and are not in that mean."
            )
    if all(problem.status is None for problem in method.problems):
        remarks.append(
            f"{name}: the folder contains no CSV with answers; give the test set with "
            "--test_hub_path to grade the answers in its trajectories."
        )
    return remarks
