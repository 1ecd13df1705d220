"""Stage 3: pack components and DAGs into trajectories, filter them, and write fine-tuning data.

Reads what stages 1 and 2 wrote. Writes trajectory_data/D, finetuning_data/D (train and test, for
SPRINT and RFT alike) and curation_report.json below the logs folder, anew each time.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from ..utils.atomic import writable_folder, write_json, write_text
from ..utils.cli import add_data_flags, add_logs_dir, data_source, make_parser, positive, run_main
from ..utils.curation.annotation import RULES
from ..utils.curation.files import DagFolder, SeparationFolder
from ..utils.datasets_io import DataSource, load_thoughts
from ..utils.errors import FormatError, InputError
from ..utils.grading import grade_many
from ..utils.progress import Progress
from ..utils.prompts import load_prompt
from ..utils.records import Thought
from ..utils.tokenizer_loading import token_counter
from .curation import Curated, Curation, curate, predicted_answer
from .dataset import choose_test, write_dataset
from .filters import Limits, Reason
from .report import Report


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = make_parser(__doc__)
    add_data_flags(parser)
    for stage, number in (("component_separation", 1), ("dag_creation", 2)):
        parser.add_argument(
            f"--{stage}_model", default=RULES, help=f"annotator of stage {number}, as given there"
        )
    parser.add_argument(
        "--min_execution_lines",
        type=positive,
        default=4,
        help="executions with fewer lines are merged into their plan",
    )
    parser.add_argument(
        "--parallelization_threshold",
        type=float,
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
    parser.add_argument("--tokenizer", help="name or path of the tokenizer that counts them")
    parser.add_argument(
        "--test_fraction", type=float, default=0.05, help="share of the rows that test training"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the choice of the test rows")
    add_logs_dir(parser)
    return parser.parse_args(arguments)


def prepare(arguments: argparse.Namespace) -> None:
    """Curate the rows of the range and write what is kept."""
    if not 0 <= arguments.test_fraction < 1:
        raise InputError(f"--test_fraction is {arguments.test_fraction}: give 0 up to below 1.")
    curation = make_curation(arguments)
    source = data_source(arguments)
    report = curate_all(arguments, source, load_thoughts(source), curation)
    test = choose_test(len(report.kept), arguments.test_fraction, arguments.seed)
    settings: dict[str, Any] = {
        name: value for name, value in sorted(vars(arguments).items()) if name != "logs_dir"
    }
    path = writable_folder(arguments.logs_dir) / "curation_report.json"
    write_json(path, report.as_json(settings, test))
    if not report.kept:
        raise InputError(
            f"None of {report.read} rows was kept, so there is nothing to train on: see {path} for "
            "the reasons, and loosen the filters or repair the stages before."
        )
    trajectories = writable_folder(arguments.logs_dir / "trajectory_data" / source.folder_name)
    for stale in trajectories.glob("trajectory_data_*.txt"):
        stale.unlink()
    for row in report.kept:
        index = row.thought.problem.index
        write_text(trajectories / f"trajectory_data_{index}.txt", row.trajectory)
    data = writable_folder(arguments.logs_dir / "finetuning_data") / source.folder_name
    write_dataset(data, report.kept, test)
    print(report.summary())
    print(f"{len(report.kept) - len(test)} for training and {len(test)} for testing, in {data}")


def make_curation(arguments: argparse.Namespace) -> Curation:
    """How to curate, from the flags. InputError where a length is limited but not countable."""
    if (arguments.max_length is None) != (arguments.tokenizer is None):
        raise InputError(
            "--max_length and --tokenizer go together: the length is counted in tokens of that "
            "tokenizer. Give both, or neither."
        )
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
        token_counter(arguments.tokenizer) if arguments.tokenizer else None,
    )


def curate_all(
    arguments: argparse.Namespace,
    source: DataSource,
    thoughts: Sequence[Thought],
    curation: Curation,
) -> Report:
    """Curate each row; a row that cannot be read is dropped, with a reason like any other."""
    separations = SeparationFolder(
        arguments.logs_dir, arguments.component_separation_model, source.folder_name
    )
    dags = DagFolder(arguments.logs_dir, arguments.dag_creation_model, source.folder_name)
    if not any(dags.is_finished(thought.problem.index) for thought in thoughts):
        raise InputError(
            f"No DAGs in {dags.dags}: run component separation and DAG creation first, with the "
            "same dataset, range and models."
        )
    grades = grade_many((thought.problem.answer, predicted_answer(thought)) for thought in thoughts)
    report = Report()
    with Progress(len(thoughts), "fine-tuning data") as progress:
        for thought, grade in zip(thoughts, grades, strict=True):
            made = _curate_row(separations, dags, thought, grade.correct, curation, report)
            if isinstance(made, Reason):
                report.drop(thought.problem.index, made)
            else:
                report.keep(made)
            progress.advance()
    return report


def _curate_row(
    separations: SeparationFolder,
    dags: DagFolder,
    thought: Thought,
    is_correct: bool,
    curation: Curation,
    report: Report,
) -> Curated | Reason:
    index = thought.problem.index
    if not separations.is_finished(index):
        return Reason.NO_COMPONENTS
    if not dags.is_finished(index):
        return Reason.NO_DAG
    try:
        separated = separations.read(index)
        dag = dags.read(index, separated.components)
    except FormatError:
        return Reason.UNREADABLE
    if "".join(separated.lines) != thought.text:
        return Reason.ANOTHER_THOUGHT
    report.mend(separated.repairs)
    report.mend(dag.repairs)
    return curate(thought, separated, dag.parents, is_correct, curation)


def main() -> None:
    prepare(parse_arguments())


if __name__ == "__main__":
    run_main(main)
