"""From the parts of all shares to the dataset, the trajectories and the report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..utils.atomic import new_folder, write_bytes, write_json
from ..utils.errors import InputError
from .arrow import Row
from .card import PICTURE, dataset_card
from .cost import stored_cost
from .dataset import choose_test, write_dataset
from .parts import PartsFolder
from .report import FinalReport
from .report_picture import draw_report


def finish(
    parts: PartsFolder, logs_dir: Path, settings: Mapping[str, Any], unit: str
) -> FinalReport:
    """Make all that the stage leaves, and remove the parts at the very end.

    A crash at any moment before leaves the parts, so that the merge can be run again; it makes the
    same files. Raises InputError, with the report written, where no row was kept.
    """
    report = parts.report(settings)
    test = choose_test(report.kept, settings["test_fraction"], settings["seed"])
    final = FinalReport(report, settings, len(test), unit, stored_cost(logs_dir))
    picture = draw_report(final)
    if report.kept:
        name = parts.data.name
        with (
            new_folder(parts.data) as data,
            new_folder(logs_dir / "trajectory_data" / name) as texts,
        ):
            write_dataset(data, _with_texts(parts, texts), test)
            (data / "README.md").write_text(dataset_card(name, final), encoding="utf-8")
            (data / PICTURE).write_bytes(picture)
    path = logs_dir / "curation_report.json"
    write_json(path, final.as_json())
    write_bytes(path.with_name(PICTURE), picture)
    parts.remove()
    if not report.kept:
        raise InputError(
            f"None of {report.read} rows was kept, so there is nothing to train on: see {path} for "
            "the reasons, and loosen the filters or repair the stages before."
        )
    return final


def _with_texts(parts: PartsFolder, folder: Path) -> Iterator[Row]:
    """The rows of the parts; the trajectory of each is written into `folder` on the way."""
    for batch in parts.batches():
        for row in batch.to_pylist():
            path = folder / f"trajectory_data_{row['index']}.txt"
            path.write_text(row["trajectory"], encoding="utf-8")
            yield row
