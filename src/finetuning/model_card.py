"""The model card: README.md with the hub's metadata and a description of the training."""

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

vLLM can serve this folder: `vllm serve {name}`. `prompt.txt` is the text at the start of every
training sample, so requests must start with it too.

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
    "tag_tokens",
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
        "trained tokens per epoch": samples["trained"],
        "training loss per trained token": f"{metrics['train_loss']:.4f}",
        "trained tokens per second": f"{metrics['trained_tokens_per_second']:.0f}",
    }
    if best is not None:
        figures["evaluation loss per trained token"] = f"{best.eval_loss:.4f} at step {best.step}"
    if tags := training.tag_tokens:
        figures["tags that are single tokens"] = f"{tags.tokens} ({tags.share:.1%} of all tags)"
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
    """Whether `name` can only be a model on the hub."""
    try:
        validate_repo_id(name)
    except HFValidationError:
        return False
    return not Path(name).exists()


def licence_of(base: str) -> dict[str, str]:
    """The licence entries in the base model's card; {} if there are none."""
    card = Path(base) / "README.md"
    try:
        if not card.is_file() and not is_on_hub(base):
            return {}
        loaded = RepoCard.load(card if card.is_file() else base, ignore_metadata_errors=True)
        told = loaded.data.to_dict()
    # ValueError: a card that is not valid YAML, or a name that is not on the hub.
    except (httpx2.HTTPError, OSError, ValueError, TypeError, yaml.YAMLError):
        return {}
    found = {key: told[key] for key in _LICENCE if isinstance(told.get(key), str)}
    return found if "license" in found else {}


def _public(name: str) -> str:
    """A local path would only reveal details of this machine."""
    return _plain(name if is_on_hub(name) else Path(name).resolve().name)


def _plain(text: str) -> str:
    """One line that ends neither a code span nor a table cell."""
    return re.sub(r"[\s`|]+", " ", text).strip()
