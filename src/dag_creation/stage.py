"""A run of stage 2: annotate the rows that have no files yet."""

from __future__ import annotations

from ..utils.annotation.annotate_rows import annotate_rows
from ..utils.concurrency.processes import run_in_processes
from ..utils.data.loading import load_thoughts
from ..utils.errors import InputError
from ..utils.methods.runner import run_async
from ..utils.thoughts.stage_folders import DagFolder, SeparationFolder, stage_folders
from .config import DagConfig
from .dag_rows import DagRows, DrawPicture


def run(config: DagConfig) -> None:
    """Annotate the rows that have no files yet, and print a summary.

    Raises SprintError if it fails.
    """
    run_async(lambda: run_within(config))


async def run_within(config: DagConfig) -> None:
    """Like `run`, within an event loop: in a notebook, `await run_within(config)`."""
    source, model, dry_run = config.source, config.dag_creation_model, config.dry_run
    everything = load_thoughts(source)
    stage_folders(config.logs_dir, dry_run=dry_run)
    thoughts = config.shard.of(everything)
    separations = SeparationFolder(
        config.logs_dir, config.component_separation_model, source.folder_name
    )
    if not any(map(separations.is_finished, everything.indices)):
        raise InputError(
            f"No components in {separations.answers}: run component separation first, with the "
            "same dataset, range and --component_separation_model."
        )
    folder = DagFolder(config.logs_dir, model, source.folder_name)
    missing = thoughts.where_index(
        lambda index: not folder.is_current(index, separations.fingerprint(index))
    )

    tally = await annotate_rows(
        config,
        missing,
        DagRows(separations, folder, dry_run),
        folder.faults,
        lambda: stage_folders(folder.answers, folder.dags, folder.pictures, dry_run=dry_run),
        label="DAG creation",
    )
    earlier = len(thoughts) - len(missing)
    tally.require_some(earlier)
    most: int | None = 0 if dry_run else config.max_pictures
    chosen = frozenset(everything.indices[: None if most is None else max(0, most)])
    draw = DrawPicture(separations, folder, config.min_execution_lines)
    await run_in_processes(
        draw.missing(index for index in thoughts.indices if index in chosen),
        draw,
        lambda fault: print(fault) if fault else None,
        processes=config.num_processes,
        label="DAG pictures",
    )
    print(tally.summary("DAG creation", earlier, dry_run=dry_run))
    if not dry_run:
        print(f"In {folder.dags}")
