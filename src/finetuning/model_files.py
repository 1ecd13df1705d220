"""Writes the files next to the weights, and reports the parts that cannot be written."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import huggingface_hub

from ..utils.data.push import check_push, make_repository, pushing
from ..utils.errors import SaveError
from ..utils.files.atomic import write_text
from .history import CURVE, HISTORY, Training, write_history
from .model_card import licence_of, model_card
from .trained_model import Steps, save_companions

log = logging.getLogger(__name__)

PROMPT, CARD = "prompt.txt", "README.md"
"""In the model folder: the text at the start of every training sample; the model card."""


def finish(training: Training, model: Any, tokenizer: Any, folder: Path, output: Path) -> None:
    """Write everything else into `folder`, which contains the weights; push it if configured.

    SaveError, after writing everything that can be written, if a part failed or if the weights
    are not in `output`.
    """
    steps = Steps()
    steps.failed += save_companions(model, tokenizer, folder)
    with steps.step(PROMPT):
        write_text(folder / PROMPT, f"{training.prompt}\n")
    with steps.step("the history and the curve of the losses"):
        write_history(folder, training)
    with steps.step("the model card"):
        licence = licence_of(str(training.settings["model"]))
        has_curve = (folder / CURVE).is_file()
        card = model_card(output.resolve().name, training, licence, has_curve=has_curve)
        write_text(folder / CARD, card)
    for note in training.repairs:
        log.info("Before training: %s", note)
    if folder != output:
        raise SaveError(f"The trained model is in {folder}, since {output} cannot be written.")
    if steps.failed:
        raise SaveError(
            f"The weights of the trained model are saved in {folder}, but not "
            f"{'; '.join(steps.failed)}: copy what a server needs of it from the base model."
        )
    if name := training.settings["push_to_hub"]:
        log.info("On the hub: %s", push(folder, name, private=training.settings["private"]))


def prepare_push(name: str, *, private: bool) -> None:
    """Create the repository before training; InputError if a push to it cannot succeed."""
    check_push(name, "model")
    with pushing(name, "Nothing was trained: give a name that your HF_TOKEN can write to."):
        repository, _ = make_repository(name, "model", private=private)
        huggingface_hub.HfApi().auth_check(repository, repo_type="model", write=True)


def push(folder: Path, name: str, *, private: bool) -> str:
    """Push the model folder; returns the model's address on the hub.

    training.json names local folders, so it is not pushed: the card has its figures.
    """
    with pushing(
        name, f"The complete model is in {folder}; push it with hf upload {name} {folder}."
    ):
        repository, address = make_repository(name, "model", private=private)
        huggingface_hub.HfApi().upload_folder(
            repo_id=repository,
            folder_path=folder,
            repo_type="model",
            ignore_patterns=[HISTORY],
            commit_message="Model trained with SPRINT",
        )
    return address
