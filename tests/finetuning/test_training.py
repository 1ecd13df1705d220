"""Fine-tuning: what goes into a batch, what is left out, and two real steps on a tiny model."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from threading import Barrier
from typing import Any

import datasets
import pytest
import torch
from sprint.finetuning.base_model import load_model
from sprint.finetuning.branches import attend_by_branch
from sprint.finetuning.checks import require_one_device
from sprint.finetuning.config import FinetuneConfig, Presentation, SpecialTokenPolicy
from sprint.finetuning.history import HISTORY
from sprint.finetuning.presentations import IGNORED
from sprint.finetuning.run_folder import checkpoints_folder
from sprint.finetuning.sample_rows import RightPadding
from sprint.finetuning.tokenization import Samples, Team, build_samples, filled_up
from sprint.finetuning.trainer import CountingTrainer
from sprint.finetuning.training import samples_of, train, trainer_arguments
from sprint.utils.config import replace
from sprint.utils.errors import InputError
from support.damaged import DAMAGED
from support.finetuning import distance, history_of, short_recipe, weights
from support.limits import PATIENCE
from support.tiny import tiny_model, tiny_tokenizer
from transformers import AutoModelForCausalLM, AutoTokenizer, MistralConfig


def recipe_for(data: Path, presentation: Presentation = "per_call") -> FinetuneConfig:
    """For what needs no model."""
    output = data.with_name("untrained")
    return FinetuneConfig(
        model="none", data=data, output=output, presentation=presentation, max_length=4096
    )


def test_padding_goes_to_the_right_and_carries_no_loss() -> None:
    rows = [
        {"input_ids": [5, 6, 7], "labels": [IGNORED, 6, 7], "length": [3]},
        {"input_ids": [8], "labels": [8], "length": [1]},
    ]
    batch = RightPadding(0)(rows)
    assert batch["input_ids"].tolist() == [[5, 6, 7], [8, 0, 0]]
    assert batch["labels"].tolist() == [[IGNORED, 6, 7], [8, IGNORED, IGNORED]]
    assert batch["position_ids"].tolist() == [[0, 1, 2], [0, 1, 2]]


def test_padding_changes_no_loss(model: Path) -> None:
    """Right padding without a mask: the loss of a batch is that of its samples."""
    network = AutoModelForCausalLM.from_pretrained(model).eval()
    long = {"input_ids": [5, 6, 7, 9, 11], "labels": [IGNORED, 6, 7, 9, 11]}
    short = {"input_ids": [8, 12, 30], "labels": [IGNORED, 12, 30]}
    collate = RightPadding(0)
    with torch.no_grad():
        alone = [network(**collate([row])).loss.item() for row in (long, short)]
        together = network(**collate([long, short])).loss.item()
    assert together == pytest.approx((4 * alone[0] + 2 * alone[1]) / 6, rel=1e-4)


@pytest.mark.parametrize(
    ("presentation", "count"),
    [("per_call", 14), ("trie", 2), ("full_trajectory", 2), ("serial", 2)],
)
def test_every_row_gives_its_samples(data: Path, presentation: Presentation, count: int) -> None:
    built = samples_of(recipe_for(data, presentation), "train", tiny_tokenizer()).rows
    assert len(built) == count
    assert all(
        len(value) == row["length"]
        for row in built
        for key, value in row.items()
        if key != "length"
    )


@pytest.mark.parametrize("presentation", ["per_call", "trie"])
def test_processes_that_share_the_rows_have_all_samples_in_order(
    data: Path, tmp_path: Path, presentation: Presentation
) -> None:
    """Three processes for two rows: one has nothing to do."""
    recipe = replace(recipe_for(data, presentation), output=tmp_path / "together")
    barrier = Barrier(3)

    def built_by(rank: int) -> Samples:
        team = Team(rank, 3, lambda: barrier.wait(PATIENCE))
        return samples_of(recipe, "train", tiny_tokenizer(), team)

    with ThreadPoolExecutor(3) as pool:
        apart = list(pool.map(built_by, range(3)))
    alone = samples_of(recipe_for(data, presentation), "train", tiny_tokenizer())
    for one in apart:
        assert one.counts == alone.counts
        assert one.rows.to_list() == alone.rows.to_list()


@pytest.mark.parametrize(("presentation", "times"), [("serial", 1), ("per_call", 3)])
def test_a_thought_with_several_trajectories_is_one_serial_thought(
    data: Path, tmp_path: Path, presentation: Presentation, times: int
) -> None:
    """RFT trains on each thought once, however often stage 3 writes its trajectory."""
    once = datasets.load_from_disk(str(data))["train"]
    repeated = datasets.concatenate_datasets([once, once.select([1]), once, once.select([0])])
    datasets.DatasetDict({"train": repeated}).save_to_disk(tmp_path / "repeated")
    built = samples_of(recipe_for(tmp_path / "repeated", presentation), "train", tiny_tokenizer())
    alone = samples_of(recipe_for(data, presentation), "train", tiny_tokenizer())
    assert built.counts.trajectories == times * alone.counts.trajectories
    if times == 1:
        assert built.rows.to_list() == alone.rows.to_list()


@pytest.mark.parametrize(
    "content",
    [*DAMAGED.values(), b'{"samples": "3"}', b'{"samples": -1}', b'{"unheard_of": 1}'],
)
def test_damaged_counts_of_another_process_are_one_sentence(
    data: Path, tmp_path: Path, content: bytes
) -> None:
    other = tmp_path / "train-1-of-2"
    other.with_suffix(".arrow").touch()
    team = Team(0, 2, lambda: other.with_suffix(".json").write_bytes(content))
    with pytest.raises(InputError, match=r"train-1-of-2\.json is damaged") as caught:
        build_samples(
            data,
            "train",
            "per_call",
            tiny_tokenizer(),
            tmp_path,
            max_length=2048,
            on_overlong="drop",
            special_tokens="remove",
            team=team,
        )
    assert "\n" not in str(caught.value)


def test_samples_in_use_are_not_changed_by_a_later_run(data: Path) -> None:
    first = samples_of(recipe_for(data), "train", tiny_tokenizer()).rows
    before = first.to_list()
    samples_of(recipe_for(data, "trie"), "train", tiny_tokenizer())
    assert first.to_list() == before


def lengths(data: Path) -> list[int]:
    return sorted(samples_of(recipe_for(data), "train", tiny_tokenizer()).rows["length"])


def test_overlong_samples_are_dropped_and_counted(
    data: Path, caplog: pytest.LogCaptureFixture
) -> None:
    limit = lengths(data)[5]
    expected = [length for length in lengths(data) if length <= limit]
    recipe = replace(recipe_for(data), max_length=limit)
    with caplog.at_level(logging.INFO):
        kept = samples_of(recipe, "train", tiny_tokenizer()).rows
    assert sorted(kept["length"]) == expected
    assert f"{14 - len(expected)} samples over {limit} tokens" in caplog.messages[-1]


def test_malformed_trajectories_are_left_out_and_counted(data: Path, tmp_path: Path) -> None:
    good = datasets.load_from_disk(str(data))["train"].select([0])
    texts = ["no grammar at all", good[0]["trajectory"].split("<Final_answer>")[0]]
    bad = datasets.Dataset.from_list([{**good[0], "trajectory": text} for text in texts])
    mixed = datasets.concatenate_datasets([good, bad])
    datasets.DatasetDict({"train": mixed}).save_to_disk(tmp_path / "mixed")
    recipe = recipe_for(tmp_path / "mixed")
    built, alone = samples_of(recipe, "train", tiny_tokenizer()), lengths(data)
    assert (built.counts.trajectories, built.counts.malformed) == (3, 2)
    assert set(built.rows["length"]) < set(alone)


@pytest.mark.parametrize(("policy", "kept"), [("remove", 3), ("drop", 2)])
def test_rows_that_hold_special_tokens_are_counted(
    data: Path, tmp_path: Path, policy: SpecialTokenPolicy, kept: int, caplog: Any
) -> None:
    clean = datasets.load_from_disk(str(data))["train"]
    marked = {**clean[0], "thought": "So.<|endoftext|> It is 26.<|im_end|>"}
    rows = datasets.concatenate_datasets([clean, datasets.Dataset.from_list([marked])])
    datasets.DatasetDict({"train": rows}).save_to_disk(tmp_path / "marked")
    recipe = replace(recipe_for(tmp_path / "marked", "serial"), special_tokens=policy)
    built = samples_of(recipe, "train", tiny_tokenizer())
    assert (built.counts.trajectories, built.counts.samples) == (3, kept)
    assert (built.counts.marked, built.counts.special_tokens) == (1, 2)
    assert "2 special tokens in the texts of 1 trajectories" in caplog.text
    ends = [row["input_ids"].count(tiny_tokenizer().eos_token_id) for row in built.rows]
    assert ends == [1] * kept


def test_a_column_that_is_no_text_is_an_error(data: Path, tmp_path: Path) -> None:
    rows = datasets.load_from_disk(str(data))["train"]
    numbers = rows.remove_columns("thought").add_column("thought", [1, 2])
    datasets.DatasetDict({"train": numbers}).save_to_disk(tmp_path / "numbers")
    with pytest.raises(InputError, match="no text in its column thought, which serial needs"):
        samples_of(recipe_for(tmp_path / "numbers", "serial"), "train", tiny_tokenizer())


def test_finished_trajectories_without_thoughts_train_no_serial_model(
    data: Path, tmp_path: Path
) -> None:
    rows = datasets.load_from_disk(str(data))["train"]
    rows = rows.remove_columns("thought").add_column("thought", ["", " "])
    datasets.DatasetDict({"train": rows}).save_to_disk(tmp_path / "finished")
    with pytest.raises(InputError, match="has no thoughts, which serial trains on"):
        samples_of(recipe_for(tmp_path / "finished", "serial"), "train", tiny_tokenizer())
    assert samples_of(recipe_for(tmp_path / "finished"), "train", tiny_tokenizer()).rows


def test_overlong_samples_may_be_an_error(data: Path) -> None:
    limit = lengths(data)[-3]
    over = sum(length > limit for length in lengths(data))
    recipe = replace(recipe_for(data), max_length=limit, on_overlong="error")
    with pytest.raises(InputError, match=f"{over} samples of .* longer than {limit} tokens"):
        samples_of(recipe, "train", tiny_tokenizer())


def test_a_limit_that_leaves_nothing_is_an_error(data: Path) -> None:
    recipe = replace(recipe_for(data), max_length=3)
    with pytest.raises(InputError, match="has no sample of at most 3 tokens in its split 'tr"):
        samples_of(recipe, "train", tiny_tokenizer())


def test_a_missing_split_is_an_error(data: Path) -> None:
    with pytest.raises(InputError, match="no split 'dev'"):
        samples_of(recipe_for(data), "dev", tiny_tokenizer())


def test_the_base_model_is_not_overwritten(data: Path, model: Path) -> None:
    with pytest.raises(InputError, match="is the base model itself"):
        train(short_recipe(data, model, model))


def test_an_unknown_place_for_the_losses(data: Path, model: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--report_to nowhere is not installed or unknown"):
        train(replace(short_recipe(data, model, tmp_path), report_to="nowhere"))


def test_a_missing_model_is_an_error(tmp_path: Path) -> None:
    """A path is not looked for on the hub."""
    with pytest.raises(InputError, match=r"There is no folder .*missing: correct the path"):
        load_model(str(tmp_path / "missing"))


def test_a_folder_without_a_model_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"Cannot load the model .* give a name on the hub"):
        load_model(str(tmp_path))


@pytest.mark.parametrize("bfloat16", [False, True], indirect=True)
def test_two_steps_give_a_model_that_loads(
    data: Path, model: Path, tmp_path: Path, bfloat16: bool
) -> None:
    metrics = train(short_recipe(data, model, tmp_path))
    assert 0 < metrics["train_loss"] < 20
    assert AutoModelForCausalLM.from_pretrained(tmp_path).dtype == torch.bfloat16
    before, after = weights(model), weights(tmp_path)
    assert not any(torch.equal(old, new) for old, new in zip(before, after, strict=True))
    tokenizer = AutoTokenizer.from_pretrained(tmp_path)
    text = "<Plan_1>\nWork out 2*3."
    assert tokenizer.encode(text) == tiny_tokenizer().encode(text)
    modes = {path.stat().st_mode for path in tmp_path.glob("*.*") if path.is_file()}
    assert len(modes) == 1, "a server that reads the configuration reads the weights"


def test_a_trie_trains_like_the_calls_it_holds(data: Path, model: Path, tmp_path: Path) -> None:
    """One step on all calls: the loss is the mean over the same tokens, and so is the step."""
    losses, outputs = list[float](), list[Path]()
    for presentation, batch_size, checkpointing in (
        ("per_call", 14, False),
        ("trie", 2, False),
        ("trie", 2, True),
    ):
        recipe = replace(
            short_recipe(data, model, tmp_path / f"{presentation}{checkpointing}"),
            presentation=presentation,
            batch_size=batch_size,
            max_steps=1,
            gradient_checkpointing=checkpointing,
        )
        losses.append(train(recipe)["train_loss"])
        outputs.append(recipe.output)
    assert losses[1:] == pytest.approx([losses[0]] * 2, rel=1e-5)
    assert all(distance(one, outputs[0]) < 1e-3 for one in outputs[1:])


@pytest.fixture
def decide_losses(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Evaluations of the next training report these losses, whatever the model."""

    def decide(*losses: float) -> None:
        evaluate, left = CountingTrainer.evaluation_loop, iter(losses)

        def decided(self: CountingTrainer, *args: Any, **options: Any) -> Any:
            output = evaluate(self, *args, **options)
            return output._replace(metrics=output.metrics | {"eval_loss": next(left)})

        monkeypatch.setattr(CountingTrainer, "evaluation_loop", decided)

    return decide


