"""Stage 2: find out which components of a thought depend on which.

Reads what component separation wrote, and writes dag_creation_output_M/D, created_dags_M/D and
dags_viz_M/D below the logs folder. Rows whose files are there are left as they are, so the same
command goes on after an interruption.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from ..utils.atomic import writable_folder
from ..utils.cli import add_data_flags, add_logs_dir, data_source, make_parser, run_main
from ..utils.curation.annotation import RULES, Annotation, Tally
from ..utils.curation.annotator_flags import add_annotator_flags, open_annotator
from ..utils.curation.dag import CheckedDag, parse_dag_answer, render_parents
from ..utils.curation.files import DagFolder, Separated, SeparationFolder
from ..utils.curation.inline import component_text
from ..utils.datasets_io import load_thoughts
from ..utils.errors import CallError, FormatError, InputError
from ..utils.records import Problem
from ..utils.runner import run_async
from . import llm, rules
from .picture import draw_dag


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
        type=int,
        default=100,
        help="DAGs that are also drawn, from the first row of the range on",
    )
    add_logs_dir(parser)
    return parser.parse_args(arguments)


async def create_all(arguments: argparse.Namespace) -> None:
    """Annotate the rows that have no files yet, and print what became of them."""
    source = data_source(arguments)
    model: str = arguments.dag_creation_model
    problems = [thought.problem for thought in load_thoughts(source)]
    separations = SeparationFolder(
        arguments.logs_dir, arguments.component_separation_model, source.folder_name
    )
    if not any(separations.is_finished(problem.index) for problem in problems):
        raise InputError(
            f"No components in {separations.answers}: run component separation first, with the "
            "same dataset, range and --component_separation_model."
        )
    folder = DagFolder(arguments.logs_dir, model, source.folder_name)
    drawn = {problem.index for problem in problems[: arguments.max_pictures]}
    missing = [
        problem
        for problem in problems
        if not folder.is_current(problem.index, separations.answer_path(problem.index))
    ]
    tally = Tally()

    async def work(problem: Problem) -> None:
        index = problem.index
        if not separations.is_finished(index):
            tally.failed[index] = "Component separation has not written this row."
            return
        try:
            separated = separations.read(index)
            found = await annotate(problem.question, separated)
        except (FormatError, CallError) as error:
            tally.failed[index] = str(error)
            return
        parents = found.checked.parents
        executed = {part.number for part in separated.components if part.execution}
        picture = draw_dag(parents, executed) if index in drawn else None
        folder.write(index, found.answer, render_parents(parents), picture)
        tally.add(found.checked.repairs)

    async def annotate(question: str, separated: Separated) -> Annotation[CheckedDag]:
        if chat is None:
            texts = [component_text(part, separated.lines) for part in separated.components]
            answer = rules.annotate(question, texts)
            return Annotation(answer, parse_dag_answer(answer, [text.number for text in texts]))
        return await llm.annotate(chat, question, separated, arguments.max_attempts)

    async with open_annotator(arguments, "dag_creation") as annotator:
        chat = annotator.chat
        for path in (folder.answers, folder.dags, folder.pictures):
            writable_folder(path)
        await annotator.run(missing, work, label="DAG creation")
    earlier = len(problems) - len(missing)
    tally.require_some(earlier)
    print(tally.summary("DAG creation", earlier))
    print(f"In {folder.dags}")


def main() -> None:
    arguments = parse_arguments()
    run_async(lambda: create_all(arguments))


if __name__ == "__main__":
    run_main(main)
