"""What does not fit between a model and its tokenizer, and the model that is served then."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from sprint.finetuning.base_model import load_model
from sprint.finetuning.presentations import samples
from sprint.finetuning.repairs import END, repair
from support.damaged import DAMAGED
from support.models import bare_tokenizer, model_of, save_model
from support.tiny import tiny_tokenizer
from transformers import AutoTokenizer, GenerationConfig


def loaded(folder: Path) -> tuple[Any, Any]:
    tokenizer, model, _ = load_model(str(folder))
    return tokenizer, model


@pytest.mark.parametrize("family", ["qwen2", "llama", "gpt2", "gemma3"])
def test_a_model_that_fits_is_left_as_it_is(tmp_path: Path, family: str) -> None:
    save_model(tmp_path, family)
    tokenizer, model = loaded(tmp_path)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    assert repair(tokenizer, model) == []
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


@pytest.mark.parametrize("family", ["qwen2", "gpt2"])
@pytest.mark.parametrize("tied", [True, False])
def test_new_tokens_get_embeddings(tmp_path: Path, family: str, tied: bool) -> None:
    """Rows of both tables, which stay one where they are tied; the old ones stay."""
    save_model(tmp_path, family, tie_word_embeddings=tied)
    tokenizer, model = loaded(tmp_path)
    before = model.get_output_embeddings().weight.clone()
    tokenizer.add_tokens(["<extra_1>", "<extra_2>"])
    (note,) = repair(tokenizer, model)
    rows = len(before)
    assert f"has {rows + 2} tokens and the model {rows} embeddings: added the missing 2" in note
    table, head = model.get_input_embeddings().weight, model.get_output_embeddings().weight
    assert (table is head) is tied
    for each in (table, head):
        assert each.shape[0] == rows + 2
        assert torch.allclose(each[rows:], each[:rows].mean(dim=0).expand(2, -1), atol=1e-6)
    assert torch.equal(head[:rows], before)
    assert model.config.vocab_size == rows + 2


def test_a_padded_vocabulary_stays(tmp_path: Path) -> None:
    save_model(tmp_path, rows=1024)
    tokenizer, model = loaded(tmp_path)
    assert repair(tokenizer, model) == []
    assert model.config.vocab_size == 1024


def test_a_tokenizer_without_special_tokens_gets_an_end() -> None:
    """The end that Llama's configuration names by default is a letter of this tokenizer."""
    tokenizer, model = bare_tokenizer(), model_of("llama", 256, eos_token_id=2, pad_token_id=None)
    notes = " ".join(repair(tokenizer, model))
    assert f"no end-of-text token: added {END}" in notes
    assert tokenizer.eos_token_id == tokenizer.pad_token_id == 256
    assert model.get_input_embeddings().num_embeddings == 257
    assert model.generation_config.eos_token_id == model.config.eos_token_id == 256
    row = {"question": "1+1?", "thought": "It is 2.", "solution": "2", "trajectory": ""}
    (sample,) = samples(row, "serial", tokenizer)
    assert sample.labels[-1] == 256


@pytest.mark.parametrize("where", ["generation_config", "name"])
def test_an_end_that_the_tokenizer_does_not_name_is_found(where: str) -> None:
    tokenizer = bare_tokenizer()
    token = "<|stop|>" if where == "generation_config" else "<|im_end|>"
    tokenizer.add_special_tokens({"additional_special_tokens": [token]})
    model = model_of("llama", 257, eos_token_id=2, pad_token_id=None)
    if where == "generation_config":
        model.generation_config.eos_token_id = [256, 5]
    assert f"its existing token {token} now ends a reply" in repair(tokenizer, model)[0]
    assert model.generation_config.eos_token_id == 256


def test_several_ends_all_end_a_reply(tmp_path: Path) -> None:
    """The tokenizer's own first; what is no special token, or no token at all, does not."""
    save_model(tmp_path)
    tokenizer, model = loaded(tmp_path)
    tokenizer.add_special_tokens({"additional_special_tokens": ["<|eot|>"]})
    eot = tokenizer.convert_tokens_to_ids("<|eot|>")
    model.generation_config.eos_token_id = [eot, 7, 100_000]
    repair(tokenizer, model)
    assert model.generation_config.eos_token_id == [tokenizer.eos_token_id, eot]


def test_the_real_end_is_trained_where_it_pads_too() -> None:
    tokenizer = tiny_tokenizer()
    assert tokenizer.pad_token_id == tokenizer.eos_token_id
    row = {"question": "1+1?", "thought": "It is 2.", "solution": "2", "trajectory": ""}
    (sample,) = samples(row, "serial", tokenizer)
    assert sample.labels[-1] == tokenizer.eos_token_id