@pytest.mark.parametrize(
    ("save_steps", "losses", "best", "saved"),
    [
        (1, (3.0, 2.0, 1.0), 3, [2, 3]),
        (1, (3.0, 1.0, 2.0), 2, [2, 3]),
        (1, (1.0, 2.0, 3.0), 1, [1, 3]),
        # The best lies between two checkpoints, which are all that the trainer itself would save.
        (3, (1.0, 2.0, 3.0), 1, [1, 3]),
        (3, (3.0, 1.0, 2.0), 2, [2, 3]),
    ],
)
def test_the_best_evaluated_model_is_kept(
    data: Path,
    model: Path,
    tmp_path: Path,
    decide_losses: Callable[..., None],
    save_steps: int,
    losses: tuple[float, ...],
    best: int,
    saved: list[int],
) -> None:
    decide_losses(*losses)
    recipe = short_recipe(data, model, tmp_path)
    train(replace(recipe, eval_steps=1, save_steps=save_steps, max_steps=len(losses)))
    assert history_of(tmp_path)["best"] == {"step": best, "eval_loss": min(losses)}
    found = {
        int(path.name.removeprefix("checkpoint-")): path
        for path in checkpoints_folder(tmp_path).glob("checkpoint-*")
    }
    assert sorted(found) == saved
    assert not any((path / "README.md").exists() for path in found.values()), "a guessed card"
    nearest = min(found, key=lambda step: distance(tmp_path, found[step]))
    assert nearest == best
    assert distance(tmp_path, found[best]) < 1e-2  # it was rounded to bfloat16


