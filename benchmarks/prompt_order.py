"""What the longest work first would gain: sequential tokens of trajectories in both orders.

    python benchmarks/prompt_order.py SOURCE [--tokenizer T] [--model gpt-4o] [--split train]

SOURCE is one of three:

- a folder of SPRINT trajectories written by inference;
- a dataset with the column `trajectory`. The texts do not contain the DAGs, so for these two every
  order of the prompts of a plan is allowed, each with the text that leads to it: what follows the
  last prompt stays last, and separators stay as they are;
- a logs folder of curation in the published layout (component_separation_output_M/D,
  component_inline_M/D, created_dags_M/D). Its rows are written as stage 3 does, with the
  dependencies of the DAGs, and not filtered.

For rows that stage 3 has curated, the same figures are in curation_report.json. Lengths are in
words, or in tokens of --tokenizer.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from sprint.finetuning_data_preparation.order_gain import OrderGain, OrderTokens, gain_of
from sprint.finetuning_data_preparation.prompt_order import longest_first
from sprint.finetuning_data_preparation.trajectory import build_trajectory
from sprint.utils.data.loading import DataSource, load_rows
from sprint.utils.grammar import parse
from sprint.utils.records import Phase, Trajectory
from sprint.utils.results.reading import trajectory_files
from sprint.utils.thoughts.components import parse_component_answer
from sprint.utils.thoughts.dag import parse_dag_answer
from sprint.utils.thoughts.inline import ComponentText, parse_inline
from sprint.utils.thoughts.packing import assign_phases
from sprint.utils.tokens.counting import TokenCounter, count_tokens
from sprint.utils.tokens.tokenizers import token_counter

SHORT = 4
"""Executions with fewer lines are merged into their plan, as in the published data."""


def reordered(trajectory: Trajectory, count: TokenCounter) -> Trajectory:
    """With the prompts of each plan in the best order, if none depends on another."""

    def best(phase: Phase) -> Phase:
        order = longest_first([count(work) for work in phase.executions], [()] * len(phase.prompts))
        rest = phase.plan[len(order) :]
        return Phase(
            (*(phase.plan[k] for k in order), *rest), tuple(phase.executions[k] for k in order)
        )

    return replace(trajectory, phases=tuple(map(best, trajectory.phases)))


def written(folder: Path) -> Iterator[Trajectory]:
    for file in trajectory_files(folder):
        yield parse(file.read())


def trained(source: str, split: str) -> Iterator[Trajectory]:
    table = load_rows(DataSource(source, split=split))
    for number in range(len(table)):
        yield parse(table.texts(number)["trajectory"])


def curated(logs: Path, model: str, count: TokenCounter) -> Iterator[tuple[Trajectory, Trajectory]]:
    """Each row as stage 3 writes it: in the order of the thought, and longest work first."""
    for inline in sorted((logs / f"component_inline_{model}").glob("*/component_inline_*.txt")):
        dataset, index = inline.parent.name, inline.stem.removeprefix("component_inline_")

        def read(folder: str, name: str, dataset: str = dataset) -> str:
            return (logs / f"{folder}_{model}" / dataset / name).read_text(encoding="utf-8")

        answer = read("component_separation_output", f"component_separation_{index}.txt")
        lines = {part.number: len(part.execution) for part in parse_component_answer(answer)}
        texts = [
            merged(text, lines[text.number])
            for text in parse_inline(inline.read_text(encoding="utf-8"))
        ]
        dag = read("created_dags", f"created_dag_{index}.json")
        parents = parse_dag_answer(dag, [text.number for text in texts]).parents
        phases = assign_phases(parents, {text.number for text in texts if not text.execution})
        given = ("", texts, parents, phases, "")
        yield build_trajectory(*given), build_trajectory(*given, longest_first=count)


def merged(text: ComponentText, lines: int) -> ComponentText:
    """Plan-only if the execution is short. A text that is named as both parts is the execution."""
    plan = "" if text.plan == text.execution else text.plan
    if lines >= SHORT:
        return replace(text, plan=plan)
    parts = [part for part in (plan, text.execution, text.comment) if part]
    return replace(text, plan="\n".join(parts), execution="", comment="")


def words(text: str) -> int:
    return len(text.split())


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("source")
    parser.add_argument("--tokenizer", help="name or path")
    parser.add_argument("--model", default="gpt-4o", help="annotator of the logs of curation")
    parser.add_argument("--split", default="train", help="of a dataset")
    arguments = parser.parse_args()
    count = token_counter(arguments.tokenizer) if arguments.tokenizer else words
    folder = Path(arguments.source)
    if (folder / f"component_inline_{arguments.model}").is_dir():
        pairs = curated(folder, arguments.model, count)
    else:
        is_written = folder.is_dir() and trajectory_files(folder)
        one_order = written(folder) if is_written else trained(arguments.source, arguments.split)
        pairs = ((one, reordered(one, count)) for one in one_order)
    rows, counts = 0, Counter[str]()
    for pair in pairs:
        rows += 1
        counts.update(gain_of(*(count_tokens(one, count) for one in pair)).counts())
    gain = OrderGain.of(counts)
    unit = "tokens" if arguments.tokenizer else "words"
    print(f"{rows} trajectories: {shown(gain.whole, unit)}")
    print(f"{gain.phases} phases with several prompts: {shown(gain.several, unit)}")


def shown(tokens: OrderTokens, unit: str) -> str:
    return (
        f"{tokens.original} {unit} one after another, {tokens.longest_first} with the longest work "
        f"first, {-100 * (tokens.gain or 0):.1f} %"
    )


if __name__ == "__main__":
    main()
