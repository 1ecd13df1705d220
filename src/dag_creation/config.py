"""The configuration of stage 2."""

from __future__ import annotations

from typing import ClassVar

from ..utils.annotation.config import (
    AnnotationConfig,
    DagModel,
    NamedAnnotator,
    PackingConfig,
    SeparationModel,
)
from ..utils.api.urls import ServerUrl
from ..utils.config.values import Whole


class DagConfig(SeparationModel, DagModel, AnnotationConfig, PackingConfig):
    """Stage 2: find out which components of a thought depend on which.

    Reads what component separation wrote, and writes dag_creation_output_M/D, created_dags_M/D and
    dags_viz_M/D below the logs folder. Rows whose files are there, made from the components as they
    are now, are left as they are, so the same command goes on after an interruption.
    """

    command: ClassVar[str] = "dag"

    dag_creation_server_url: ServerUrl | None = None
    """OpenAI-compatible server of the model, such as http://localhost:8000/v1; without it the
    OpenAI API is asked, with OPENAI_API_KEY."""
    dag_creation_key_variable: str | None = None
    """Environment variable that holds the server's key; without it OPENAI_API_KEY for the OpenAI
    API, SERVER_API_KEY for any other server."""
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
