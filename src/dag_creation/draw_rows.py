"""The pictures of DAGs that stand, whichever run wrote them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..utils.errors import FormatError
from ..utils.thoughts.dag import pack_components
from ..utils.thoughts.stage_folders import DagFolder, SeparationFolder


@dataclass(frozen=True)
class DrawPicture:
    """Draws the DAG of a row, as a worker process does it; gives the reason where it cannot.

    Phases are those that stage 3 packs: it has them from the same function.
    """

    separations: SeparationFolder
    folder: DagFolder
    min_execution_lines: int

    @property
    def note(self) -> str:
        """What a picture says of its setting; with another one it is drawn anew."""
        return f"Executions have {self.min_execution_lines} lines or more."

    def missing(self, indices: Iterable[int]) -> list[int]:
        """The rows that have a DAG of their components, and no picture of it in its phases."""
        return [
            index
            for index in indices
            if not self.folder.has_picture(index, self.note)
            and self.folder.is_current(index, self.separations.fingerprint(index))
        ]

    def __call__(self, index: int) -> str:
        from .picture import draw_dag  # matplotlib takes memory: not in every process

        try:
            separated = self.separations.read(index).components
            parents = self.folder.read(index, separated).parents
        except FormatError as error:
            return f"Row {index} has no picture: {error}"
        packing = pack_components(separated, parents, self.min_execution_lines)
        executed = {component.number for component in packing.components if component.execution}
        self.folder.write_picture(index, draw_dag(parents, packing.phases, executed, self.note))
        return ""
