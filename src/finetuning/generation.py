"""The default sampling parameters of a model: valid for transformers, which saves them, and for
vLLM, which takes them from generation_config.json.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from transformers import GenerationConfig
from transformers.utils.hub import cached_file

from ..utils.errors import InputError
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
"""The sampling parameters that vLLM takes from generation_config.json, and what it accepts."""
WHOLE = ("top_k",)
"""Those of which it accepts whole numbers alone."""
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
"""The parameters that transformers refuses to save without `do_sample`, unless they have this."""
CAPS = ("max_new_tokens", "max_length")
"""vLLM cuts every reply at what a generation_config names here, whatever a request asks for."""


def readable_generation_config(source: str) -> tuple[GenerationConfig | None, list[str]]:
    """What is valid of a generation_config.json that no model can be loaded with, and a sentence.

    None where the loader reads the file itself, or does without one.
    """
    try:
        GenerationConfig.from_pretrained(source)
    except OSError as error:
        if (Path(source) / GENERATION_CONFIG).is_file():
            return None, [f"{GENERATION_CONFIG} cannot be read, and is left out: {_short(error)}"]
        return None, []
    except (AttributeError, RecursionError, TypeError, ValueError) as error:
        values = _values(Path(str(cached_file(source, GENERATION_CONFIG))))
        ends = values.get("eos_token_id")
        kept = {name: values.get(name) for name in RANGES if _is_valid(values.get(name), name)}
        said = (
            f"{GENERATION_CONFIG} is invalid, and left out but for sampling and the end of text: "
            f"{_short(error)}"
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


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:200]


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
            f"Of {GENERATION_CONFIG} all but sampling is left out, as it is invalid: {reason}"
        )
        config = GenerationConfig(**special, **kept)
    return config, notes


def _sampling(config: GenerationConfig) -> Iterator[str]:
    invalid = [name for name in RANGES if not _is_valid(getattr(config, name, None), name)]
    left_out = list(_unset(config, invalid))
    left_out += _unset(config, CAPS)
    if left_out:
        yield f"Left out of generation_config.json: {', '.join(left_out)}."
    used = [
        name
        for name, no_effect in WITHOUT_EFFECT.items()
        if getattr(config, name, None) not in (None, no_effect)
    ]
    if used and config.do_sample is not True:
        config.do_sample = True
        yield f"generation_config.json sets {', '.join(used)} without do_sample: it is set to true."


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
