"""Reads the ledger of a result folder, calls.jsonl, and sums it up."""

from __future__ import annotations

import json
import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ..files.json_file import DamagedError, read_object
from ..records import Call, call_from

log = logging.getLogger(__name__)

LEDGER, RECORDS = "calls.jsonl", "problems"
"""The ledger of a result folder, and the folder with the records that it is made from."""
LONGEST_LINE = 1 << 22
"""Maximum bytes of a call; none of ours comes near it."""


@dataclass(frozen=True)
class LedgerSummary:
    """The sums of a folder's calls.jsonl; all zero if there is none.

    Of the `plans` requested, `plans_at_once` were valid on the first attempt. A final answer that
    was valid at once is not a plan; an invalid reply counts as one. `generated` tokens are all that
    the server wrote, including tags; `discarded` of them were in discarded
    attempts.
    """

    problems: int = 0
    plans: int = 0
    plans_at_once: int = 0
    generated: int = 0
    discarded: int = 0

    @classmethod
    def of(cls, calls: Iterable[Call]) -> LedgerSummary:
        """From calls in any order, in a single pass."""
        found, generated, discarded = dict[str, dict[int, bool]](), 0, 0
        for call in calls:
            first = found.setdefault(call.problem_id, {})
            if call.role == "planner":
                first.setdefault(call.phase, call.kept)
            generated += call.completion_tokens
            discarded += 0 if call.kept else call.completion_tokens
        plans = [sound for phases in found.values() if phases for sound in _of_plans(phases)]
        return cls(len(found), len(plans), sum(plans), generated, discarded)


def read_calls(folder: Path) -> list[Call]:
    """The calls of a folder, as `iterate_calls` gives them."""
    return list(iterate_calls(folder))


def iterate_calls(folder: Path) -> Iterator[Call]:
    """The calls of a folder's ledger one after another; none without one.

    The ledger is made from the records. If one of its lines is invalid, the calls are read from the
    records, and from the ledger only those without a record; a warning says so.
    """
    path = folder / LEDGER
    if not path.is_file():
        return
    with path.open("rb") as file:
        recorded = set[str]()
        if damaged := sum(call is None for call in _calls(file)):
            for record in sorted((folder / RECORDS).glob("*.json")):
                if (calls := _recorded(record)) is not None:
                    recorded.add(record.stem)
                    yield from calls
            log.warning(
                "%s has invalid lines (%d): reading the calls of %d problems from their records in "
                "%s/ instead. The command that made the folder writes the file again.",
                path,
                damaged,
                len(recorded),
                RECORDS,
            )
        file.seek(0)
        for call in _calls(file):
            if call is not None and call.problem_id not in recorded:
                yield call


def _calls(file: BinaryIO) -> Iterator[Call | None]:
    """The call on each line, None for an invalid one. A line that is too long counts in parts."""
    while line := file.readline(LONGEST_LINE):
        if line != b"\n":
            try:
                yield call_from(json.loads(line))
            except (ValueError, RecursionError):
                yield None


def _recorded(path: Path) -> list[Call] | None:
    """The calls in the record of a problem; None, with a warning, if it is damaged."""
    try:
        return [call_from(fields) for fields in read_object(path)["calls"]]
    except DamagedError as error:
        fault = error.reason
    except (KeyError, TypeError, ValueError) as error:
        fault = str(error)
    log.warning("%s is damaged (%s): using the calls in %s.", path, fault[:100], LEDGER)
    return None


def calls_by_problem(calls: Iterable[Call]) -> Mapping[str, Sequence[Call]]:
    """The calls of each problem that has any, in order."""
    found = defaultdict[str, list[Call]](list)
    for call in calls:
        found[call.problem_id].append(call)
    return found


def _of_plans(phases: dict[int, bool]) -> list[bool]:
    """For each plan of a problem, whether its first attempt was valid.

    A problem ends with its final answer, and every plan has a phase after it.
    """
    last = max(phases)
    return [sound for phase, sound in phases.items() if phase < last or not sound]
