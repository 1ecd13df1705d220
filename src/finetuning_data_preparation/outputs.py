"""Turns the parts of all shares into the dataset, the trajectories and the report."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path

import datasets
import huggingface_hub

from ..utils.annotation.responses import ResponseStore
from ..utils.data.push import make_repository, pushing
from ..utils.files.atomic import new_folder, saving, write_bytes, write_json
from ..utils.files.run_record import with_this
from ..utils.grammar import parse
from .config import CurationSettings
from .curation_report import FinalReport
from .dataset import KeptRow, choose_test, features_of, placed, write_dataset
from .dataset_card import PICTURE, dataset_card
from .repeats import RepeatedRows, repeats
from .report_picture import draw_report
from .shard_parts import PartsFolder

REPORT = "curation_report.json"


def finish(
    parts: PartsFolder, logs_dir: Path, settings: CurationSettings, unit: str
) -> FinalReport:
    """Write all output of the stage; without rows, only the report.

    Output of an earlier run is replaced, so dataset and report always belong to the same run. The
    parts are kept, so an interrupted merge can be repeated and writes the same files.
    """
    report = parts.report(settings)
    report.software = with_this(report.software)
    config = settings.config
    test = choose_test(report.kept, config.test_fraction, config.seed)
    models = {
        "component_separation": config.component_separation_model,
        "dag_creation": config.dag_creation_model,
    }
    cost = stored_cost(logs_dir, models, parts.data.name)
    repeated = repeats_of(parts, test, config.second_plans) if config.second_plans else None
    final = FinalReport(report, settings, len(test), unit, cost, repeated)
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
            rows = _with_texts(parts, texts, several=config.structure == "mixed")
            times = iter(repeated.times) if repeated is not None else None
            write_dataset(data, rows, test, features_of(config.structure), times)
            (data / "README.md").write_text(dataset_card(name, final), encoding="utf-8")
            (data / PICTURE).write_bytes(picture)
    else:
        for earlier in (parts.data, trajectories):
            shutil.rmtree(earlier, ignore_errors=True)
    write_json(logs_dir / REPORT, final.as_json())
    write_bytes(logs_dir / PICTURE, picture)
    return final


def _rows(parts: PartsFolder) -> Iterator[KeptRow]:
    for batch in parts.batches():
        yield from batch.to_pylist()


def _with_texts(parts: PartsFolder, folder: Path, *, several: bool) -> Iterator[KeptRow]:
    """The rows of the parts; writes the trajectory of each into `folder`.

    `several`: a problem may have several, so that files also name the structure.
    """
    for row in _rows(parts):
        name = f"{row['index']}_{row['structure']}" if several else f"{row['index']}"
        path = folder / f"trajectory_data_{name}.txt"
        path.write_text(f"{row['trajectory']}", encoding="utf-8")
        yield row


def repeats_of(parts: PartsFolder, test: set[int], share: float) -> RepeatedRows:
    """How often to write each training row, for this share of second plans."""
    plans = [
        len(parse(f"{row['trajectory']}").phases)
        for place, row in placed(_rows(parts))
        if place not in test
    ]
    return RepeatedRows(plans, repeats(plans, share))


def stored_cost(logs_dir: Path, models: Mapping[str, str], dataset: str) -> float | None:
    """The cost of `models` for `dataset`, by stage, in US dollars; None if nothing records it.

    An answer that several datasets use belongs to the one that requested it. A response without a
    cost, such as that of a model with an unknown price, adds nothing.
    """
    known = False
    total = Decimal()  # exact, so that the order of the files does not matter
    for stage, model in models.items():
        for response in ResponseStore.of_stage(logs_dir, stage, model).all():
            if response.cost is not None and response.dataset in ("", dataset):
                known, total = True, total + Decimal(str(response.cost))
    return float(total) if known else None


def push(folder: Path, name: str, *, private: bool) -> str:
    """Push the dataset in `folder` with its card; returns its address on the hub."""
    with pushing(name, f"The complete data is in {folder}; the same command pushes it again."):
        repository, address = make_repository(name, "dataset", private=private)
        # The card first: `datasets` adds its own metadata on columns and splits.
        huggingface_hub.HfApi().upload_folder(
            repo_id=repository,
            folder_path=folder,
            repo_type="dataset",
            allow_patterns=["README.md", PICTURE],
            commit_message="Card and report of the curation",
        )
        datasets.load_from_disk(str(folder)).push_to_hub(repository)
    return address
