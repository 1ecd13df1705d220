"""The configuration of stage 1."""

from __future__ import annotations

from typing import ClassVar

from ..utils.annotation.config import AnnotationConfig, NamedAnnotator, SeparationModel
from ..utils.api.urls import ServerUrl


class SeparationConfig(SeparationModel, AnnotationConfig):
    """Stage 1: split each thought into components (plan, prompt, execution, comment).

    Writes component_separation_output_M/D and component_inline_M/D in the logs folder. Rows that
    already have files are skipped, so the same command resumes an interrupted run.
    """

    command: ClassVar[str] = "separate"

    component_separation_server_url: ServerUrl | None = None
    """OpenAI-compatible server of the model, such as http://localhost:8000/v1. Default: the OpenAI
    API, with OPENAI_API_KEY."""
    component_separation_key_variable: str | None = None
    """Environment variable with the server's key. Default: OPENAI_API_KEY for the OpenAI API,
    SERVER_API_KEY for any other server."""

    @property
    def annotator(self) -> NamedAnnotator:
        return NamedAnnotator(
            "component_separation",
            self.component_separation_model,
            self.component_separation_server_url,
            self.component_separation_key_variable,
        )
