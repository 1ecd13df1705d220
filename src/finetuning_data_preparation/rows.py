"""One row of stage 3, in a worker process: from the files of stages 1 and 2 to a row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..utils.errors import FormatError
from ..utils.records import Thought
from ..utils.thoughts.stage_folders import DagFolder, SeparationFolder
from .answers import judge
from .curation import Curated, Curation, pack, passed
from .filters import Reason
from .row_statistics import PhaseStatistics, RowStatistics, count_lines

STATED, UNSTATED = "stated_by_the_thought", "graded_by_the_solution_alone"
MATCHING, UNGRADED = "equal_to_the_reference", "not_graded"
"""Of finished trajectories, whose own final answer is graded if there is a reference."""


@dataclass(frozen=True)
class RowResult:
    """The outcome for a row: `row` if it is kept, else the `reason` why not.

    `shape` is None if there was nothing to pack. `stated`: whether the thought itself states the
    final answer, so that the row does not rely on the solution alone. `fault`: why an earlier
    stage has not annotated the row, with the stage's name. `graded`: whether there was a reference
    answer.
    """

    index: int
    row: Curated | None = None
    reason: Reason | None = None
    shape: RowStatistics | PhaseStatistics | None = None
    stated: bool = True
    lines: Mapping[str, int] = field(default_factory=dict)
    repairs: Mapping[str, int] = field(default_factory=dict)
    fault: str = ""
    graded: bool = True

    @property
    def rows(self) -> tuple[Curated, ...]:
        """The rows of the dataset: several if several structures are kept."""
        return (self.row, *self.row.others) if self.row is not None else ()

    @property
    def grading(self) -> str:
        """How the final answer was graded."""
        if isinstance(self.shape, PhaseStatistics):
            return MATCHING if self.graded else UNGRADED
        return STATED if self.stated else UNSTATED


@dataclass(frozen=True)
class CurateRow:
    """Reads the output of earlier stages for a thought, packs it and filters it."""

    separations: SeparationFolder
    dags: DagFolder
    curation: Curation

    def __call__(self, thought: Thought) -> RowResult:
        index = thought.problem.index
        if not self.separations.is_finished(index):
            fault = f"component_separation_{self.separations.faults.kind(index)}"
            return RowResult(index, reason=Reason.NO_COMPONENTS, fault=fault)
        if not self.dags.is_finished(index):
            return self._without_dag(index, Reason.NO_DAG)
        try:
            fingerprint = self.separations.fingerprint(index)
            separated = self.separations.read(index)
            if not self.dags.is_current(index, fingerprint):
                return self._without_dag(index, Reason.STALE_DAG)
            dag = self.dags.read(index, separated.components)
        except FormatError:
            return RowResult(index, reason=Reason.UNREADABLE)
        if "".join(separated.lines) != thought.text:
            return RowResult(index, reason=Reason.ANOTHER_THOUGHT)
        packed = pack(thought, separated, dag.parents, self.curation)
        judgement = judge(thought)
        made = passed(packed, judgement.correct, self.curation)
        repairs = [separated.repairs, dag.repairs]
        if isinstance(made, Curated):
            repairs.append(packed.repaired)
        return RowResult(
            index,
            made if isinstance(made, Curated) else None,
            made if isinstance(made, Reason) else None,
            packed.shape,
            judgement.stated,
            count_lines(separated.components, separated.repairs),
            _sum(repairs),
        )

    def _without_dag(self, index: int, reason: Reason) -> RowResult:
        fault = f"dag_creation_{self.dags.faults.kind(index)}"
        return RowResult(index, reason=reason, fault=fault)


def _sum(counts: list[Mapping[str, int]]) -> dict[str, int]:
    kinds = dict.fromkeys(kind for each in counts for kind in each)
    return {kind: sum(each.get(kind, 0) for each in counts) for kind in kinds}
