"""The checkpoint of a training of the base: everything that a resumed run needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import torch
from sprint.utils.errors import InputError


class Progress(NamedTuple):
    """How far a run has come: steps, and seconds of training."""

    steps: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Checkpoint:
    """`settings`: what a resumed run must share; `parts`: models and optimizers by name."""

    path: Path
    settings: Mapping[str, Any]
    parts: Mapping[str, Any]

    def save(self, progress: Progress) -> None:
        """Replace the last one, which is complete until then."""
        content = {name: part.state_dict() for name, part in self.parts.items()}
        partial = self.path.with_suffix(".new")
        torch.save([dict(self.settings), tuple(progress), content], partial)
        partial.replace(self.path)

    def load(self) -> Progress:
        """Restore the parts. InputError without a checkpoint, or with one of other settings."""
        if not self.path.is_file():
            raise InputError(f"{self.path} does not exist: start without --resume.")
        settings, progress, content = torch.load(self.path, weights_only=True)
        if settings != dict(self.settings):
            raise InputError(f"{self.path} is of a run with other settings: repeat its command.")
        for name, part in self.parts.items():
            part.load_state_dict(content[name])
        return Progress(*progress)
