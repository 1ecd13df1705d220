"""One row of stage 1 with the built-in annotator, as a worker process does it."""

from __future__ import annotations

from dataclasses import dataclass

from ..utils.curation.faults import RowFault
from ..utils.curation.files import SeparationFolder, check_separation
from ..utils.curation.rows import RowOutcome
from ..utils.errors import FormatError
from ..utils.records import Thought
from . import rules
from .numbering import number_lines


@dataclass(frozen=True)
class SeparateByRules:
    """Writes the files of a thought into `folder`."""

    folder: SeparationFolder

    def __call__(self, thought: Thought) -> RowOutcome:
        index, numbered = thought.problem.index, number_lines(thought.text)
        if isinstance(numbered, RowFault):
            return RowOutcome(index, fault=numbered)
        answer = rules.annotate(numbered.lines)
        try:
            separated = check_separation(answer, numbered.lines)
        except FormatError as error:
            return RowOutcome(index, fault=RowFault.of(error))
        # Made again for nothing, should the machine crash: not worth waiting for the disk.
        self.folder.write(index, numbered.text, answer, separated, durable=False)
        return RowOutcome(index, separated.repairs)
