"""The ids of samples: several rows of a dataset that are the same problem."""

from __future__ import annotations

MARK = "_sample_"


def sample_id(problem: str, number: int) -> str:
    """The id of a problem's sample; numbers count from 1."""
    return f"{problem}{MARK}{number}"


def problem_of(sample: str) -> str:
    """The id of a sample's problem; an id of no sample is its own."""
    problem, mark, number = sample.rpartition(MARK)
    return problem if mark and number.isdecimal() else sample
