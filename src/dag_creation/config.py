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
    """Stage 2: find which components of a thought depend on which others.

    Reads the output of component separation and writes dag_creation_output_M/D, created_dags_M/D
    and dags_viz_M/D in the logs folder. Rows that already have files for their current components
    are skipped, so the same command resumes an interrupted run.
    """

    command: ClassVar[str] = "dag"

    dag_creation_server_url: ServerUrl | None = None
    """OpenAI-compatible server of the model, such as http://localhost:8000/v1. Default: the OpenAI
    API, with OPENAI_API_KEY."""
    dag_creation_key_variable: str | None = None
    """Environment variable with the server's key. Default: OPENAI_API_KEY for the OpenAI API,
    SERVER_API_KEY for any other server."""
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
