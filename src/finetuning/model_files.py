"""What a training leaves beside its weights, and what is said of parts that cannot be written."""

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
from .served import Steps, save_companions

log = logging.getLogger(__name__)

PROMPT, CARD = "prompt.txt", "README.md"
"""In the folder of the model: the text that all it was trained on begins with; the model card."""


def finish(training: Training, model: Any, tokenizer: Any, folder: Path, output: Path) -> None:
    """Write all else into `folder`, which holds the weights; push it where the settings ask for it.

    SaveError, once everything that can be written is, where a part failed or where the weights
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
    """Make the repository before the training; InputError where a push to it cannot succeed."""
    check_push(name, "model")
    with pushing(name, "Nothing was trained: give a name that your HF_TOKEN may write to."):
        repository, _ = make_repository(name, "model", private=private)
        huggingface_hub.HfApi().auth_check(repository, repo_type="model", write=True)


def push(folder: Path, name: str, *, private: bool) -> str:
    """Push the served folder; the address of the model on the hub.

    training.json names folders of this machine, so it stays here: the card has its figures.
    """
    with pushing(
        name, f"The model lies whole in {folder}; push it with hf upload {name} {folder}."
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
