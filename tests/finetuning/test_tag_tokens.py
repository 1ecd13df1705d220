"""Tags as single tokens: what they save, what stays as it was, and a model trained with them."""

from __future__ import annotations

import logging
import unicodedata
from collections import Counter
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from sprint.finetuning import tag_tokens
from sprint.finetuning.base_model import load_model
from sprint.finetuning.embeddings import combine, grow, rows_of
from sprint.finetuning.presentations import TrainingPair, samples, tokenize
from sprint.finetuning.tag_tokens import add_tag_tokens, extend, frequent, written
from sprint.finetuning.training import train
from sprint.utils.config import replace
from sprint.utils.errors import InputError
from sprint.utils.grammar import render, trajectory_calls
from sprint.utils.grammar.layout import spaced_tags
from sprint.utils.records import Trajectory
from sprint.utils.tokens.counting import count_tokens, generated_sequential_tokens
from sprint.utils.tokens.special import special_tokens_of
from sprint.utils.tokens.tokenizers import token_counter
from support.finetuning import distance, history_of, short_recipe, weights
from support.models import bare_tokenizer, model_of, save_model
from support.scripts import OTHER_TRAJECTORY, TRAJECTORY
from support.strategies import trajectories
from support.tiny import tiny_tokenizer
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import AutoTokenizer, PreTrainedTokenizerFast

TAGS = tuple(dict.fromkeys(spaced_tags(written(TRAJECTORY))))


@pytest.fixture(autouse=True)
def few_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tag_tokens, "FEWEST", 1)


def extended_tokenizer() -> Any:
    """The tiny tokenizer with the tags of TRAJECTORY, which other trajectories have in part."""
    made = deepcopy(tiny_tokenizer())
    extend("tiny", made, TAGS)
    return made


EXTENDED = extended_tokenizer()


def ids_of(text: str) -> list[int]:
    return list(EXTENDED(text, add_special_tokens=False)["input_ids"])


def test_the_most_frequent_come_first_and_rare_ones_are_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tag_tokens, "FEWEST", 2)
    counts = Counter({"b": 3, "c": 5, "a": 3, "rare": 1})
    assert frequent(counts) == ["c", "a", "b"]


def test_a_tag_is_one_token_and_is_read_back() -> None:
    for tag in TAGS:
        (number,) = ids_of(tag)
        assert EXTENDED.decode([number], skip_special_tokens=True) == tag
    assert not any("think" in tag or "Question" in tag for tag in TAGS)


def test_they_are_no_special_tokens() -> None:
    marked = f"{TAGS[0]}<|endoftext|>{TAGS[1]}"
    assert special_tokens_of(EXTENDED).count(marked) == 1


def test_contexts_and_completions_are_split_between_tokens() -> None:
    """What is sent in two pieces has the tokens of the whole."""
    for call in trajectory_calls("Solve.", TRAJECTORY):
        sample = tokenize(TrainingPair(call.context, call.completion, ends=False), EXTENDED)
        assert sample.ids == ids_of(call.context + call.completion)


@given(trajectories)
def test_two_pieces_have_the_characters_of_the_whole(trajectory: Trajectory) -> None:
    for call in trajectory_calls("Solve.", trajectory):
        sample = tokenize(TrainingPair(call.context, call.completion, ends=False), EXTENDED)
        whole = call.context + call.completion
        assert sample.ids[sample.context_length :] == ids_of(call.completion)
        assert EXTENDED.decode(sample.ids) == unicodedata.normalize("NFC", whole)


@given(trajectories)
def test_contents_have_the_same_tokens(trajectory: Trajectory) -> None:
    plain, tagged = token_counter(tiny_tokenizer()), token_counter(EXTENDED)
    assert count_tokens(trajectory, tagged) == count_tokens(trajectory, plain)
    generated = generated_sequential_tokens(trajectory, tagged)
    assert generated <= generated_sequential_tokens(trajectory, plain)


def test_a_phase_is_generated_with_a_token_for_each_tag() -> None:
    tagged = token_counter(EXTENDED)
    content = count_tokens(TRAJECTORY, tagged).sequential
    tags = generated_sequential_tokens(TRAJECTORY, tagged) - content
    plain = token_counter(tiny_tokenizer())
    before = generated_sequential_tokens(TRAJECTORY, plain) - content
    assert tags < before / 3


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("family", ["qwen2", "gpt2"])
def test_rows_are_made_of_those_of_their_pieces(tmp_path: Path, family: str, tied: bool) -> None:
    save_model(tmp_path, family, tie_word_embeddings=tied)
    tokenizer, model, _ = load_model(str(tmp_path))
    before = [it.weight.clone() for it in tables_of(model)]
    pieces = {tag: tokenizer(tag, add_special_tokens=False)["input_ids"] for tag in TAGS}
    found = add_tag_tokens("tiny", tokenizer, model, [TRAJECTORY])
    assert (found.tokens, found.added, found.share) == (len(TAGS), len(TAGS), 1.0)
    assert found.new_rows == rows_of(model) - len(before[0])
    assert rows_of(model) % tag_tokens.MULTIPLE == 0
    assert model.config.vocab_size == rows_of(model)
    assert found.after < found.before
    for old, table in zip(before, tables_of(model), strict=True):
        assert torch.equal(table.weight[: len(old)], old)
        for tag, ids in pieces.items():
            (number,) = tokenizer(tag, add_special_tokens=False)["input_ids"]
            mean = sum(place * old[it] for place, it in enumerate(ids, 1)) / sum(
                range(1, len(ids) + 1)
            )
            assert torch.allclose(table.weight[number], mean, atol=1e-5)


