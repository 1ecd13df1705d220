r"""How well the built-in annotator `rules` agrees with a model's annotation of the same thoughts.

    python benchmarks/rules_agreement.py LOGS_FOLDER [--model gpt-4o]

LOGS_FOLDER is a logs folder in the published layout: component_inline_M/D, created_dags_M/D. It
does not contain the thoughts, so each is rebuilt from its inline components, in their order, and
split into lines again. Prints F1 for each thought and for all together:

- boundaries: the lines where components begin (line 1 left out), found within --tolerance lines;
- edges: those of the DAG between components that match (half of their lines in common, or more);
- edges, given components: the DAG rules on the model's own components, and a plain chain;
- phases: the fraction of pairs of matching components whose order of phases agrees; also with the
  model's own components, for the rules and a plain chain.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from agreement import (
    Annotated,
    Score,
    boundary_score,
    edge_score,
    match,
    order_score,
    rebuild,
)
from sprint.component_separation import separation_rules
from sprint.dag_creation import dag_rules
from sprint.utils.errors import FormatError
from sprint.utils.thoughts.dag import parse_dag_answer
from sprint.utils.thoughts.inline import component_text, parse_inline
from sprint.utils.thoughts.packing import assign_phases


def annotate(lines: Sequence[str]) -> Annotated:
    """The annotation of the lines by `rules`. The logs do not contain the question."""
    components = separation_rules.separate(lines)
    texts = [component_text(component, lines) for component in components]
    spans = {part.number: range(part.lines[0], part.lines[-1] + 1) for part in components}
    return Annotated(lines, spans, texts, dag_rules.infer_parents("", texts))


def compare(expected: Annotated, tolerance: int) -> dict[str, Score]:
    found = annotate(expected.lines)
    matched = match(found.spans, expected.spans)
    numbers = [text.number for text in expected.texts]
    same = {number: number for number in numbers}
    chain = {numbers[0]: [], **{after: [before] for before, after in pairwise(numbers)}}
    plan_only = {text.number for text in expected.texts if not text.execution}

    def phases(parents: dict[int, list[int]]) -> dict[int, int]:
        return assign_phases(parents, plan_only)

    given = dag_rules.infer_parents("", expected.texts)
    return {
        "boundaries": boundary_score(found.boundaries, expected.boundaries, tolerance),
        "matched components": Score(len(matched), len(found.spans), len(expected.spans)),
        "edges": edge_score(found.parents, expected.parents, matched),
        "edges, given components": edge_score(given, expected.parents, same),
        "edges, plain chain": edge_score(chain, expected.parents, same),
        "phases": order_score(found.phases, expected.phases, matched),
        "phases, given components": order_score(phases(given), expected.phases, same),
        "phases, plain chain": order_score(phases(chain), expected.phases, same),
    }


def load(logs: Path, model: str, separator: str) -> dict[str, Annotated]:
    """The annotated thoughts of a logs folder, by file name. Prints which cannot be read."""
    thoughts = dict[str, Annotated]()
    for inline in sorted((logs / f"component_inline_{model}").glob("*/component_inline_*.txt")):
        index = inline.stem.removeprefix("component_inline_")
        dataset = inline.parent.name
        dag = logs / f"created_dags_{model}" / dataset / f"created_dag_{index}.json"
        try:
            texts = parse_inline(inline.read_text(encoding="utf-8"))
            numbers = [text.number for text in texts]
            parents = parse_dag_answer(dag.read_text(encoding="utf-8"), numbers).parents
        except (OSError, FormatError) as error:
            print(f"{dataset}/{index} skipped: {error}", file=sys.stderr)
            continue
        thoughts[f"{dataset}/{index}"] = Annotated(*rebuild(texts, separator), texts, parents)
    return thoughts


def show(title: str, scores: dict[str, Score]) -> None:
    print(title)
    for what, score in scores.items():
        print(f"  {what:<24} {score}")


class _Formatter(argparse.ArgumentDefaultsHelpFormatter, argparse.RawDescriptionHelpFormatter):
    """Shows the defaults, and the description as it is written."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=_Formatter)
    parser.add_argument("logs", type=Path)
    parser.add_argument("--model", default="gpt-4o", help="annotator to compare with")
    parser.add_argument("--tolerance", type=int, default=1, help="lines")
    parser.add_argument(
        "--separator",
        default=r"\n\n",
        help=r"separator between the parts of a rebuilt thought",
    )
    arguments = parser.parse_args()
    separator = arguments.separator.replace(r"\n", "\n")
    thoughts = load(arguments.logs, arguments.model, separator)
    if not thoughts:
        parser.error(f"no component_inline_{arguments.model}/*/component_inline_*.txt there")
    total = dict[str, Score]()
    for name, expected in thoughts.items():
        scores = compare(expected, arguments.tolerance)
        show(f"{name}: {len(expected.lines)} lines", scores)
        total = {what: total.get(what, Score()) + score for what, score in scores.items()}
    show(f"All {len(thoughts)}", total)


if __name__ == "__main__":
    main()