GREEDY = {"do_sample": False, "temperature": 0.6, "top_p": 0.95, "eos_token_id": 0}


@pytest.mark.parametrize(
    ("written", "left", "said"),
    [
        (GREEDY, {"do_sample": True, "temperature": 0.6, "top_p": 0.95}, "without do_sample"),
        ({"top_k": 20}, {"do_sample": True, "top_k": 20}, "sets top_k without do_sample"),
        ({"do_sample": True, "temperature": 0.0}, {"temperature": None}, "Removed from"),
        ({"do_sample": True, "top_p": 1.5}, {"top_p": None}, "top_p 1.5"),
        ({"do_sample": True, "temperature": 2.5}, {"temperature": None}, "temperature 2.5"),
        ({"do_sample": True, "top_k": 20.5}, {"top_k": None}, "top_k 20.5"),
        ({"presence_penalty": 3}, {"presence_penalty": None}, "presence_penalty 3"),
        ({"max_new_tokens": 16}, {"max_new_tokens": None}, "max_new_tokens 16"),
        (
            {"num_beams": 1, "early_stopping": True},
            {"early_stopping": None},
            "only its sampling parameters",
        ),
        (
            {"do_sample": True, "temperature": 0.7, "cache_implementation": "no such thing"},
            {"temperature": 0.7, "do_sample": True, "cache_implementation": None},
            "only its sampling parameters",
        ),
        ([1], {"do_sample": False}, "only its sampling parameters"),
        ({"temperature": "hot", "top_k": 7}, {"do_sample": True, "top_k": 7}, "top_k"),
    ],
)
def test_a_generation_config_that_cannot_be_saved(
    tmp_path: Path,
    written: Any,
    left: dict[str, Any],
    said: str,
) -> None:
    """Or with which a server would refuse or cut replies."""
    save_model(tmp_path)
    (tmp_path / "generation_config.json").write_text(json.dumps(written))
    tokenizer, model, unreadable = load_model(str(tmp_path))
    assert said in " ".join([*unreadable, *repair(tokenizer, model)])
    model.generation_config.save_pretrained(tmp_path / "saved")
    found = GenerationConfig.from_pretrained(tmp_path / "saved")
    assert {name: getattr(found, name) for name in left} == left
    assert found.eos_token_id == tokenizer.eos_token_id


@pytest.mark.parametrize("content", [b"", b'{"temperature"', b'\xef\xbb\xbf{"temperature": 1.5}'])
def test_a_generation_config_that_cannot_be_read_is_reported(
    tmp_path: Path, content: bytes
) -> None:
    save_model(tmp_path)
    (tmp_path / "generation_config.json").write_bytes(content)
    (said,) = load_model(str(tmp_path)).repairs
    assert "generation_config.json cannot be read" in said


@pytest.mark.parametrize("content", DAMAGED.values(), ids=list(DAMAGED))
def test_a_damaged_generation_config_is_left_out(tmp_path: Path, content: bytes) -> None:
    save_model(tmp_path)
    (tmp_path / "generation_config.json").write_bytes(content)
    (said,) = load_model(str(tmp_path)).repairs
    assert "is ignored" in said or "end-of-text tokens are used" in said
    assert len(said) < 600


def test_a_missing_padding_token(tmp_path: Path) -> None:
    """Nor can a model be made with one beyond its embeddings."""
    save_model(tmp_path)
    path = tmp_path / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"pad_token_id": 99_999}))
    tokenizer = AutoTokenizer.from_pretrained(tmp_path)
    tokenizer.pad_token = None
    tokenizer.save_pretrained(tmp_path)
    tokenizer, model = loaded(tmp_path)
    (note,) = repair(tokenizer, model)
    assert "no padding token" in note
    assert model.config.pad_token_id == tokenizer.eos_token_id


def test_tags_that_are_special_tokens_become_ordinary_ones(tmp_path: Path) -> None:
    """A server leaves special tokens out of what it gives back."""
    save_model(tmp_path, rows=1024)
    tokenizer, model = loaded(tmp_path)
    tokenizer.add_special_tokens({"additional_special_tokens": ["<Plan_1>", "</think>", "<|x|>"]})
    text = "<Plan_1>\nGo.</think><|x|>"
    ids = tokenizer(text)["input_ids"]
    (note,) = repair(tokenizer, model)
    assert "(<Plan_1>, </think>): made them ordinary tokens" in note
    tokenizer.save_pretrained(tmp_path)
    saved = AutoTokenizer.from_pretrained(tmp_path)
    assert saved(text)["input_ids"] == ids
    assert saved.decode(ids, skip_special_tokens=True) == "<Plan_1>\nGo.</think>"
