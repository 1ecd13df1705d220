"""One row with a finished trajectory, in a worker process: checked, filtered and written anew."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..utils.data.trajectories import TrajectoryText
from ..utils.grading import grade_many
from ..utils.grading.final_answers import sprint_answer
from ..utils.grammar import NotFinishedError, parse_finished
from ..utils.records import Problem, Thought, Trajectory
from .curation import Curated, Curation, written
from .filters import Reason, why_dropped
from .row_statistics import PhaseStatistics
from .rows import RowResult


@dataclass(frozen=True)
class CheckTrajectory:
    """Parses a finished trajectory strictly and filters it like a curated one.

    Its components are unknown: there is no parallelization ratio, and no other order of the
    prompts. Its final answer is graded if the row has a reference answer.
    """

    curation: Curation

    def __call__(self, row: TrajectoryText) -> RowResult:
        index, problem = row.problem.index, row.problem
        try:
            found = parse_finished(row.text, problem.question, self.curation.sprint_prompt)
        except NotFinishedError as error:
            return RowResult(index, reason=Reason(error.kind.value))
        if row.repeated:
            return RowResult(index, reason=Reason.REPEATED)
        trajectory = found.trajectory
        made = self._passed(row.thought, trajectory)
        return RowResult(
            index,
            made if isinstance(made, Curated) else None,
            made if isinstance(made, Reason) else None,
            PhaseStatistics(len(trajectory.phases)),
            repairs={repair.value: 1 for repair in sorted(found.repairs)},
            graded=bool(problem.answer),
        )

    def _passed(self, thought: Thought, trajectory: Trajectory) -> Curated | Reason:
        """The row for training, or the first reason to drop it."""
        answer = trajectory.final_answer or ""
        is_correct = _is_correct(thought.problem, answer)
        if reason := why_dropped(trajectory, None, is_correct, self.curation.limits):
            return reason
        thought = replace(thought, problem=replace(thought.problem, question=trajectory.question))
        return written(thought, trajectory, answer, self.curation)


def _is_correct(problem: Problem, answer: str) -> bool:
    """Also without a reference answer: then nothing shows that it is wrong."""
    if not problem.answer:
        return True
    predicted = sprint_answer(answer)  # as inference does
    return all(grade.correct for grade in grade_many([(problem.answer, predicted)]))
