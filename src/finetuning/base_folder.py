"""Checks a base model before reading its weights: it must be a complete causal language model.

Code that comes with a model is never run.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zipfile import is_zipfile

from safetensors import SafetensorError, safe_open
from transformers import PreTrainedConfig
from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES

from ..utils.errors import InputError
from ..utils.files.json_file import read_object

SAFETENSORS, INDEX = "model.safetensors", "model.safetensors.index.json"
PICKLED, PICKLED_INDEX = "pytorch_model.bin", "pytorch_model.bin.index.json"
CAUSAL = ("ForCausalLM", "LMHeadModel")
NEEDED = "give a name on the hub or a local folder with config.json, weights and tokenizer"


def refusal(name: str, reason: str) -> InputError:
    """An error in one sentence: what is wrong with the base model, and what to give."""
    return InputError(f"Cannot load the model {name!r}: {reason}")


def find_folder(name: str) -> Path | None:
    """The local folder `name`, or None for a name on the hub. InputError for anything else."""
    path = Path(name).expanduser()
    if path.is_file():
        raise refusal(name, f"it is a file; {NEEDED}.")
    is_path = name.startswith((".", "/", "~")) or name.count("/") > 1 or not name.strip()
    if is_path and not path.is_dir():
        raise InputError(f"There is no folder {name}: correct the path of the base model.")
    return path if path.is_dir() else None


def check_folder(folder: Path) -> None:
    """Raise InputError if files are missing, damaged, or belong to another kind of model."""
    name = str(folder)
    if (folder / "adapter_config.json").is_file():
        raise refusal(
            name,
            "it is a PEFT adapter; merge it into its base model (merge_and_unload), save that, "
            "and give its folder.",
        )
    if not (folder / "config.json").is_file():
        raise refusal(name, f"it has no config.json; {NEEDED}.")
    if not any((folder / file).is_file() for file in (SAFETENSORS, INDEX, PICKLED, PICKLED_INDEX)):
        found = "only GGUF weights" if list(folder.glob("*.gguf")) else "no weights"
        raise refusal(name, f"it has {found}, but needs model.safetensors; {NEEDED}.")
    for index in (INDEX, PICKLED_INDEX):
        if missing := _missing_shards(folder, index):
            raise refusal(
                name,
                f"{len(missing)} of the weight files that {index} names are missing, such as "
                f"{missing[0]}; download or copy the model again.",
            )
    for path in sorted([*folder.glob("*.safetensors"), *folder.glob("pytorch_model*.bin")]):
        if fault := _fault(path):
            raise refusal(
                name,
                f"{path.name} is damaged or cut off ({fault}); download or copy the model again "
                "(a clone without Git LFS contains only pointers to the weights).",
            )


def _fault(weights: Path) -> str | None:
    """Why a file cannot be complete. torch up to 1.5 wrote bare pickles, not archives."""
    try:
        if weights.suffix == ".safetensors":
            with safe_open(weights, "pt"):
                return None
        with weights.open("rb") as file:
            is_pickle = file.read(1) == b"\x80"
        return None if is_pickle or is_zipfile(weights) else "no weights of PyTorch"
    except (SafetensorError, OSError) as error:
        return str(error)


def _missing_shards(folder: Path, index: str) -> list[str]:
    path = folder / index
    if not path.is_file():
        return []
    try:
        shards = set(map(str, read_object(path)["weight_map"].values()))
    except (InputError, LookupError, AttributeError) as error:
        raise refusal(
            str(folder), f"{index} is damaged; download or copy the model again."
        ) from error
    return sorted(shard for shard in shards if not (folder / shard).is_file())


def check_config(name: str, config: PreTrainedConfig) -> None:
    """Raise InputError unless the model is a plain causal language model in full precision."""
    if getattr(config, "quantization_config", None):
        raise refusal(
            name, "its weights are quantized; full fine-tuning needs bfloat16 or float32 weights."
        )
    if getattr(config, "is_encoder_decoder", False):
        raise refusal(name, "it is an encoder-decoder; a causal language model is needed.")
    if config.get_text_config() is not config:
        raise refusal(
            name,
            f"{config.model_type} is multimodal; a text-only causal language model is needed.",
        )
    named = getattr(config, "architectures", None) or []
    found = [named] if isinstance(named, str) else list[str](named)
    # Whatever the prefix: a model trained elsewhere may have its own class.
    if found and causal_classes().isdisjoint(found) and not found[0].endswith(CAUSAL):
        raise refusal(name, f"it is a {found[0]}; a causal language model is needed.")


def causal_classes() -> set[str]:
    """The names of all classes of transformers that are causal language models."""
    names = set[str]()
    mapping: Any = MODEL_FOR_CAUSAL_LM_MAPPING_NAMES
    for value in mapping.values():
        names.update([value] if isinstance(value, str) else value)
    return names