def tables_of(model: Any) -> list[Any]:
    inner, head = model.get_input_embeddings(), model.get_output_embeddings()
    return [inner] if inner.weight is head.weight else [inner, head]


def test_unused_rows_are_used_first(tmp_path: Path) -> None:
    save_model(tmp_path, rows=1024)
    tokenizer, model, _ = load_model(str(tmp_path))
    found = add_tag_tokens("tiny", tokenizer, model, [TRAJECTORY])
    assert (found.added, found.new_rows) == (len(TAGS), 0)
    assert model.config.vocab_size == 1024


def test_tokens_that_exist_are_used_again(tmp_path: Path) -> None:
    save_model(tmp_path)
    tokenizer, model, _ = load_model(str(tmp_path))
    first = add_tag_tokens("tiny", tokenizer, model, [TRAJECTORY])
    rows = model.get_input_embeddings().weight.clone()
    again = add_tag_tokens("tiny", tokenizer, model, [TRAJECTORY])
    assert (again.tokens, again.added, again.new_rows) == (first.tokens, 0, 0)
    assert torch.equal(model.get_input_embeddings().weight, rows)


def test_tags_with_the_same_pieces_differ() -> None:
    model = model_of("qwen2", 64)
    grow(model, 66)
    combine(model, {64: [5, 6], 65: [6, 5]})
    first, second = model.get_input_embeddings().weight[64:66]
    assert not torch.allclose(first, second)


def metaspace() -> PreTrainedTokenizerFast:
    """It puts a space before each piece of text between added tokens."""
    letters = {letter: number for number, letter in enumerate("▁1+2=3")}
    made = Tokenizer(models.BPE(vocab=letters, merges=[], unk_token="1"))
    made.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    made.decoder = decoders.Metaspace(prepend_scheme="never")
    return PreTrainedTokenizerFast(tokenizer_object=made)


@pytest.mark.parametrize(
    ("tokenizer", "said"), [(metaspace(), "next to an added token"), (object(), "not a fast one")]
)
def test_a_tokenizer_that_cannot_be_extended(tokenizer: Any, said: str) -> None:
    with pytest.raises(InputError, match=f"{said}.*--tag_tokens off"):
        extend("given/model", tokenizer, TAGS)


def test_a_tokenizer_of_bytes_can_be_extended() -> None:
    extend("bytes", bare_tokenizer(), TAGS)


def test_serial_thoughts_have_no_tags(data: Path, model: Path, tmp_path: Path) -> None:
    recipe = short_recipe(data, model, tmp_path / "model")
    with pytest.raises(ValidationError, match="leave out --tag_tokens on"):
        replace(recipe, presentation="serial", tag_tokens="on")


@settings(max_examples=10, deadline=None)
@given(st.sampled_from([TRAJECTORY, OTHER_TRAJECTORY]))
def test_samples_are_shorter_and_learn_the_same_text(trajectory: Trajectory) -> None:
    row = {"trajectory": render(trajectory)}
    for presentation in ("per_call", "full_trajectory"):
        plain = samples(row, presentation, tiny_tokenizer())  # type: ignore[arg-type]
        tagged = samples(row, presentation, EXTENDED)  # type: ignore[arg-type]
        for one, other in zip(plain, tagged, strict=True):
            assert len(other.ids) < len(one.ids)
            assert EXTENDED.decode(other.ids) == tiny_tokenizer().decode(one.ids)


def test_a_model_is_trained_saved_resumed_and_trained_further(
    data: Path, model: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    recipe = replace(
        short_recipe(data, model, tmp_path / "once"),
        presentation="trie",
        tag_tokens="on",
        save_steps=1,
    )
    with caplog.at_level(logging.INFO):
        train(recipe)
    assert "tags are single tokens" in caplog.text
    told = history_of(recipe.output)["tag_tokens"]
    assert told["added"] == told["tokens"] > 10
    assert "tags that are single tokens" in (recipe.output / "README.md").read_text()
    tokenizer = AutoTokenizer.from_pretrained(recipe.output)
    assert len(tokenizer("<Plan_1>\n", add_special_tokens=False)["input_ids"]) == 1
    (table, *_) = weights(recipe.output)
    assert len(table) == len(tiny_tokenizer()) + told["new_rows"] >= len(tokenizer)

    resumed = replace(recipe, output=tmp_path / "resumed", resume=True)
    checkpoints = tmp_path / "once.checkpoints"
    (checkpoints / "checkpoint-2" / "trainer_state.json").unlink()
    checkpoints.rename(tmp_path / "resumed.checkpoints")
    train(resumed)
    assert distance(resumed.output, recipe.output) < 1e-3

    further = replace(recipe, model=str(recipe.output), output=tmp_path / "further")
    train(further)
    again = history_of(further.output)["tag_tokens"]
    assert (again["tokens"], again["added"], again["new_rows"]) == (told["tokens"], 0, 0)
