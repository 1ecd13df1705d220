"""The row handling of stage 2 for all annotators: before and after the request to the annotator."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from ..utils.annotation.row_faults import FaultKind, RowFault
from ..utils.errors import FormatError
from ..utils.prompt_files import load_prompt
from ..utils.records import Thought
from ..utils.thoughts.dag import parse_dag_answer, render_parents
from ..utils.thoughts.inline import ComponentText, component_text, render_texts
from ..utils.thoughts.packing import pack_components
from ..utils.thoughts.stage_folders import DagFolder, SeparationFolder
from . import dag_rules


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

    prompt: ClassVar[str] = "dag_creation_prompt"

    separations: SeparationFolder
    folder: DagFolder
    dry_run: bool = False

    def prepare(self, thought: Thought) -> ComponentsOfThought | RowFault:
        index = thought.problem.index
        fingerprint = self.separations.fingerprint(index)
        if not self.separations.is_finished(index):
            words = "Component separation has not written this row."
            return RowFault(FaultKind.NO_COMPONENTS, words)
        try:
            separated = self.separations.read(index)
        except FormatError as error:
            return RowFault(FaultKind.NO_COMPONENTS, str(error))
        self.separations.require_lines_of(thought, separated.lines)
        texts = [component_text(part, separated.lines) for part in separated.components]
        return ComponentsOfThought(index, thought.problem.question, texts, fingerprint)

    def answer_by_rules(self, row: ComponentsOfThought) -> str:
        return dag_rules.annotate(row.question, row.components)

    def request(self, row: ComponentsOfThought) -> str:
        prompt, components = load_prompt(self.prompt), render_texts(row.components)
        return f"{prompt}\n\nProblem:\n{row.question}\n\nComponents:\n{components}"

    def accept(self, row: ComponentsOfThought, answer: str, *, durable: bool) -> Mapping[str, int]:
        checked = parse_dag_answer(answer, [text.number for text in row.components])
        if not self.dry_run:
            dag = render_parents(checked.parents)
            self.folder.write(row.index, answer, dag, row.fingerprint, durable=durable)
        return checked.repairs


@dataclass(frozen=True)
class DrawPicture:
    """Draws the DAG of a row in a worker process; returns the reason if it cannot.

    The phases are those of stage 3, from the same function.
    """

    separations: SeparationFolder
    folder: DagFolder
    min_execution_lines: int

    @property
    def note(self) -> str:
        """The setting recorded in a picture; if it differs, the picture is drawn again."""
        return f"Executions have {self.min_execution_lines} lines or more."

    def missing(self, indices: Iterable[int]) -> list[int]:
        """The rows with a DAG of their components but no picture of it in its phases."""
        return [
            index
            for index in indices
            if not self.folder.has_picture(index, self.note)
            and self.folder.is_current(index, self.separations.fingerprint(index))
        ]

    def __call__(self, index: int) -> str:
        from .picture import draw_dag  # imported here: matplotlib takes memory in each process

        try:
            separated = self.separations.read(index).components
            parents = self.folder.read(index, separated).parents
        except FormatError as error:
            return f"Row {index} has no picture: {error}"
        packing = pack_components(separated, parents, self.min_execution_lines)
        executed = {component.number for component in packing.components if component.execution}
        self.folder.write_picture(index, draw_dag(parents, packing.phases, executed, self.note))
        return ""
