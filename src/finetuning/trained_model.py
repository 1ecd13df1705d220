"""The folder of the trained model: its weights are written before anything that may fail.

Training takes days, and everything but the weights can be created again; so other failures are
reported, and nothing else is lost.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from safetensors import safe_open

from ..utils.errors import InputError, SaveError, reason_of
from .base_model import FAULTS
from .checkpoints import last_checkpoint

log = logging.getLogger(__name__)

DTYPE, WEIGHTS = "bfloat16", "model*.safetensors"
SPARE = "trained"
"""In the checkpoint folder: the trained model, if its own folder cannot be written."""


def save_weights(model: Any, state_dict: Any, folders: Sequence[Path], checkpoints: Path) -> Path:
    """Save configuration and weights in the first writable one of `folders`, and return it.

    SaveError if none is writable, with the last of `checkpoints`, from which the run can resume.
    """
    reasons = list[str]()
    for folder in folders:
        try:
            folder.mkdir(parents=True, exist_ok=True)  # transformers treats a file as done
            with _without_generation_config(model):
                model.save_pretrained(folder, state_dict=state_dict)
            for path in folder.glob(WEIGHTS):
                with safe_open(path, "pt"):  # complete according to its header
                    pass
        except FAULTS as error:
            reasons.append(f"{folder}: {reason_of(error)}")
            log.warning("Cannot save the trained model in %s", reasons[-1])
            _remove_weights(folder)
        else:
            return folder
    checkpoint = last_checkpoint(checkpoints)
    raise SaveError(
        f"The trained model cannot be saved ({'; '.join(reasons)}): free up space, and "
        + (
            f"resume from {checkpoint} with --resume."
            if checkpoint
            else "train again; --save_steps writes checkpoints to resume from."
        )
    )


@contextmanager
def _without_generation_config(model: Any) -> Iterator[None]:
    """`save_pretrained` writes it before the weights, and if it fails writes no weights."""
    model.can_generate = lambda: False
    try:
        yield
    finally:
        del model.can_generate


def _remove_weights(folder: Path) -> None:
    """A partial file would only use up space."""
    for path in folder.glob(WEIGHTS):
        path.unlink(missing_ok=True)


class Steps:
    """The files written next to the weights, each regardless of failures of the others."""

    def __init__(self) -> None:
        self.failed = list[str]()

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        try:
            yield
        except FAULTS as error:
            self.failed.append(f"{what} ({reason_of(error)})")
            log.warning("Cannot save %s", self.failed[-1])


def save_companions(model: Any, tokenizer: Any, folder: Path) -> list[str]:
    """Write what a server needs besides the weights; returns each failure with its reason."""
    steps = Steps()
    with steps.step("config.json"):
        model.config.dtype = DTYPE  # else it would name the type of the training weights
        model.config.save_pretrained(folder)
    with steps.step("generation_config.json"):
        model.generation_config.save_pretrained(folder)
    with steps.step("the tokenizer"):
        _save_tokenizer(tokenizer, folder)
    with steps.step("the rights to read the weights"):
        share_weights(folder)
    return steps.failed


def _save_tokenizer(tokenizer: Any, folder: str | Path) -> None:
    try:
        tokenizer.save_pretrained(folder)
    # The library raises bare Exception.
    except Exception as error:
        raise SaveError(reason_of(error)) from error


def share_weights(folder: Path) -> None:
    """transformers makes weights readable only by their owner, regardless of the umask, and a
    server may run as another user.
    """
    mode = (folder / "config.json").stat().st_mode
    for weights in folder.glob("*.safetensors"):
        weights.chmod(mode)


def rehearse(model: Any, tokenizer: Any, folder: Path) -> None:
    """Raise InputError, before training, if what a server needs cannot be saved."""
    try:
        with tempfile.TemporaryDirectory(dir=folder) as aside:
            model.config.save_pretrained(aside)
            model.generation_config.save_pretrained(aside)
            _save_tokenizer(tokenizer, aside)
    except FAULTS as error:
        raise InputError(
            f"The configuration or the tokenizer of the base model cannot be saved: repair them "
            f"or choose another model. The library reports: {reason_of(error)}"
        ) from error
