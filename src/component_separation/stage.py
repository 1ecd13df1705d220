"""A run of stage 1: annotate the rows that have no files yet."""

from __future__ import annotations

from ..utils.annotation.annotate_rows import annotate_rows
from ..utils.data.loading import load_thoughts
from ..utils.errors import FormatError
from ..utils.methods.runner import run_async
from ..utils.records import Thought
from ..utils.thoughts.stage_folders import SeparationFolder, stage_folders
from .config import SeparationConfig
from .separation_rows import SeparationRows


def run(config: SeparationConfig) -> None:
    """Annotate the rows that have no files yet, and print a summary.

    Raises SprintError if it fails.
    """
    run_async(lambda: run_within(config))


async def run_within(config: SeparationConfig) -> None:
    """Like `run`, within an event loop: in a notebook, `await run_within(config)`."""
    source, model, dry_run = config.source, config.component_separation_model, config.dry_run
    thoughts = config.shard.of(load_thoughts(source))
    stage_folders(config.logs_dir, dry_run=dry_run)
    folder = SeparationFolder(config.logs_dir, model, source.folder_name)
    missing = thoughts.where(lambda thought: not _is_finished(folder, thought))

    tally = await annotate_rows(
        config,
        missing,
        SeparationRows(folder, dry_run),
        folder.faults,
        lambda: stage_folders(folder.answers, folder.inline, dry_run=dry_run),
        label="component separation",
    )
    earlier = len(thoughts) - len(missing)
    tally.require_some(earlier)
    print(tally.summary("Component separation", earlier, dry_run=dry_run))
    if not dry_run:
        print(f"In {folder.answers}")


def _is_finished(folder: SeparationFolder, thought: Thought) -> bool:
    """Whether the row has its files; InputError if they belong to another thought.

    A row whose numbered thought is missing or damaged is annotated again.
    """
    index = thought.problem.index
    if not folder.is_finished(index):
        return False
    try:
        lines = folder.read_lines(index)
    except FormatError:
        return False
    folder.require_lines_of(thought, lines)
    return True
