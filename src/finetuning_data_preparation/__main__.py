"""Stage 3: pack components and DAGs into trajectories, filter them, and write fine-tuning data.

Reads what stages 1 and 2 wrote. Writes trajectory_data/D, finetuning_data/D (train and test, for
SPRINT and RFT alike, with a card) and curation_report.json with its picture below the logs folder,
anew each time. With --shard it sets its share aside; --merge makes the same of all the shares.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..utils.atomic import writable_folder
from ..utils.cli import (
    add_data_flags,
    add_logs_dir,
    add_scale_flags,
    data_source,
    make_parser,
    not_negative,
    positive,
    run_main,
    seed,
    share,
)
from ..utils.curation.annotation import RULES
from ..utils.curation.files import DagFolder, SeparationFolder
from ..utils.curation.short_executions import add_min_execution_lines
from ..utils.datasets_io import load_thoughts
from ..utils.errors import InputError
from ..utils.hub import check_push
from ..utils.locks import locked
from ..utils.processes import run_in_processes
from ..utils.prompts import load_prompt, prompt_hash
from ..utils.provenance import with_this
from ..utils.runner import run_async
from ..utils.tokenizer_loading import token_counter
from .curation import Curation
from .filters import Limits
from .finish import REPORT, finish
from .hub import push
from .parts import PartsFolder, find_parts
from .report import FinalReport, Report
from .report_text import summary
from .rows import CurateRow, RowResult

NO_SETTINGS = ("logs_dir", "shard", "num_processes", "merge", "push_to_hub", "private")
"""Flags that do not change what is made."""


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = make_parser(__doc__)
    add_data_flags(parser)
    for stage, number in (("component_separation", 1), ("dag_creation", 2)):
        parser.add_argument(
            f"--{stage}_model", default=RULES, help=f"annotator of stage {number}, as given there"
        )
    add_min_execution_lines(parser)
    parser.add_argument(
        "--parallelization_threshold",
        type=not_negative,
        default=1.5,
        help="components per phase that a trajectory has at least",
    )
    parser.add_argument(
        "--max_phases",
        type=positive,
        default=12,
        help="rounds of inference; a trajectory has one less at most",
    )
    parser.add_argument(
        "--max_prompts",
        type=positive,
        default=8,
        help="prompts in one plan of a trajectory at most",
    )
    parser.add_argument(
        "--max_length",
        type=positive,
        help="tokens that training takes: longer rows are left out; needs --tokenizer",
    )
    parser.add_argument(
        "--tokenizer",
        help="name or path of the tokenizer that counts; without one the report counts words",
    )
    parser.add_argument(
        "--test_fraction", type=share, default=0.05, help="share of the rows that test training"
    )
    parser.add_argument("--seed", type=seed, default=0, help="seed that chooses the test rows")
    add_scale_flags(parser)
    parser.add_argument(
        "--merge",
        action="store_true",
        help="merge what runs with --shard have set aside, instead of curating",
    )
    parser.add_argument(
        "--push_to_hub",
        metavar="NAME",
        help="push the dataset and its card to this name on the hub, with HF_TOKEN",
    )
    parser.add_argument(
        "--private", action="store_true", help="a dataset that is new on the hub is private"
    )
    add_logs_dir(parser)
    return parser.parse_args(arguments)


def prepare(arguments: argparse.Namespace) -> None:
    """Curate the rows of the range, or a share of them; write what is kept of the whole.

    InputError where another run does so at the same time; shares may be curated side by side.
    """
    check(arguments)
    curation = make_curation(arguments)
    writable_folder(arguments.logs_dir)
    name = data_source(arguments).folder_name
    data = writable_folder(arguments.logs_dir / "finetuning_data") / name
    lock = data.with_name(f".{name}.lock")
    with locked(lock, f"{data}", shared=not arguments.shard.is_whole):
        prepare_alone(arguments, curation, data)


def prepare_alone(arguments: argparse.Namespace, curation: Curation, data: Path) -> None:
    """As `prepare`, into `data`, while no other run writes the same."""
    settings = {
        name: value for name, value in sorted(vars(arguments).items()) if name not in NO_SETTINGS
    } | {
        "sprint_prompt": prompt_hash(curation.sprint_prompt),
        "serial_prompt": prompt_hash(curation.serial_prompt),
    }
    if arguments.merge:
        parts = find_parts(data)
    else:
        parts = PartsFolder(data, arguments.shard.count)
        report = Report(software=with_this([]))
        run_async(lambda: curate_share(arguments, curation, report, parts, settings))
        if not arguments.shard.is_whole:
            share = FinalReport(report, settings, 0, curation.unit)
            print(f"Share {arguments.shard}: {summary(share)}")
            print("When all shares are there: the same command with --merge instead of --shard.")
            return
    final = finish(parts, arguments.logs_dir, settings, curation.unit)
    print(summary(final))
    if not final.report.kept:
        parts.remove()
        raise InputError(
            f"None of {final.report.read} rows was kept, so there is nothing to train on: see "
            f"{arguments.logs_dir / REPORT} for the reasons, and loosen the filters or repair the "
            "stages before."
        )
    print(
        f"{final.report.kept - final.test} for training and {final.test} for testing, "
        f"in {parts.data}"
    )
    if arguments.push_to_hub is not None:
        print(f"On the hub: {push(parts.data, arguments.push_to_hub, private=arguments.private)}")
    parts.remove()  # only now: the same command can repeat all of it, a push that failed included


def check(arguments: argparse.Namespace) -> None:
    """Raise InputError for flags that cannot work, before anything is done."""
    if not 0 <= arguments.test_fraction < 1:
        raise InputError(f"--test_fraction is {arguments.test_fraction}: give 0 up to below 1.")
    if arguments.merge and not arguments.shard.is_whole:
        raise InputError("--merge is for all shares together: leave out --shard.")
    if arguments.push_to_hub is not None:
        if not arguments.shard.is_whole:
            raise InputError("A share is not pushed: give --push_to_hub together with --merge.")
        check_push(arguments.push_to_hub, "dataset")


def make_curation(arguments: argparse.Namespace) -> Curation:
    """How to curate, from the flags. InputError where a length is limited but not countable."""
    if arguments.max_length is not None and arguments.tokenizer is None:
        raise InputError(
            "--max_length and --tokenizer go together: the length is counted in tokens of that "
            "tokenizer. Give both, or leave out --max_length."
        )
    if arguments.tokenizer:
        token_counter(arguments.tokenizer)  # here, so that a wrong name ends the run at once
    return Curation(
        Limits(
            parallelization_threshold=arguments.parallelization_threshold,
            max_phases=arguments.max_phases,
            max_prompts=arguments.max_prompts,
            max_length=arguments.max_length,
        ),
        arguments.min_execution_lines,
        load_prompt("global_agent_prompt"),
        load_prompt("base_model_prompt"),
        arguments.tokenizer,
    )


async def curate_share(
    arguments: argparse.Namespace,
    curation: Curation,
    report: Report,
    parts: PartsFolder,
    settings: Mapping[str, Any],
) -> None:
    """Curate the rows of the share into `report` and a part."""
    source = data_source(arguments)
    thoughts = load_thoughts(source)
    separations = SeparationFolder(
        arguments.logs_dir, arguments.component_separation_model, source.folder_name
    )
    dags = DagFolder(arguments.logs_dir, arguments.dag_creation_model, source.folder_name)
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
    whole = {"rows": len(thoughts), "hash_of_ids": thoughts.hash_of_ids()}
    with parts.write(arguments.shard.number, settings, whole, report) as rows:

        def take(result: RowResult) -> None:
            report.add(result)
            if result.row is not None:
                rows.add(result.row.row())

        await run_in_processes(
            arguments.shard.of(thoughts),
            CurateRow(separations, dags, curation),
            take,
            processes=arguments.num_processes,
            label="fine-tuning data",
        )


def main() -> None:
    prepare(parse_arguments())


if __name__ == "__main__":
    run_main(main)
