"""Stage 2: find out which components of a thought depend on which.

Reads what component separation wrote, and writes dag_creation_output_M/D, created_dags_M/D and
dags_viz_M/D below the logs folder. Rows whose files are there, made from the components as they
are now, are left as they are, so the same command goes on after an interruption.
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
    whole,
)
from ..utils.curation.annotation import RULES
from ..utils.curation.annotator_flags import add_annotator_flags, open_annotator
from ..utils.curation.files import DagFolder, SeparationFolder, stage_folders
from ..utils.curation.prompt_record import require_same_annotation
from ..utils.curation.rows import annotate_rows
from ..utils.curation.short_executions import add_min_execution_lines
from ..utils.datasets_io import load_thoughts
from ..utils.errors import InputError
from ..utils.processes import run_in_processes
from ..utils.runner import run_async
from . import llm
from .drawing import DrawPicture
from .rows import DagRows, answer_by_rules


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = make_parser(__doc__)
    add_data_flags(parser)
    parser.add_argument(
        "--component_separation_model",
        default=RULES,
        help="annotator of stage 1 whose components are read",
    )
    add_annotator_flags(parser, "dag_creation")
    parser.add_argument(
        "--max_pictures",
        type=whole,
        help="draw the DAGs of so many rows, from the first of the range on (default: of all)",
    )
    add_min_execution_lines(parser)
    add_scale_flags(parser)
    add_logs_dir(parser)
    return parser.parse_args(arguments)


async def create_all(arguments: argparse.Namespace) -> None:
    """Annotate the rows that have no files yet, and print what became of them."""
    source = data_source(arguments)
    model: str = arguments.dag_creation_model
    dry_run: bool = arguments.dry_run
    everything = load_thoughts(source)
    stage_folders(arguments.logs_dir, dry_run=dry_run)
    thoughts = arguments.shard.of(everything)
    separations = SeparationFolder(
        arguments.logs_dir, arguments.component_separation_model, source.folder_name
    )
    if not any(map(separations.is_finished, everything.indices)):
        raise InputError(
            f"No components in {separations.answers}: run component separation first, with the "
            "same dataset, range and --component_separation_model."
        )
    folder = DagFolder(arguments.logs_dir, model, source.folder_name)
    missing = thoughts.where_index(
        lambda index: not folder.is_current(index, separations.fingerprint(index))
    )

    async with open_annotator(arguments, "dag_creation") as annotator:
        stage_folders(folder.answers, folder.dags, folder.pictures, dry_run=dry_run)
        if annotator is not None:
            require_same_annotation(
                folder.answers, [llm.PROMPT], annotator.chat, record=not dry_run
            )
        tally = await annotate_rows(
            missing,
            DagRows(separations, folder, dry_run),
            annotator,
            rules=answer_by_rules,
            request=llm.request,
            max_attempts=arguments.max_attempts,
            faults=None if dry_run else folder.faults,
            processes=arguments.num_processes,
            label="DAG creation",
        )
    earlier = len(thoughts) - len(missing)
    tally.require_some(earlier)
    most: int | None = 0 if dry_run else arguments.max_pictures
    chosen = frozenset(everything.indices[: None if most is None else max(0, most)])
    draw = DrawPicture(separations, folder, arguments.min_execution_lines)
    await run_in_processes(
        draw.missing(index for index in thoughts.indices if index in chosen),
        draw,
        lambda fault: print(fault) if fault else None,
        processes=arguments.num_processes,
        label="DAG pictures",
    )
    print(tally.summary("DAG creation", earlier, dry_run=dry_run))
    if not dry_run:
        print(f"In {folder.dags}")


def main() -> None:
    arguments = parse_arguments()
    run_async(lambda: create_all(arguments))


if __name__ == "__main__":
    run_main(main)
