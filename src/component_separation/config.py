"""The configuration of stage 1."""

from __future__ import annotations

from typing import ClassVar

from ..utils.annotation.config import AnnotationConfig, NamedAnnotator, SeparationModel
from ..utils.api.urls import ServerUrl


class SeparationConfig(SeparationModel, AnnotationConfig):
    """Stage 1: divide each thought into components (plan, prompt, execution, comment).

    Writes component_separation_output_M/D and component_inline_M/D below the logs folder. Rows
    whose files are there are left as they are, so the same command goes on after an interruption.
    """

    command: ClassVar[str] = "separate"

    component_separation_server_url: ServerUrl | None = None
    """OpenAI-compatible server of the model, such as http://localhost:8000/v1; without it the
    OpenAI API is asked, with OPENAI_API_KEY."""
    component_separation_key_variable: str | None = None
    """Environment variable that holds the server's key; without it OPENAI_API_KEY for the OpenAI
    API, SERVER_API_KEY for any other server."""

    @property
    def annotator(self) -> NamedAnnotator:
        return NamedAnnotator(
            "component_separation",
            self.component_separation_model,
            self.component_separation_server_url,
            self.component_separation_key_variable,
        )
