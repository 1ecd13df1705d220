"""The row handling of stage 2 for all annotators: before and after the annotator is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..utils.annotation.faults import RowFault
from ..utils.records import Thought
from ..utils.thoughts.dag import parse_dag_answer, render_parents
from ..utils.thoughts.inline import ComponentText, component_text
from ..utils.thoughts.stage_folders import DagFolder, SeparationFolder
from . import rules
from .read_components import read_components


@dataclass(frozen=True)
class ComponentsOfThought:
    """The annotator's input; `fingerprint` identifies the components on disk."""

    index: int
    question: str
    components: list[ComponentText]
    fingerprint: str


@dataclass(frozen=True)
class DagRows:
    """Reads the components of thoughts, and writes the files of their DAGs into `folder`.

    A dry run only checks answers.
    """

    separations: SeparationFolder
    folder: DagFolder
    dry_run: bool = False

    def prepare(self, thought: Thought) -> ComponentsOfThought | RowFault:
        index = thought.problem.index
        fingerprint = self.separations.fingerprint(index)
        separated = read_components(self.separations, index)
        if isinstance(separated, RowFault):
            return separated
        self.separations.require_lines_of(thought, separated.lines)
        texts = [component_text(part, separated.lines) for part in separated.components]
        return ComponentsOfThought(index, thought.problem.question, texts, fingerprint)

    def accept(self, row: ComponentsOfThought, answer: str, *, durable: bool) -> Mapping[str, int]:
        checked = parse_dag_answer(answer, [text.number for text in row.components])
        if not self.dry_run:
            dag = render_parents(checked.parents)
            self.folder.write(row.index, answer, dag, row.fingerprint, durable=durable)
        return checked.repairs


def answer_by_rules(row: ComponentsOfThought) -> str:
    return rules.annotate(row.question, row.components)
