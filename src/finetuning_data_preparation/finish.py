"""Turns the parts of all shares into the dataset, the trajectories and the report."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..utils.files.atomic import new_folder, saving, write_bytes, write_json
from ..utils.files.provenance import with_this
from .arrow import Row
from .card import PICTURE, dataset_card
from .cost import stored_cost
from .curation_report import FinalReport
from .dataset import choose_test, write_dataset
from .parts import PartsFolder
from .report_picture import draw_report

REPORT = "curation_report.json"
STAGES = ("component_separation", "dag_creation")
"""The stages whose annotators may have a cost."""


def finish(
    parts: PartsFolder, logs_dir: Path, settings: Mapping[str, Any], unit: str
) -> FinalReport:
    """Write all output of the stage; without rows, only the report.

    Output of an earlier run is replaced, so dataset and report always belong to the same run. The
    parts are kept, so an interrupted merge can be repeated and writes the same files.
    """
    report = parts.report(settings)
    report.software = with_this(report.software)
    test = choose_test(report.kept, settings["test_fraction"], settings["seed"])
    models = {stage: settings[f"{stage}_model"] for stage in STAGES}
    cost = stored_cost(logs_dir, models, parts.data.name)
    final = FinalReport(report, settings, len(test), unit, cost)
    picture = draw_report(final)
    name = parts.data.name
    trajectories = logs_dir / "trajectory_data" / name
    if report.kept:
        with (
            saving(parts.data),
            new_folder(parts.data) as data,
            saving(trajectories),
            new_folder(trajectories) as texts,
        ):
            write_dataset(data, _with_texts(parts, texts), test)
            (data / "README.md").write_text(dataset_card(name, final), encoding="utf-8")
            (data / PICTURE).write_bytes(picture)
    else:
        for earlier in (parts.data, trajectories):
            shutil.rmtree(earlier, ignore_errors=True)
    write_json(logs_dir / REPORT, final.as_json())
    write_bytes(logs_dir / PICTURE, picture)
    return final


def _with_texts(parts: PartsFolder, folder: Path) -> Iterator[Row]:
    """The rows of the parts; writes the trajectory of each into `folder`."""
    for batch in parts.batches():
        for row in batch.to_pylist():
            path = folder / f"trajectory_data_{row['index']}.txt"
            path.write_text(row["trajectory"], encoding="utf-8")
            yield row
