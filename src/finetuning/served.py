"""The folder of the trained model: its weights are written before anything that may fail.

A training takes days, and what stands beside its weights can be made again; so a failure there is
reported, and nothing else is lost by it.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from safetensors import safe_open

from ..utils.errors import InputError, SaveError
from .base_model import FAULTS
from .checkpoints import last_checkpoint

log = logging.getLogger(__name__)

DTYPE, WEIGHTS = "bfloat16", "model*.safetensors"
SPARE = "trained"
"""In the folder of checkpoints: the trained model, if its own folder cannot be written."""


def one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__


def save_weights(model: Any, state_dict: Any, folders: Sequence[Path], checkpoints: Path) -> Path:
    """Save configuration and weights in the first of `folders` that can be written, and return it.

    SaveError where none can, with the last of `checkpoints`, from which the run can be resumed.
    """
    reasons = list[str]()
    for folder in folders:
        try:
            folder.mkdir(parents=True, exist_ok=True)  # transformers takes a file for done
            with _without_generation_config(model):
                model.save_pretrained(folder, state_dict=state_dict)
            for path in folder.glob(WEIGHTS):
                with safe_open(path, "pt"):  # as long as its head says
                    pass
        except FAULTS as error:
            reasons.append(f"{folder}: {one_line(error)}")
            log.warning("Cannot save the trained model in %s", reasons[-1])
            _remove_weights(folder)
        else:
            return folder
    checkpoint = last_checkpoint(checkpoints)
    raise SaveError(
        f"The trained model cannot be saved ({'; '.join(reasons)}): make room, and "
        + (
            f"go on from {checkpoint} with --resume."
            if checkpoint
            else "train again; with --save_steps there are checkpoints to go on from."
        )
    )


@contextmanager
def _without_generation_config(model: Any) -> Iterator[None]:
    """`save_pretrained` writes it before the weights, and writes no weights where it fails."""
    model.can_generate = lambda: False
    try:
        yield
    finally:
        del model.can_generate


def _remove_weights(folder: Path) -> None:
    """Half a file would only take up room."""
    for path in folder.glob(WEIGHTS):
        path.unlink(missing_ok=True)


class Steps:
    """What is written beside the weights, each part whatever became of the others."""

    def __init__(self) -> None:
        self.failed = list[str]()

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        try:
            yield
        except FAULTS as error:
            self.failed.append(f"{what} ({one_line(error)})")
            log.warning("Cannot save %s", self.failed[-1])


def save_companions(model: Any, tokenizer: Any, folder: Path) -> list[str]:
    """Write what a server needs beside the weights; what failed, each with its reason."""
    steps = Steps()
    with steps.step("config.json"):
        model.config.dtype = DTYPE  # it would name the type of the weights that were trained
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
        raise SaveError(one_line(error)) from error


def share_weights(folder: Path) -> None:
    """Weights are saved for their owner alone, whatever the umask says, and a server may be another
    user.
    """
    mode = (folder / "config.json").stat().st_mode
    for weights in folder.glob("*.safetensors"):
        weights.chmod(mode)


def rehearse(model: Any, tokenizer: Any, folder: Path) -> None:
    """Raise InputError, before any training, where what a server needs cannot be saved."""
    try:
        with tempfile.TemporaryDirectory(dir=folder) as aside:
            model.config.save_pretrained(aside)
            model.generation_config.save_pretrained(aside)
            _save_tokenizer(tokenizer, aside)
    except FAULTS as error:
        raise InputError(
            f"The configuration or the tokenizer of the base model cannot be saved: repair them "
            f"or take another model. The library says: {one_line(error)}"
        ) from error
