"""The configuration of stage 2."""

from __future__ import annotations

from typing import ClassVar

from ..utils.annotation.config import (
    AnnotationConfig,
    DagModel,
    KeyField,
    NamedAnnotator,
    PackingConfig,
    SeparationModel,
    ServerField,
)
from ..utils.config.values import Whole


class DagConfig(SeparationModel, DagModel, AnnotationConfig, PackingConfig):
    """Stage 2: find which components of a thought depend on which others.

    Reads the output of component separation and writes dag_creation_output_M/D, created_dags_M/D
    and dags_viz_M/D in the logs folder. Rows that already have files for their current components
    are skipped, so the same command resumes an interrupted run.
    """

    command: ClassVar[str] = "dag"

    dag_creation_server_url: ServerField = None
    dag_creation_key_variable: KeyField = None
    max_pictures: Whole | None = None
    """Draw the DAGs of only the first N rows of the range. Default: all rows."""

    @property
    def annotator(self) -> NamedAnnotator:
        return NamedAnnotator(
            "dag_creation",
            self.dag_creation_model,
            self.dag_creation_server_url,
            self.dag_creation_key_variable,
        )
