"""Stage 1: divide each thought into components (plan, prompt, execution, comment).

Writes component_separation_output_M/D and component_inline_M/D below the logs folder. Rows whose
files are there are left as they are, so the same command goes on after an interruption.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from ..utils.cli import (
    add_data_flags,
    add_logs_dir,
    add_scale_flags,
    data_source,
    make_parser,
    run_main,
)
from ..utils.curation.annotator_flags import add_annotator_flags, open_annotator
from ..utils.curation.files import SeparationFolder, stage_folders
from ..utils.curation.prompt_record import require_same_annotation
from ..utils.curation.rows import annotate_rows
from ..utils.datasets_io import load_thoughts
from ..utils.errors import FormatError
from ..utils.records import Thought
from ..utils.runner import run_async
from . import llm
from .rows import SeparationRows, answer_by_rules


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = make_parser(__doc__)
    add_data_flags(parser)
    add_annotator_flags(parser, "component_separation")
    add_scale_flags(parser)
    add_logs_dir(parser)
    return parser.parse_args(arguments)


async def separate_all(arguments: argparse.Namespace) -> None:
    """Annotate the rows that have no files yet, and print what became of them."""
    source = data_source(arguments)
    model: str = arguments.component_separation_model
    dry_run: bool = arguments.dry_run
    thoughts = arguments.shard.of(load_thoughts(source))
    stage_folders(arguments.logs_dir, dry_run=dry_run)
    folder = SeparationFolder(arguments.logs_dir, model, source.folder_name)
    missing = thoughts.where(lambda thought: not _is_finished(folder, thought))

    async with open_annotator(arguments, "component_separation") as annotator:
        stage_folders(folder.answers, folder.inline, dry_run=dry_run)
        if annotator is not None:
            require_same_annotation(
                folder.answers, [llm.PROMPT], annotator.chat, record=not dry_run
            )
        tally = await annotate_rows(
            missing,
            SeparationRows(folder, dry_run),
            annotator,
            rules=answer_by_rules,
            request=llm.request,
            max_attempts=arguments.max_attempts,
            faults=None if dry_run else folder.faults,
            processes=arguments.num_processes,
            label="component separation",
        )
    earlier = len(thoughts) - len(missing)
    tally.require_some(earlier)
    print(tally.summary("Component separation", earlier, dry_run=dry_run))
    if not dry_run:
        print(f"In {folder.answers}")


def _is_finished(folder: SeparationFolder, thought: Thought) -> bool:
    """Whether the row has its files; InputError where they belong to another thought.

    One whose numbered thought is missing or damaged is annotated again.
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


def main() -> None:
    arguments = parse_arguments()
    run_async(lambda: separate_all(arguments))


if __name__ == "__main__":
    run_main(main)
