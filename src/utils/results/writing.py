"""The only module that writes result folders: one record per problem, and tables made from them.

A problem is finished when its record `problems/<id>.json` is final. Its trajectory is written
before; the CSV and the ledger are made from the records, every few problems. So no crash leaves a
partial result: every row has its file, and a file without its row gets it on restart.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import logging
import os
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from ..config import RECORD
from ..data.loading import safe_name
from ..errors import InputError
from ..files.atomic import (
    saving,
    writable_folder,
    write_chunks,
    write_json,
    write_text,
    written,
)
from ..files.json_file import DamagedError, read_object
from ..files.reserve import Reserve
from ..files.run_record import changes, listed_software, with_this
from ..files.unicode import valid_unicode
from ..records import Problem, Result, call_from
from .calls import LEDGER, RECORDS
from .recorded_tokens import write_tokens

log = logging.getLogger(__name__)

ANY_RUN = (
    "versions",
    "software",
    "num_workers",
    "client_processes",
    "servers",
    "range",
    "problems",
    RECORD,
)
"""Entries of run.json that may differ between runs into one folder."""


@dataclass(frozen=True)
class FolderLayout:
    """The published names of a method's files, and of the CSV column with the model's text."""

    csv_name: str
    trajectory_prefix: str
    response_column: str

    @property
    def columns(self) -> list[str]:
        """The columns of the table, in order."""
        before = ["ProblemIdx", "PredictedFinalAnswer", "TrueFinalAnswer", "ElapsedTime"]
        after = ["Solution", "Level", "Subject", "Faults"]
        return [*before, "Question", self.response_column, *after]


SPRINT_LAYOUT = FolderLayout(
    "agent_orchestration_output.csv", "planner_trajectory", "PlannerTrajectory"
)
SERIAL_LAYOUT = FolderLayout("base_model_output.csv", "base_model_trajectory", "ModelResponse")
PARALLEL_BASELINE_LAYOUT = FolderLayout(
    "base_model_output.csv", "planner_trajectory", "ModelResponse"
)
"""For baselines that also write phases: the prefix of a file shows its form."""


def model_folder_name(model: str) -> str:
    """`org/name` -> `org_name`; a local folder gives its own name."""
    path = Path(model)
    return safe_name(path.resolve().name if path.is_dir() else model.replace("/", "_"))


RESTORE = "restore it from a copy, or choose another LOGS_DIR"
ROWS_A_TABLE = 20
"""Tables are rewritten when this fraction of their rows would be new: linear work in total."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """The data kept about a record: complete records of a large folder do not fit into memory."""

    index: int
    final: bool
    marked: bool
    asked: bytes
    """A hash of the question and of its reference answer."""

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> _Kept:
        row = record["row"]
        return cls(
            record["index"],
            record.get("final", True),
            bool(row["Faults"]),
            _asked(row["Question"], row["TrueFinalAnswer"]),
        )


def _asked(question: str, answer: str) -> bytes:
    return hashlib.sha256(json.dumps([question, answer]).encode()).digest()


class ResultFolder:
    """A result folder of one configuration. Opening it checks the configuration and cleans up.

    Records are read one at a time; memory does not grow with their texts.
    """

    def __init__(self, path: Path, layout: FolderLayout, configuration: Mapping[str, Any]) -> None:
        self.path, self.layout = path, layout
        self._records = path / RECORDS
        self._software_told = False
        self._writing = threading.Lock()
        writable_folder(path)
        self._check_configuration(configuration)
        writable_folder(self._records)
        self._kept = dict[str, _Kept]()
        for record in sorted(self._records.glob("*.json")):
            self._find(record)
        self._rows, self._new = 0, set(self._kept)
        self._remove_orphans()
        self.reserve = Reserve(path / ".reserve")
        """Entered while problems are being solved."""
        self.write_tables()

    def is_finished(self, problem: Problem) -> bool:
        """Whether the problem has a final result; InputError if it is another problem's."""
        kept = self._kept.get(problem.id)
        if kept is None:
            return False
        if kept.asked != _asked(valid_unicode(problem.question), valid_unicode(problem.answer)):
            raise InputError(
                f"{self._record_path(problem.id)} is the result of another problem with the id "
                f"{problem.id}: the dataset has changed, so choose another LOGS_DIR, or remove the "
                "folder."
            )
        return kept.final

    @property
    def marked(self) -> int:
        """How many finished problems are marked with faults."""
        return sum(kept.marked for kept in self._kept.values())

    def add(self, result: Result) -> None:
        """Save the result of one problem: its trajectory, then the record that makes it final."""
        record = {
            "index": result.problem.index,
            "final": result.final,
            "row": self._row(result),
            "calls": [asdict(call) for call in result.calls],
        }
        # The result was paid for: on a full disk it uses the reserved space, and the run ends.
        full = self.reserve.write(lambda: self._write(result, record))
        self._kept[result.problem.id] = _Kept.of(record)
        self._new.add(result.problem.id)
        if full is not None:
            raise full

    def _write(self, result: Result, record: Mapping[str, Any]) -> None:
        write_text(self._trajectory_path(result.problem.id), result.text)
        if result.tokens:
            write_tokens(self.path, result.problem.id, result.tokens)
        write_json(self._record_path(result.problem.id), record)
        self._tell_software()

    def write_tables_in_time(self) -> None:
        """Write the tables unless they lack only a few results: of up to 40 problems, none.

        Once the disk was full, the remaining space is for results.
        """
        if not self.reserve.given_up and len(self._new) >= max(1, self._rows // ROWS_A_TABLE):
            self.write_tables()

    def write_tables(self) -> None:
        """Create the CSV and calls.jsonl from the records, in the order of the dataset.

        Nothing is written if they contain all that this run knows of.
        """
        with self._writing:
            if self._new:
                self._write_tables()

    def _write_tables(self) -> None:
        new, kept = frozenset(self._new), list(self._kept.items())  # results may be added meanwhile
        names = [name for name, _ in sorted(kept, key=lambda item: item[1].index)]
        ledger = self.path / LEDGER
        # The calls are buffered: rewinding them writes, and so does closing them.
        with saving(ledger), tempfile.TemporaryFile(dir=self.path) as calls:
            write_chunks(self.path / self.layout.csv_name, self._table(names, calls))
            calls.seek(0)
            write_chunks(ledger, calls)
        self._rows = len(kept)
        self._new -= new

    def _table(self, names: Iterable[str], calls: IO[bytes]) -> Iterator[bytes]:
        """The CSV of the records, one row at a time; their calls are written along the way."""
        row_text, writer, quoting = io.StringIO(), None, None
        for name in names:
            record = self._record(self._record_path(name))
            row = record["row"]
            if writer is None or quoting is None:
                writer = csv.DictWriter(row_text, list(row), lineterminator="\n")
                writer.writeheader()
                # The csv module does not quote a carriage return, which readers treat as a row end.
                quoting = csv.DictWriter(
                    row_text, list(row), lineterminator="\n", quoting=csv.QUOTE_ALL
                )
            has_return = any("\r" in str(value) for value in row.values())
            (quoting if has_return else writer).writerow(row)
            yield row_text.getvalue().encode("utf-8", errors="surrogatepass")
            row_text.seek(0)
            row_text.truncate()
            calls.writelines(json.dumps(call).encode() + b"\n" for call in record["calls"])

    def _find(self, path: Path) -> None:
        """Add a finished problem; one with a damaged record is solved again."""
        try:
            record = self._record(path)
        except DamagedError as error:
            log.warning("%s Its problem counts as not solved.", error)
            return
        self._kept[path.stem] = _Kept.of(record)
        trajectory = self._trajectory_path(path.stem)
        text = record["row"][self.layout.response_column]
        # Lost, or truncated or zeroed by a crash of the machine.
        if not trajectory.is_file() or trajectory.read_bytes() != written(text):
            write_text(trajectory, text)

    def _record(self, path: Path) -> dict[str, Any]:
        """Raises DamagedError if the record is invalid."""
        record = read_object(path, "the same command writes it again")
        if fault := _fault_of(record, self.layout.columns):
            raise DamagedError(path, fault, "the same command writes it again")
        if record["row"]["ProblemIdx"] != path.stem:
            raise DamagedError(path, "the record of another problem", "remove it")
        return record

    def _row(self, result: Result) -> dict[str, Any]:
        problem = result.problem
        row = {
            "ProblemIdx": problem.id,
            "PredictedFinalAnswer": result.answer,
            "TrueFinalAnswer": problem.answer,
            "ElapsedTime": round(result.elapsed, 4),
            "Question": problem.question,
            self.layout.response_column: result.response,
            "Solution": problem.solution,
            "Level": problem.level,
            "Subject": problem.subject,
            "Faults": "; ".join(result.faults),
        }
        return {
            name: valid_unicode(value) if isinstance(value, str) else value
            for name, value in row.items()
        }

    def _record_path(self, problem_id: str) -> Path:
        return self._records / f"{problem_id}.json"

    def _trajectory_path(self, problem_id: str) -> Path:
        return self.path / f"{self.layout.trajectory_prefix}_{problem_id}.txt"

    def _check_configuration(self, configuration: Mapping[str, Any]) -> None:
        path = self.path / "run.json"
        wanted = json.loads(json.dumps(configuration, default=os.fspath))
        if not os.path.lexists(path):
            if any(self.path.glob(f"{self.layout.trajectory_prefix}_*.txt")):
                raise InputError(
                    f"{self.path} contains trajectories but no run.json, so other code wrote them: "
                    "choose another LOGS_DIR, or move them elsewhere."
                )
            write_json(path, wanted | {"software": with_this([])})
            return
        found = read_object(path, RESTORE)
        if changed := changes(found, wanted, ANY_RUN):
            raise InputError(
                f"{self.path} was written with another configuration ({changed}): repeat that one, "
                "choose another LOGS_DIR, or remove the folder."
            )

    def _tell_software(self) -> None:
        """Add the software to that in run.json: a result of it is about to be saved."""
        if self._software_told:
            return
        path = self.path / "run.json"
        found = read_object(path, RESTORE)
        earlier = listed_software(found)
        if (software := with_this(earlier)) != earlier:
            write_json(path, found | {"software": software})
        self._software_told = True

    def _remove_orphans(self) -> None:
        """Remove trajectories without a record because of a crash."""
        for path in self.path.glob(f"{self.layout.trajectory_prefix}_*.txt"):
            name = path.stem.removeprefix(f"{self.layout.trajectory_prefix}_")
            if name not in self._kept and not self._record_path(name).exists():
                path.unlink()


def _fault_of(record: Mapping[str, Any], names: Iterable[str]) -> str:
    """What is wrong with a record, "" if nothing is. `names` are the columns of its row."""
    index, row, calls = record.get("index"), record.get("row"), record.get("calls")
    if type(index) is not int or index < 0 or type(record.get("final", True)) is not bool:
        return "no index or final flag"
    if not isinstance(row, dict) or list(row) != list(names):
        return "no row with the columns of the table"
    if any(isinstance(value, str) and value != valid_unicode(value) for value in row.values()):
        return "half characters"
    seconds = row["ElapsedTime"]
    texts = all(isinstance(value, str) for name, value in row.items() if name != "ElapsedTime")
    if not texts or type(seconds) not in (int, float) or not 0 <= seconds < float("inf"):
        return "a row without texts and a time"
    if not isinstance(calls, list):
        return "no list of calls"
    try:
        for call in calls:
            call_from(call)
    except ValueError:
        return "an invalid call"
    return ""
