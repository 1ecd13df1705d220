"""The configuration fields that select rows of a dataset."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Annotated

from pydantic import BeforeValidator

from ..config import Config
from ..config.values import Kind, unexpected
from ..defaults import ALL_ROWS, DEFAULT
from .source import FIRST_COMPLETE, FIRST_CORRECT, DataSource

_WHICH_THOUGHT = f"{FIRST_CORRECT}, {FIRST_COMPLETE} or a number from 0 on"


def _generation(came: object) -> str:
    text = f"{came}" if isinstance(came, str | int) else ""
    if text not in (FIRST_CORRECT, FIRST_COMPLETE) and not re.fullmatch(r"[0-9]{1,6}", text):
        raise unexpected(_WHICH_THOUGHT, came)
    return text


Generation = Annotated[str, BeforeValidator(_generation), Kind(_WHICH_THOUGHT)]


class RowsConfig(Config):
    """Rows and columns of the dataset.

    A column is found by its usual names unless you name it: give its own name, or a path into it
    such as messages.1.content.
    """

    subset: str = DEFAULT
    """Subset (configuration) of the dataset."""
    split: str = DEFAULT
    """Split. "default" takes the only split."""
    range: str = ALL_ROWS
    """Rows FIRST:LAST, LAST excluded; ":" selects all."""
    question_column: str = ""
    """Column with the question."""
    answer_column: str = ""
    """Column with the reference answer."""
    solution_column: str = ""
    """Column with the reference solution."""
    id_column: str = ""
    """Column with the problem id."""
    level_column: str = ""
    """Column with the level."""
    subject_column: str = ""
    """Column with the subject."""

    def source_of(self, hub_path: str) -> DataSource:
        """These rows of the dataset `hub_path`."""
        return DataSource(
            hub_path,
            self.subset,
            self.split,
            self.range,
            question_column=self.question_column,
            answer_column=self.answer_column,
            solution_column=self.solution_column,
            id_column=self.id_column,
            level_column=self.level_column,
            subject_column=self.subject_column,
        )


class ThoughtsConfig(RowsConfig):
    """The dataset of thoughts."""

    data_hub_path: str
    """Dataset: a name on the hub, a folder, or a .jsonl, .json, .parquet, .csv or .tsv file."""
    thought_column: str = ""
    """Column with the thought."""
    generation: Generation = DataSource.generation
    """Which thought to use if there are several: first_correct (the first that the dataset marks as
    correct, else the first complete one), first_complete, or its number, from 0."""

    @property
    def source(self) -> DataSource:
        """The rows that the fields select."""
        return replace(
            self.source_of(self.data_hub_path),
            thought_column=self.thought_column,
            generation=self.generation,
        )
