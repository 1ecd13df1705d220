"""Trajectories of one problem that compete to be trained on. Pure: without files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from ...utils.records import Trajectory


class Refusal(StrEnum):
    """Why a sample does not count; the value is its name in the summary."""

    WRONG = "wrong answer"
    FAULT = "fault"
    DISCARDED = "discarded attempt"
    MALFORMED = "not in the grammar"
    OTHER = "of another question"
    """Than the problem with its id in the training data has."""


@dataclass(frozen=True)
class Candidate:
    """A right trajectory of a problem, with its priced path in seconds.

    `sampled`: the model wrote it; else it is from the training data.
    """

    problem: str
    trajectory: Trajectory
    seconds: float
    sampled: bool
    answer: str = ""
    level: str = ""
    subject: str = ""


def fastest(candidates: Iterable[Candidate]) -> dict[str, Candidate]:
    """The fastest of each problem, in the order in which problems come; of equal ones the first."""
    best = dict[str, Candidate]()
    for one in candidates:
        if one.problem not in best or one.seconds < best[one.problem].seconds:
            best[one.problem] = one
    return best


def summary(
    taught: Mapping[str, Candidate],
    kept: Mapping[str, Candidate],
    samples: int,
    refused: Counter[Refusal],
) -> str:
    """What was kept, and what it gains. `taught` are the fastest of the training data."""
    sampled = [one for one in kept.values() if one.sampled]
    new = sum(one.problem not in taught for one in sampled)
    lines = [
        f"{samples} samples, {samples - refused.total()} of them usable"
        + "".join(f"; {count} {why}" for why, count in sorted(refused.items())),
        f"{len(kept)} problems: {len(kept) - len(sampled)} keep their trajectory, "
        f"{len(sampled) - new} have a faster one, {new} have their first",
    ]
    if taught:
        before = sum(one.seconds for one in taught.values()) / len(taught)
        after = sum(kept[name].seconds for name in taught) / len(taught)
        lines.append(
            f"Priced path of the {len(taught)} problems of the training data: {before:.3f} s "
            f"before, {after:.3f} s now ({after / before - 1:+.1%})"
        )
    return "\n".join(lines)
