"""The pictures of existing DAGs, from any run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..utils.errors import FormatError
from ..utils.thoughts.short_executions import merge_short_executions
from ..utils.thoughts.stage_folders import DagFolder, SeparationFolder


@dataclass(frozen=True)
class DrawPicture:
    """Draws the DAG of a row in a worker process; returns the reason if it cannot.

    Phases are those of the trajectory, whose executions have at least `min_execution_lines`.
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
        components = merge_short_executions(separated, self.min_execution_lines)
        executed = {component.number for component in components if component.execution}
        self.folder.write_picture(index, draw_dag(parents, executed, self.note))
        return ""
