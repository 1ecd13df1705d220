"""One row of stage 2 with the built-in annotator, as a worker process does it."""

from __future__ import annotations

from dataclasses import dataclass

from ..utils.curation.dag import parse_dag_answer, render_parents
from ..utils.curation.faults import RowFault
from ..utils.curation.files import DagFolder, SeparationFolder
from ..utils.curation.inline import component_text
from ..utils.curation.rows import RowOutcome
from ..utils.errors import FormatError
from ..utils.records import Thought
from . import rules
from .components import read_components


@dataclass(frozen=True)
class CreateByRules:
    """Reads the components of a thought and writes its DAG."""

    separations: SeparationFolder
    folder: DagFolder

    def __call__(self, thought: Thought) -> RowOutcome:
        index = thought.problem.index
        fingerprint = self.separations.fingerprint(index)
        separated = read_components(self.separations, index)
        if isinstance(separated, RowFault):
            return RowOutcome(index, fault=separated)
        texts = [component_text(part, separated.lines) for part in separated.components]
        answer = rules.annotate(thought.problem.question, texts)
        try:
            checked = parse_dag_answer(answer, [text.number for text in texts])
        except FormatError as error:
            return RowOutcome(index, fault=RowFault.of(error))
        # Made again for nothing, should the machine crash: not worth waiting for the disk.
        dag = render_parents(checked.parents)
        self.folder.write(index, answer, dag, fingerprint, durable=False)
        return RowOutcome(index, checked.repairs)
