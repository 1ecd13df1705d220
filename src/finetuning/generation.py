"""The default sampling parameters of a model: valid for transformers, which saves them, and for
vLLM, which reads them from generation_config.json.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from transformers import GenerationConfig
from transformers.utils.hub import cached_file

from ..utils.errors import InputError, reason_of
from ..utils.files.json_file import read_object

GENERATION_CONFIG = "generation_config.json"
RANGES: dict[str, tuple[float, float]] = {
    "temperature": (1e-6, 2),
    "top_p": (1e-6, 1),
    "top_k": (-1, 1e9),
    "min_p": (0, 1),
    "repetition_penalty": (1e-6, 100),
    "presence_penalty": (-2, 2),
    "frequency_penalty": (-2, 2),
}
"""The sampling parameters that vLLM reads from generation_config.json, and their valid values."""
WHOLE = ("top_k",)
"""Those that must be integers."""
WITHOUT_EFFECT: dict[str, float | None] = {
    "temperature": 1.0,
    "top_p": 1.0,
    "top_k": 50,
    "min_p": None,
    "top_h": None,
    "typical_p": 1.0,
    "epsilon_cutoff": 0.0,
    "eta_cutoff": 0.0,
}
"""The parameters that transformers refuses to save without `do_sample`, except at this value."""
CAPS = ("max_new_tokens", "max_length")
"""vLLM cuts every reply at the limits set here in a generation_config, whatever a request sets."""


def readable_generation_config(source: str) -> tuple[GenerationConfig | None, list[str]]:
    """The valid part of a generation_config.json that would block model loading, and a sentence.

    None if the loader can read the file, or does not need it.
    """
    try:
        GenerationConfig.from_pretrained(source)
    except OSError as error:
        if (Path(source) / GENERATION_CONFIG).is_file():
            return None, [f"{GENERATION_CONFIG} cannot be read and is ignored: {reason_of(error)}"]
        return None, []
    except (AttributeError, RecursionError, TypeError, ValueError) as error:
        values = _values(Path(str(cached_file(source, GENERATION_CONFIG))))
        ends = values.get("eos_token_id")
        kept = {name: values.get(name) for name in RANGES if _is_valid(values.get(name), name)}
        said = (
            f"{GENERATION_CONFIG} is invalid; only its sampling parameters and end-of-text tokens "
            f"are used: {reason_of(error)}"
        )
        sampled = values.get("do_sample") is True
        return GenerationConfig(eos_token_id=ends, do_sample=sampled, **kept), [said]
    return None, []


def _values(path: Path) -> Mapping[str, Any]:
    """The JSON object in a file, empty if there is none."""
    try:
        return read_object(path)
    except (InputError, OSError):
        return {}


def valid_generation_config(
    config: GenerationConfig, special: Mapping[str, Any]
) -> tuple[GenerationConfig, list[str]]:
    """`config`, repaired, and a sentence for each repair; `special` are its special tokens."""
    notes = list(_sampling(config))
    try:
        config.validate(strict=True)
    except ValueError as error:
        kept = {name: getattr(config, name, None) for name in (*RANGES, "do_sample")}
        reason = next((it for it in str(error).splitlines()[1:] if it.strip()), str(error))
        notes.append(
            f"{GENERATION_CONFIG} is invalid; only its sampling parameters are used: {reason}"
        )
        config = GenerationConfig(**special, **kept)
    return config, notes


def _sampling(config: GenerationConfig) -> Iterator[str]:
    invalid = [name for name in RANGES if not _is_valid(getattr(config, name, None), name)]
    left_out = list(_unset(config, invalid))
    left_out += _unset(config, CAPS)
    if left_out:
        yield f"Removed from generation_config.json: {', '.join(left_out)}."
    used = [
        name
        for name, no_effect in WITHOUT_EFFECT.items()
        if getattr(config, name, None) not in (None, no_effect)
    ]
    if used and config.do_sample is not True:
        config.do_sample = True
        yield f"generation_config.json sets {', '.join(used)} without do_sample; it is now true."


def _is_valid(value: Any, name: str) -> bool:
    least, most = RANGES[name]
    if value is None:
        return True
    kind = int if name in WHOLE else int | float
    return isinstance(value, kind) and not isinstance(value, bool) and least <= value <= most


def _unset(config: GenerationConfig, names: Iterable[str]) -> Iterator[str]:
    for name in names:
        value = getattr(config, name, None)
        if value is not None:
            setattr(config, name, None)
            yield f"{name} {value}"
