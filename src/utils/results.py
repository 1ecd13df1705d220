"""The only module that writes result folders: one record a problem, and tables made from them.

A problem is finished when its record `problems/<id>.json` stands as final. Its trajectory is
written before; the CSV and the ledger are made from the records, every few problems. So no
crash leaves a half: every row has its file, and a file without its row gets it at the restart.
"""

from __future__ import annotations

import csv
import io
import json
import os
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .atomic import writable_folder, write_json, write_text
from .configuration import changes
from .datasets_io import safe_name
from .errors import InputError
from .half_characters import valid_unicode
from .provenance import with_this
from .records import Problem, Result

ANY_RUN = (
    "versions",
    "software",
    "num_workers",
    "client_processes",
    "servers",
    "range",
    "problems",
)
"""What run.json tells but may differ between runs into one folder."""


@dataclass(frozen=True)
class Layout:
    """The published names of a method's files, and of the CSV column with what the model wrote."""

    csv_name: str
    trajectory_prefix: str
    response_column: str


SPRINT_LAYOUT = Layout("agent_orchestration_output.csv", "planner_trajectory", "PlannerTrajectory")
SERIAL_LAYOUT = Layout("base_model_output.csv", "base_model_trajectory", "ModelResponse")
PARALLEL_BASELINE_LAYOUT = Layout("base_model_output.csv", "planner_trajectory", "ModelResponse")
"""Of baselines that write phases, too: the prefix of a file tells its form."""


def model_folder_name(model: str) -> str:
    """`org/name` -> `org_name`; a local folder gives its own name."""
    path = Path(model)
    return safe_name(path.resolve().name if path.is_dir() else model.replace("/", "_"))


ROWS_A_TABLE = 20
"""Tables are written anew when this part of their rows would be new: in all, linear work."""


class ResultFolder:
    """A folder of results of one configuration. Opening it checks the configuration and tidies."""

    def __init__(self, path: Path, layout: Layout, configuration: Mapping[str, Any]) -> None:
        self.path, self.layout = path, layout
        self._records = path / "problems"
        self._rows, self._new = 0, 0
        self._software_told = False
        self._writing = threading.Lock()
        writable_folder(path)
        self._check_configuration(configuration)
        writable_folder(self._records)
        self._remove_orphans()
        self.write_tables()

    def is_finished(self, problem: Problem) -> bool:
        """Whether the problem's result stands; InputError where it is of another problem."""
        path = self._record_path(problem.id)
        if not path.is_file():
            return False
        record = _read_json(path)
        row = record["row"]
        asked = (valid_unicode(problem.question), valid_unicode(problem.answer))
        if (row["Question"], row["TrueFinalAnswer"]) != asked:
            raise InputError(
                f"{path} is the result of another problem with the id {problem.id}: the dataset "
                "has changed, so choose another LOGS_DIR, or remove the folder."
            )
        return bool(record.get("final", True))

    @property
    def marked(self) -> int:
        """How many finished problems are marked with faults."""
        return sum(bool(record["row"]["Faults"]) for record in self._all_records())

    def add(self, result: Result) -> None:
        """Keep the result of one problem: its trajectory, then the record that makes it count."""
        self._tell_software()
        write_text(self._trajectory_path(result.problem.id), result.text)
        record = {
            "index": result.problem.index,
            "final": result.final,
            "row": self._row(result),
            "calls": [asdict(call) for call in result.calls],
        }
        write_json(self._record_path(result.problem.id), record)
        self._new += 1

    def write_tables_in_time(self) -> None:
        """Write the tables unless they lack few of the results: of up to 40 problems, none."""
        if self._new >= max(1, self._rows // ROWS_A_TABLE):
            self.write_tables()

    def write_tables(self) -> None:
        """Make the CSV and calls.jsonl from the records, in the order of the dataset."""
        with self._writing:
            self._write_tables()

    def _write_tables(self) -> None:
        records = self._all_records()
        self._rows, self._new = len(records), 0
        if not records:
            return
        table = io.StringIO()
        writer = csv.DictWriter(table, fieldnames=list(records[0]["row"]), lineterminator="\n")
        writer.writeheader()
        # The module quotes no carriage return, which readers take for the end of a row.
        quoting = csv.DictWriter(
            table, fieldnames=writer.fieldnames, lineterminator="\n", quoting=csv.QUOTE_ALL
        )
        for record in records:
            row = record["row"]
            has_return = any("\r" in str(value) for value in row.values())
            (quoting if has_return else writer).writerow(row)
        write_text(self.path / self.layout.csv_name, table.getvalue())
        calls = [json.dumps(call) + "\n" for record in records for call in record["calls"]]
        write_text(self.path / "calls.jsonl", "".join(calls))

    def _all_records(self) -> list[dict[str, Any]]:
        """The records of the finished problems, in the order of the dataset."""
        records = [_read_json(path) for path in self._records.glob("*.json")]
        return sorted(records, key=lambda record: int(record["index"]))

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
        if not path.exists():
            if any(self.path.glob(f"{self.layout.trajectory_prefix}_*.txt")):
                raise InputError(
                    f"{self.path} holds trajectories but no run.json, so they were written by "
                    "other code: choose another LOGS_DIR, or move them away."
                )
            write_json(path, wanted | {"software": with_this([])})
            return
        found = _read_json(path)
        if changed := changes(found, wanted, ANY_RUN):
            raise InputError(
                f"{self.path} was written under another configuration ({changed}): "
                "repeat that one, choose another LOGS_DIR, or remove the folder."
            )

    def _tell_software(self) -> None:
        """Add the software to those that run.json names: a result of it is about to be kept."""
        if self._software_told:
            return
        path = self.path / "run.json"
        found = _read_json(path)
        earlier = found.get("software", [None])
        if (software := with_this(earlier)) != earlier:
            write_json(path, found | {"software": software})
        self._software_told = True

    def _remove_orphans(self) -> None:
        """Remove the trajectories whose record a crash prevented."""
        for path in self.path.glob(f"{self.layout.trajectory_prefix}_*.txt"):
            name = path.stem.removeprefix(f"{self.layout.trajectory_prefix}_")
            if not self._record_path(name).is_file():
                path.unlink()


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise InputError(f"{path} is damaged ({error}): remove it, and run again.") from error
    return content
