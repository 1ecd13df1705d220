"""The configuration of stage 1."""

from __future__ import annotations

from typing import ClassVar

from ..utils.annotation.config import (
    AnnotationConfig,
    KeyField,
    NamedAnnotator,
    SeparationModel,
    ServerField,
)


class SeparationConfig(SeparationModel, AnnotationConfig):
    """Stage 1: split each thought into components (plan, prompt, execution, comment).

    Writes component_separation_output_M/D and component_inline_M/D in the logs folder. Rows that
    already have files are skipped, so the same command resumes an interrupted run.
    """

    command: ClassVar[str] = "separate"

    component_separation_server_url: ServerField = None
    component_separation_key_variable: KeyField = None

    @property
    def annotator(self) -> NamedAnnotator:
        return NamedAnnotator(
            "component_separation",
            self.component_separation_model,
            self.component_separation_server_url,
            self.component_separation_key_variable,
        )
