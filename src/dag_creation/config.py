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
    """Stage 2: find out which components of a thought depend on which.

    Reads what component separation wrote, and writes dag_creation_output_M/D, created_dags_M/D and
    dags_viz_M/D below the logs folder. Rows whose files are there, made from the components as they
    are now, are left as they are, so the same command goes on after an interruption.
    """

    command: ClassVar[str] = "dag"

    dag_creation_server_url: ServerField = None
    dag_creation_key_variable: KeyField = None
    max_pictures: Whole | None = None
    """Draw the DAGs of so many rows, from the first of the range on; by default of all."""

    @property
    def annotator(self) -> NamedAnnotator:
        return NamedAnnotator(
            "dag_creation",
            self.dag_creation_model,
            self.dag_creation_server_url,
            self.dag_creation_key_variable,
        )
