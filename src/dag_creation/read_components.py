"""The components for a DAG, as stage 1 wrote them."""

from __future__ import annotations

from ..utils.annotation.faults import FaultKind, RowFault
from ..utils.errors import FormatError
from ..utils.thoughts.stage_folders import Separated, SeparationFolder


def read_components(separations: SeparationFolder, index: int) -> Separated | RowFault:
    """The components of a row, or why there are none."""
    if not separations.is_finished(index):
        words = "Component separation has not written this row."
        return RowFault(FaultKind.NO_COMPONENTS, words)
    try:
        return separations.read(index)
    except FormatError as error:
        return RowFault(FaultKind.NO_COMPONENTS, str(error))
