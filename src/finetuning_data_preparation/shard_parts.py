"""The output of a share of the rows, stored until all shares exist and can be merged.

A run without shares is a run of one share and its merge, so its output is that of many shares.
Share k of n writes `D.parts_n/part_k.arrow` with its kept rows, then `part_k.json` with its report.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from ..utils.config.shared import Shard
from ..utils.data.arrow_writer import ArrowWriter
from ..utils.errors import InputError
from ..utils.files.atomic import write_json
from ..utils.files.json_file import DamagedError, read_object
from ..utils.files.locks import locked
from ..utils.files.run_record import changes
from .config import CurationSettings
from .curation_report import FAULTS, Report
from .dataset import features_of, read_rows, row_writer


@dataclass(frozen=True)
class PartsFolder:
    """The parts of `count` shares of the dataset whose folder is `data`."""

    data: Path
    count: int

    @property
    def path(self) -> Path:
        return self.data.with_name(f"{self.data.name}.parts_{self.count}")

    @contextmanager
    def write(
        self,
        number: int,
        settings: CurationSettings,
        source: Mapping[str, Any],
        report: Report,
    ) -> Iterator[ArrowWriter]:
        """A writer for the kept rows of a share. The part is valid once the block ends normally.

        `source` identifies the rows that the shares come from; it must be the same for all.
        InputError if another run writes the same part.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        share = f"share {Shard(number, self.count)} of {self.data}"
        with locked(self.path / f".part_{number}.lock", share):
            aside = self._arrow(number).with_suffix(".arrow.new")
            self._json(number).unlink(missing_ok=True)
            try:
                with row_writer(aside, features_of(settings.config.structure)) as rows:
                    yield rows
                aside.replace(self._arrow(number))
            finally:
                aside.unlink(missing_ok=True)
            part = {"settings": settings.as_json(), "source": source, "report": report.as_json()}
            write_json(self._json(number), part)

    def report(self, settings: CurationSettings) -> Report:
        """The report of all shares. InputError if one is missing, or belongs to another run."""
        missing = [n for n in self._numbers if not self._json(n).is_file()]
        if missing:
            listed = ", ".join(str(Shard(n, self.count)) for n in missing[:10])
            raise InputError(
                f"{len(missing)} of {self.count} parts are missing in {self.path}: run the stage "
                f"with --shard {listed} first."
            )
        total = Report()
        wanted, source = json.loads(json.dumps(settings.as_json())), None
        for number in self._numbers:
            settings_of, cut_from, report = self._read(number)
            source = cut_from if source is None else source
            if changed := changes(source, cut_from):
                raise InputError(
                    f"{self._json(number)} is a share of other rows than {self._json(1).name} "
                    f"({changed}): the dataset has changed in between. Run --shard with all its "
                    "shares again."
                )
            if changed := changes(settings_of, wanted):
                raise InputError(
                    f"{self._json(number)} was written with other settings ({changed}): merge "
                    f"with the same settings, or run --shard {Shard(number, self.count)} "
                    "again."
                )
            total.merge(report)
        return total

    def _read(self, number: int) -> tuple[Mapping[str, Any], Mapping[str, Any], Report]:
        """Settings, source and report of a share. DamagedError if the file is not a share's."""
        path = self._json(number)
        advice = f"run the stage with --shard {Shard(number, self.count)} again"
        part = read_object(path, advice)
        settings = part.get("settings")
        source = part.get("source", {})  # missing in parts of an earlier version
        if not isinstance(settings, dict) or not isinstance(source, dict):
            raise DamagedError(path, "no settings", advice)
        try:
            report = Report.from_json(part["report"])
            Report().merge(report)
        except FAULTS as error:
            raise DamagedError(path, "no report of a share", advice) from error
        return settings, source, report

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The kept rows of all shares, in the order of the dataset."""
        for number in self._numbers:
            yield from read_rows(self._arrow(number))

    def remove(self) -> None:
        """Remove all parts at once: some of them would look like an unfinished run."""
        gone = self.path.with_name(f".{self.path.name}.gone")
        shutil.rmtree(gone, ignore_errors=True)
        self.path.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)

    @property
    def _numbers(self) -> Sequence[int]:
        return range(1, self.count + 1)

    def _arrow(self, number: int) -> Path:
        return self.path / f"part_{number}.arrow"

    def _json(self, number: int) -> Path:
        return self.path / f"part_{number}.json"


def find_parts(data: Path) -> PartsFolder:
    """The parts of all shares for `data`. InputError if there are none, or two sets."""
    found = [
        int(match[1])
        for path in sorted(data.parent.glob(f"{data.name}.parts_*"))
        if (match := re.fullmatch(r".*\.parts_(\d+)", path.name)) and match[1] != "1"
    ]
    if len(found) != 1:
        came = f"those of {found} shares" if found else "none (they may be merged already)"
        raise InputError(
            f"Expected parts with the same number of shares next to {data}, found {came}: run the "
            "stage with --shard 1/N up to N/N, and remove the folders of stale parts."
        )
    return PartsFolder(data, found[0])
