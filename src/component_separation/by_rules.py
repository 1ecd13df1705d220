"""One row of stage 1 with the built-in annotator, as a worker process does it."""

from __future__ import annotations

from dataclasses import dataclass

from ..utils.curation.files import SeparationFolder, check_separation
from ..utils.curation.lines import render_numbered, split_lines
from ..utils.curation.rows import RowOutcome
from ..utils.errors import FormatError
from ..utils.records import Thought
from . import rules


@dataclass(frozen=True)
class SeparateByRules:
    """Writes the files of a thought into `folder`."""

    folder: SeparationFolder

    def __call__(self, thought: Thought) -> RowOutcome:
        index = thought.problem.index
        if not thought.text.strip():
            return RowOutcome(index, fault="The thought is empty.")
        lines = split_lines(thought.text)
        try:
            answer = rules.annotate(lines)
            separated = check_separation(answer, lines)
            numbered = render_numbered(lines)
        except FormatError as error:
            return RowOutcome(index, fault=str(error))
        # Made again for nothing, should the machine crash: not worth waiting for the disk.
        self.folder.write(index, numbered, answer, separated, durable=False)
        return RowOutcome(index, separated.repairs)