def test_data_without_a_test_split_is_told_what_to_set(
    data: Path, model: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "data"
    datasets.DatasetDict({"train": datasets.load_from_disk(str(data))["train"]}).save_to_disk(mine)
    with pytest.raises(InputError, match=r"no split 'test'.* set EVAL_STEPS=0"):
        train(replace(short_recipe(mine, model, tmp_path / "m"), eval_steps=1))


def test_what_is_logged_does_not_count_a_batch_as_one_row(
    data: Path, model: Path, tmp_path: Path
) -> None:
    train(short_recipe(data, model, tmp_path))
    history = history_of(tmp_path)["history"]
    assert not any("num_tokens" in name for entry in history for name in entry)


@pytest.mark.parametrize(
    ("presentation", "batch_size"), [("per_call", 1), ("per_call", 3), ("trie", 1)]
)
def test_the_loss_of_an_evaluation_is_that_of_a_trained_token(
    data: Path, model: Path, tmp_path: Path, presentation: Presentation, batch_size: int
) -> None:
    """Whatever the batches: one step at a rate of next to nothing, then the model as it was."""
    recipe = replace(
        short_recipe(data, model, tmp_path),
        presentation=presentation,
        batch_size=batch_size,
        max_steps=1,
        eval_steps=1,
        learning_rate=1e-12,
    )
    train(recipe)
    history = json.loads((tmp_path / HISTORY).read_text())["history"]
    (found,) = [entry["eval_loss"] for entry in history if "eval_loss" in entry]
    network = AutoModelForCausalLM.from_pretrained(model).eval()
    rows = samples_of(replace(recipe, presentation="per_call"), "test", tiny_tokenizer()).rows
    with torch.no_grad():
        expected = network(**RightPadding(0)(list(rows))).loss.item()
    assert found == pytest.approx(expected, rel=1e-4)


def test_a_trie_is_refused_where_layers_do_not_see_all(tmp_path: Path) -> None:
    model = tiny_model()
    model.config.layer_types = ["full_attention", "sliding_attention"]
    with pytest.raises(InputError, match="sliding_attention: use per_call instead"):
        attend_by_branch(model)


@pytest.mark.parametrize(
    ("window", "refused"),
    [
        ({"sliding_window": 4}, True),
        ({"sliding_window": None}, False),
        ({"sliding_window": 4, "use_sliding_window": False}, False),
    ],
)
def test_a_trie_is_refused_where_all_layers_have_a_window(
    window: dict[str, Any], refused: bool
) -> None:
    """Mistral's configuration tells no kinds of layers."""
    sizes = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "vocab_size": 32}
    heads = {"num_attention_heads": 2, "num_key_value_heads": 1}
    model = AutoModelForCausalLM.from_config(MistralConfig(**sizes, **heads, **window))
    with pytest.raises(InputError, match="sliding_window") if refused else nullcontext():
        attend_by_branch(model)


@pytest.mark.parametrize("presentation", ["per_call", "trie"])
def test_rows_that_fill_up_carry_no_loss(data: Path, presentation: Presentation) -> None:
    rows = samples_of(recipe_for(data, presentation), "test", tiny_tokenizer()).rows
    filled = filled_up(rows, 4)
    assert (len(filled) % 4, len(filled) - len(rows) < 4) == (0, True)
    assert filled.select(range(len(rows))).to_list() == rows.to_list()
    labels = "next_labels" if presentation == "trie" else "labels"
    for row in filled.select(range(len(rows), len(filled))):
        assert set(row[labels]) == {IGNORED}
        assert len(row["input_ids"]) == row["length"]


def test_several_gpus_need_several_processes() -> None:
    require_one_device(1)
    with pytest.raises(InputError, match=r"One process sees 4 GPUs: start it with run"):
        require_one_device(4)


def test_a_rate_may_rise_to_the_end(data: Path) -> None:
    """The trainer takes 1 for one step."""
    assert 0.99 < trainer_arguments(replace(recipe_for(data), warmup=1.0)).warmup_steps < 1
