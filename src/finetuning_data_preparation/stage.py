"""A run of stage 3: curates the rows, or a share of them, and writes the kept ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..utils.concurrency.processes import run_in_processes
from ..utils.data.loading import load_thoughts
from ..utils.data.push import check_push
from ..utils.data.table import LazyRows
from ..utils.data.trajectories import load_trajectories
from ..utils.errors import InputError
from ..utils.files.atomic import writable_folder
from ..utils.files.locks import locked
from ..utils.files.run_record import with_this
from ..utils.methods.runner import run_async
from ..utils.prompt_files import load_prompt, prompt_hash
from ..utils.thoughts.stage_folders import DagFolder, SeparationFolder
from ..utils.tokens.tokenizers import token_counter
from .config import CurationSettings, PreparationConfig
from .curation import Curation
from .curation_report import FinalReport, Report
from .finished import CheckTrajectory
from .outputs import REPORT, finish, push
from .report_text import summary
from .rows import CurateRow, RowResult
from .shard_parts import PartsFolder, find_parts


def run(config: PreparationConfig) -> None:
    """Curate the rows of the range, or a share of them; writes what is kept of the whole.

    InputError if another run does so at the same time; shares may be curated in parallel.
    """
    if config.push_to_hub is not None:
        check_push(config.push_to_hub, "dataset")
    curation = make_curation(config)
    writable_folder(config.logs_dir)
    name = config.source.folder_name
    data = writable_folder(config.logs_dir / "finetuning_data") / name
    lock = data.with_name(f".{name}.lock")
    with locked(lock, f"{data}", shared=not config.shard.is_whole):
        run_alone(config, curation, data)


def run_alone(config: PreparationConfig, curation: Curation, data: Path) -> None:
    """Like `run`, into `data`, while no other run writes there."""
    settings = CurationSettings(
        config,
        prompt_hash(curation.sprint_prompt),
        prompt_hash(curation.serial_prompt),
        curation.prices,
    )
    if config.merge:
        parts = find_parts(data)
    else:
        parts = PartsFolder(data, config.shard.count)
        report = Report(software=with_this([]))
        run_async(lambda: curate_share(config, curation, report, parts, settings))
        if not config.shard.is_whole:
            share = FinalReport(report, settings, 0, curation.unit)
            print(f"Share {config.shard}: {summary(share)}")
            print("When all shares are done: the same command with --merge instead of --shard.")
            return
    final = finish(parts, config.logs_dir, settings, curation.unit)
    print(summary(final))
    if not final.report.kept:
        parts.remove()
        raise InputError(
            f"None of {final.report.read} rows was kept, so there is nothing to train on: see "
            f"{config.logs_dir / REPORT} for the reasons, and loosen the filters or repair the "
            "earlier stages."
        )
    if final.rows > final.report.kept:
        print(f"{final.rows} rows of {final.report.kept} problems, of which")
    print(
        f"{final.report.kept - final.test} for training and {final.test} for testing, "
        f"in {parts.data}"
    )
    if config.push_to_hub is not None:
        print(f"On the hub: {push(parts.data, config.push_to_hub, private=config.private)}")
    parts.remove()  # only now: the same command can repeat everything, including a failed push


def make_curation(config: PreparationConfig) -> Curation:
    """The curation settings."""
    if config.tokenizer:
        token_counter(config.tokenizer)  # here, so that a wrong name fails fast
    return Curation(
        config.limits,
        config.min_execution_lines,
        load_prompt("global_agent_prompt"),
        load_prompt("base_model_prompt"),
        config.prompt_order,
        config.tokenizer,
        config.structure,
        config.time_prices,
        config.serial_opening,
    )


async def curate_share(
    config: PreparationConfig,
    curation: Curation,
    report: Report,
    parts: PartsFolder,
    settings: CurationSettings,
) -> None:
    """Curate the rows of the share into `report` and a part."""
    rows, work = work_of(config, curation)
    whole = {"rows": len(rows), "hash_of_ids": rows.hash_of_ids()}
    with parts.write(config.shard.number, settings, whole, report) as kept:

        def take(result: RowResult) -> None:
            report.add(result)
            for row in result.rows:
                kept.add(row.row())

        await run_in_processes(
            config.shard.of(rows),
            work,
            take,
            processes=config.num_processes,
            label="fine-tuning data",
        )


def work_of(
    config: PreparationConfig, curation: Curation
) -> tuple[LazyRows[Any], Callable[[Any], RowResult]]:
    """The rows of the dataset, and what makes each of them a result.

    InputError if they are thoughts that no earlier stage has annotated.
    """
    source = config.source
    if config.trajectory_column:
        return load_trajectories(source), CheckTrajectory(curation)
    thoughts = load_thoughts(source)
    separations = SeparationFolder(
        config.logs_dir, config.component_separation_model, source.folder_name
    )
    dags = DagFolder(config.logs_dir, config.dag_creation_model, source.folder_name)
    if not any(map(separations.is_finished, thoughts.indices)):
        raise InputError(
            f"No components in {separations.answers}: run component separation first, with the "
            "same dataset, range and --component_separation_model."
        )
    if not any(map(dags.is_finished, thoughts.indices)):
        raise InputError(
            f"No DAGs in {dags.dags}: run component separation and DAG creation first, with the "
            "same dataset, range and models."
        )
    return thoughts, CurateRow(separations, dags, curation)
