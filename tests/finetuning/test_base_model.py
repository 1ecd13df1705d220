"""Which base models are loaded, and in which words the others are refused."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from sprint.finetuning.base_model import load_model
from sprint.utils.errors import InputError
from support.damaged import DAMAGED
from support.models import save_model
from support.tiny import tiny_tokenizer
from transformers import (
    BertConfig,
    BertForMaskedLM,
    BertLMHeadModel,
    Qwen2ForSequenceClassification,
    Qwen2Model,
)

WEIGHTS = "model.safetensors"


def change(path: Path, **values: Any) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def change_config(**values: Any) -> Callable[[Path], None]:
    return lambda folder: change(folder / "config.json", **values)


def remove(*names: str) -> Callable[[Path], None]:
    def done(folder: Path) -> None:
        for name in names:
            (folder / name).unlink()

    return done


def write(name: str, content: bytes) -> Callable[[Path], None]:
    def done(folder: Path) -> None:
        (folder / name).write_bytes(content)

    return done


def cut(folder: Path) -> None:
    whole = (folder / WEIGHTS).read_bytes()
    (folder / WEIGHTS).write_bytes(whole[: len(whole) // 2])


def shard(folder: Path) -> None:
    """As if the second of two files had not been downloaded."""
    names = list(load_file(folder / WEIGHTS))
    (folder / WEIGHTS).rename(folder / "model-00001-of-00002.safetensors")
    shards = dict.fromkeys(names, "model-00001-of-00002.safetensors")
    index = {"weight_map": shards | {names[0]: "model-00002-of-00002.safetensors"}}
    (folder / f"{WEIGHTS}.index.json").write_text(json.dumps(index))


def as_pickle(change: Callable[[bytes], bytes] = bytes) -> Callable[[Path], None]:
    def done(folder: Path) -> None:
        path = folder / "pytorch_model.bin"
        torch.save(load_file(folder / WEIGHTS), path)
        path.write_bytes(change(path.read_bytes()))
        (folder / WEIGHTS).unlink()

    return done


def with_code(folder: Path) -> None:
    """Weights that would make a folder if they were unpickled as they are."""

    class Code:
        def __reduce__(self) -> tuple[Any, ...]:
            return Path.mkdir, (folder / "run",)

    torch.save({"model.norm.weight": Code()}, folder / "pytorch_model.bin")
    (folder / WEIGHTS).unlink()


def only_gguf(folder: Path) -> None:
    (folder / WEIGHTS).rename(folder / "model-q4.gguf")


def change_weights(how: Callable[[dict[str, torch.Tensor]], object]) -> Callable[[Path], None]:
    def done(folder: Path) -> None:
        weights = load_file(folder / WEIGHTS)
        how(weights)
        save_file(weights, folder / WEIGHTS, metadata={"format": "pt"})

    return done


def as_reward_model(folder: Path) -> None:
    Qwen2ForSequenceClassification.from_pretrained(folder).save_pretrained(folder)


def as_headless(folder: Path) -> None:
    Qwen2Model.from_pretrained(folder).save_pretrained(folder)


def as_encoder(kind: type[Any]) -> Callable[[Path], None]:
    def done(folder: Path) -> None:
        config = BertConfig(
            vocab_size=len(tiny_tokenizer()),
            hidden_size=32,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=32,
        )
        kind(config).save_pretrained(folder)

    return done


def needs_code(folder: Path) -> None:
    """It would write a file if it were run."""
    (folder / "mine.py").write_text(f"open({str(folder / 'run')!r}, 'w')\nclass Mine: pass\n")
    change(
        folder / "config.json",
        model_type="mine",
        auto_map={"AutoConfig": "mine.Mine", "AutoModelForCausalLM": "mine.Mine"},
    )


TOKENIZER = ("tokenizer.json", "tokenizer_config.json")


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (write("adapter_config.json", b"{}"), "PEFT adapter; merge it"),
        (remove("config.json"), "no config.json"),
        (write("config.json", b'{"mo'), "The loader says: "),
        (remove(WEIGHTS), "no weights"),
        (only_gguf, "only GGUF weights"),
        (shard, "1 of the weight files .* such as model-00002-of-00002.safetensors"),
        *((write(f"{WEIGHTS}.index.json", it), "index.json is damaged") for it in DAMAGED.values()),
        (cut, "model.safetensors is damaged or cut off"),
        (write(WEIGHTS, b"version https://git-lfs"), "pointers to the weights"),
        (change_weights(lambda it: it.pop("model.norm.weight")), "lack 1 weights.*model.norm"),
        (
            change_weights(lambda it: it["model.norm.weight"].fill_(torch.nan)),
            "outputs are not finite",
        ),
        (as_pickle(lambda it: it[: len(it) // 2]), "pytorch_model.bin is damaged or cut off"),
        (as_pickle(lambda _: b"version https://git-lfs"), "pointers to the weights"),
        (with_code, "more than tensors"),
        (change_config(hidden_size=48), "sizes of its weights do not match its config.json"),
        (change_config(vocab_size=600), "sizes of its weights do not match its config.json"),
        (change_config(hidden_size="many"), "The loader says: "),
        (change_config(model_type="never-heard-of"), "never-heard-of"),
        (change_config(model_type="t5"), "encoder-decoder"),
        (change_config(architectures=["LlavaForConditionalGeneration"]), "it is a Llava"),
        (change_config(quantization_config={"quant_method": "fp8"}), "quantized"),
        (as_reward_model, "it is a Qwen2ForSequenceClassification"),
        (as_headless, "it is a Qwen2Model"),
        (as_encoder(BertForMaskedLM), "it is a BertForMaskedLM"),
        (as_encoder(BertLMHeadModel), "see later tokens"),
        (needs_code, "its own code, which is never run"),
        (remove(*TOKENIZER), "tokenizer is missing or empty"),
        (write("tokenizer.json", b'{"version": 1'), "tokenizer of Hugging Face"),
    ],
)
def test_what_is_no_whole_causal_language_model_is_refused(
    tmp_path: Path, spoil: Callable[[Path], None], reason: str
) -> None:
    save_model(tmp_path, tie_word_embeddings=True)
    spoil(tmp_path)
    with pytest.raises(InputError, match=reason) as caught:
        load_model(str(tmp_path))
    assert "\n" not in str(caught.value)
    assert len(re.sub(r"/\S+", "", str(caught.value))) < 600
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    "alter",
    [
        as_pickle(),
        change_config(architectures=None),
        change_config(architectures="Qwen2ForCausalLM"),
        change_config(architectures=["OurQwen2ForCausalLM"]),
    ],
)
def test_whole_models_that_look_unusual_are_loaded(
    tmp_path: Path, alter: Callable[[Path], None]
) -> None:
    save_model(tmp_path)
    alter(tmp_path)
    load_model(str(tmp_path))


def test_a_file_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "model.gguf").write_bytes(b"GGUF")
    with pytest.raises(InputError, match="it is a file; give a name on the hub or a local folder"):
        load_model(str(tmp_path / "model.gguf"))


@pytest.mark.parametrize("family", ["qwen2", "llama", "gpt2", "gemma3", "mistral"])
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_weights_in_half_precision_are_trained_in_full(
    tmp_path: Path, family: str, dtype: torch.dtype
) -> None:
    save_model(tmp_path, family)
    weights = {name: value.to(dtype) for name, value in load_file(tmp_path / WEIGHTS).items()}
    save_file(weights, tmp_path / WEIGHTS, metadata={"format": "pt"})
    change(tmp_path / "config.json", dtype=str(dtype).removeprefix("torch."))
    tokenizer, model, _ = load_model(str(tmp_path))
    assert {value.dtype for value in model.parameters()} == {torch.float32}
    assert len(tokenizer) == len(tiny_tokenizer())
