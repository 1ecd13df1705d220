"""The model card: README.md with what the hub reads at its top, and what the model was made of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import httpx2
import yaml
from huggingface_hub import ModelCardData, RepoCard
from huggingface_hub.errors import HFValidationError
from huggingface_hub.utils import validate_repo_id  # type: ignore[attr-defined]  # no __all__

from .history import CURVE, Training

_BODY = """\
# {name}

`{base}`, fine-tuned {aim} ([arXiv 2506.05745](https://arxiv.org/abs/2506.05745)) on `{data}`,
presented as `{presentation}`.

| | |
|---|---|
{figures}

{curve}## Serving

vLLM serves this folder as it is: `vllm serve {name}`. `prompt.txt` is the text that all it was
trained on begins with, so requests have to begin with it too.

## Settings

{settings}
{repairs}"""

_AIMS = {"serial": "as the serial baseline (RFT) of SPRINT"}
_SPRINT = "to plan and to execute in parallel with SPRINT"
_LICENCE = ("license", "license_name", "license_link")
_SHOWN = (
    "epochs",
    "max_steps",
    "learning_rate",
    "warmup",
    "weight_decay",
    "batch_size",
    "gradient_accumulation",
    "max_length",
    "special_tokens",
    "seed",
    "processes",
    "distributed",
)


def model_card(
    name: str, training: Training, licence: Mapping[str, str], *, has_curve: bool
) -> str:
    """The text of the card."""
    settings, metrics, best = training.settings, training.metrics, training.best
    samples = training.samples["train"]
    base, data = str(settings["model"]), str(settings["data"])
    header = ModelCardData(
        base_model=base if is_on_hub(base) else None,
        library_name="transformers",
        pipeline_tag="text-generation",
        tags=["reasoning", "parallel-reasoning", "sprint", "arxiv:2506.05745"],
        license=licence.get("license"),
        license_name=licence.get("license_name"),
        license_link=licence.get("license_link"),
    )
    presentation = str(settings["presentation"])
    figures = {
        "trajectories": samples["trajectories"],
        "samples": samples["samples"],
        "tokens": samples["tokens"],
        "trained tokens a pass": samples["trained"],
        "training loss a trained token": f"{metrics['train_loss']:.4f}",
        "trained tokens a second": f"{metrics['trained_tokens_per_second']:.0f}",
    }
    if best is not None:
        figures["evaluation loss a trained token"] = f"{best.eval_loss:.4f} at step {best.step}"
    told = [f"- {_plain(repair)}" for repair in training.repairs]
    return f"---\n{header.to_yaml()}\n---\n" + _BODY.format(
        name=_plain(name),
        base=_public(base),
        aim=_AIMS.get(presentation, _SPRINT),
        data=_public(data),
        presentation=presentation,
        figures="\n".join(f"| {what} | {value} |" for what, value in figures.items()),
        curve=f"![Loss]({CURVE})\n\n" if has_curve else "",
        settings="\n".join(f"- `{key}`: {settings[key]}" for key in _SHOWN if key in settings),
        repairs="\n".join(["\n## Before training\n", *told, ""]) if told else "",
    )


def is_on_hub(name: str) -> bool:
    """Whether `name` can only be that of a model on the hub."""
    try:
        validate_repo_id(name)
    except HFValidationError:
        return False
    return not Path(name).exists()


def licence_of(base: str) -> dict[str, str]:
    """What the card of the base model says of its licence; {} where nothing is known."""
    card = Path(base) / "README.md"
    try:
        if not card.is_file() and not is_on_hub(base):
            return {}
        loaded = RepoCard.load(card if card.is_file() else base, ignore_metadata_errors=True)
        told = loaded.data.to_dict()
    # ValueError: a card that is no YAML, or a name that the hub does not know.
    except (httpx2.HTTPError, OSError, ValueError, TypeError, yaml.YAMLError):
        return {}
    found = {key: told[key] for key in _LICENCE if isinstance(told.get(key), str)}
    return found if "license" in found else {}


def _public(name: str) -> str:
    """The path of something local would tell strangers about this machine, and nothing else."""
    return _plain(name if is_on_hub(name) else Path(name).resolve().name)


def _plain(text: str) -> str:
    """One line that neither ends a code span nor a cell of a table."""
    return re.sub(r"[\s`|]+", " ", text).strip()
