"""The parts of the base model's training that can go wrong in silence."""

from __future__ import annotations

import re
from itertools import islice
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from sample_base.checkpoint import Checkpoint, Progress
from sprint.utils.data.sample_problems import FAMILIES, LEVELS
from sprint.utils.errors import InputError
from sprint.utils.grammar import serial_text
from sprint.utils.prompt_files import load_prompt
from support.damaged import DAMAGED
from support.tiny import tiny_tokenizer
from train_base import (
    ALL_LEVELS,
    CHECKPOINT,
    CURRICULUM,
    HISTORY,
    IGNORED,
    WIDTHS,
    Example,
    Stage,
    TrainBaseConfig,
    batches,
    collate,
    curriculum,
    examples,
    legs_of,
    make_optimizers,
    schedule,
    tiny_config,
    train,
    training_problems,
    width_of,
)
from transformers import Qwen2ForCausalLM

SMALL = {"hidden": 64, "layers": 1, "batch_tokens": 256, "tokens": 3000}


def trained(folder: Path, **fields: object) -> dict[str, torch.Tensor]:
    """The weights after a training with these fields."""
    config = TrainBaseConfig.model_validate(SMALL | {"output": folder} | fields)
    folder.mkdir(exist_ok=True)
    train(config)
    assert not (folder / CHECKPOINT).exists()
    return load_file(folder / "model.safetensors")


class StoppedError(Exception):
    """In place of the end of the process."""


@pytest.fixture
def interrupted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a run that ended after its third checkpoint."""

    def save(checkpoint: Checkpoint, progress: Progress) -> None:
        saved(checkpoint, progress)
        if progress.steps >= 3:
            raise StoppedError

    saved, folder = Checkpoint.save, tmp_path / "interrupted"
    monkeypatch.setattr(Checkpoint, "save", save)
    with pytest.raises(StoppedError):
        trained(folder)
    monkeypatch.setattr(Checkpoint, "save", saved)
    return folder


def test_a_resumed_run_ends_with_the_weights_of_one_that_never_stopped(
    interrupted: Path, tmp_path: Path
) -> None:
    whole, resumed = trained(tmp_path / "whole"), trained(interrupted, resume=True)
    assert whole.keys() == resumed.keys()
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)
    legs = [legs_of(folder)[0] for folder in (tmp_path / "whole", interrupted)]
    assert legs[0]["tokens"] == legs[1]["tokens"] >= 3000
    assert legs[0]["steps"] == legs[1]["steps"]


def test_a_run_is_not_resumed_with_other_settings(interrupted: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="other settings"):
        trained(interrupted, resume=True, seed=5)
    with pytest.raises(InputError, match="without --resume"):
        trained(tmp_path / "new", resume=True)


ALL = Stage(1.0, max(LEVELS))
"""Every level, nothing but thoughts."""


def test_an_example_is_what_serial_inference_sees() -> None:
    """The context that the server gets, and then what is to be written, with an end."""
    tokenizer = tiny_tokenizer()
    problem = next(training_problems(4))
    example = next(examples(tokenizer, 4, lambda: ALL))
    context, completion = serial_text(
        load_prompt("base_model_prompt"), problem.problem, problem.thought, problem.solution
    )
    head, tail = example.ids[: example.prompt_length], example.ids[example.prompt_length :]
    assert tokenizer.decode(head) == context
    assert tokenizer.decode(tail[:-1]) == completion
    assert tail[-1] == tokenizer.eos_token_id


def test_recitals_stand_behind_the_usual_context_and_most_are_marked_up() -> None:
    tokenizer = tiny_tokenizer()
    stream = examples(tokenizer, 4, lambda: ALL._replace(recitals=1.0))
    marked = list[bool]()
    for problem, example in zip(islice(training_problems(4), 60), stream, strict=False):
        context, _ = serial_text(load_prompt("base_model_prompt"), problem.problem, "", "")
        assert tokenizer.decode(example.ids[: example.prompt_length]) == context
        assert example.ids[-1] == tokenizer.eos_token_id
        text = tokenizer.decode(example.ids[example.prompt_length :])
        marked.append(re.search(r"</[a-z]+_\d", text) is not None)
    assert 30 < sum(marked) < 57


def test_a_stage_of_drills_shows_nothing_else() -> None:
    tokenizer = tiny_tokenizer()
    stream = islice(examples(tokenizer, 4, lambda: Stage(1.0, 2, drills=1.0)), 20)
    for example in stream:
        assert tokenizer.decode(example.ids)[0] in "PQRSTUXYZ"


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_excerpts_are_read_behind_the_usual_context(share: float) -> None:
    """What is read of one carries no loss."""
    tokenizer = tiny_tokenizer()
    stream = examples(tokenizer, 4, lambda: ALL._replace(excerpts=share))
    for problem, example in zip(islice(training_problems(4), 20), stream, strict=False):
        usual, _ = serial_text(load_prompt("base_model_prompt"), problem.problem, "", "")
        context = tokenizer.decode(example.ids[: example.prompt_length])
        assert context.startswith(usual)
        assert bool(context.removeprefix(usual)) == bool(share)


def test_half_of_what_has_one_layer_is_left_out() -> None:
    subjects = [problem.subject for problem in islice(training_problems(4), 300)]
    assert set(subjects) == set(FAMILIES)
    assert subjects.count("tanks") / 300 == pytest.approx(1 / 3, abs=0.1)


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_recitals_are_as_frequent_as_the_stage_says(share: float) -> None:
    tokenizer = tiny_tokenizer()
    stream = islice(examples(tokenizer, 4, lambda: Stage(1.0, 1, recitals=share)), 100)
    texts = [tokenizer.decode(example.ids[example.prompt_length :]) for example in stream]
    recitals = [text for text in texts if " is $\\boxed{" not in text]
    assert len(recitals) / 100 == pytest.approx(share, abs=0.15 if 0 < share < 1 else 0)


def test_loss_is_on_the_completion_alone() -> None:
    ids, labels = collate([Example([5, 6, 7, 8], 2), Example([9, 3, 4], 1)], pad=0, width=7)
    assert ids.shape == labels.shape == (2, 7)
    assert ids[:, :4].tolist() == [[5, 6, 7, 8], [9, 3, 4, 0]]
    assert labels[:, :4].tolist() == [[IGNORED, IGNORED, 7, 8], [IGNORED, 3, 4, IGNORED]]
    assert set(labels[:, 4:].flatten().tolist()) == {IGNORED}


def test_no_example_is_above_the_level_that_is_allowed() -> None:
    tokenizer = tiny_tokenizer()
    stream = islice(examples(tokenizer, 1, lambda: Stage(1.0, 2, recitals=0.5)), 11)
    questions = {p.problem for p in islice(training_problems(1), 50) if p.level <= 2}
    for example in stream:
        prompt = tokenizer.decode(example.ids[: example.prompt_length])
        assert any(question in prompt for question in questions)


def test_examples_follow_the_stage_that_the_training_has_reached() -> None:
    stages = [Stage(0.5, 1)]
    stream = examples(tiny_tokenizer(), 1, lambda: stages[-1])
    wanted = [problem for problem in islice(training_problems(1), 50) if problem.level == 1]
    for problem in wanted[:2]:
        example = next(stream)
        prompt = tiny_tokenizer().decode(example.ids[: example.prompt_length])
        assert problem.problem in prompt
    stages.append(ALL)
    questions = "".join(
        tiny_tokenizer().decode(example.ids[: example.prompt_length])
        for example in islice(stream, 25)
    )
    above = [problem for problem in islice(training_problems(1), 25) if problem.level > 1]
    assert all(problem.problem in questions for problem in above)


def test_levels_of_the_thoughts_rise_to_the_highest() -> None:
    stages = [curriculum(share / 100) for share in range(101)]
    levels = [stage.level for stage in stages if stage.drills + stage.recitals < 0.5]
    assert levels == sorted(levels)
    assert levels[0] < levels[-1] == max(LEVELS)


def test_curriculum_goes_through_all_its_stages_and_from_recitals_to_thoughts() -> None:
    stages = [curriculum(share / 100) for share in range(101)]
    assert list(dict.fromkeys(stages)) == list(CURRICULUM)
    assert all(share / 100 < stage.end for share, stage in enumerate(stages[:-1]))
    others = [stage.drills + stage.recitals + stage.excerpts for stage in stages]
    assert all(0 <= share <= 1 for share in others)
    assert others[0] > 0.5
    assert others[-1] < 0.5


def test_training_that_goes_on_begins_where_all_levels_are_shown() -> None:
    """`--start_from` skips what only a new model needs, and no more."""
    assert all(curriculum(share).level == max(LEVELS) for share in (ALL_LEVELS, 1.0))
    assert curriculum(ALL_LEVELS - 1e-9).level < max(LEVELS)


def test_batches_are_of_one_width() -> None:
    lengths = [100, 300, 128, 129, 90, 280, 110, 200]
    stream = (Example([index] * length, 1) for index, length in enumerate(lengths))
    made = list(batches(stream, size=2 * WIDTHS[0]))
    assert all(len({width_of(example) for example in batch}) == 1 for batch in made)
    assert sorted(example.ids[0] for batch in made for example in batch) == list(range(8))
    assert all(len(batch) * width_of(batch[0]) <= 2 * WIDTHS[0] for batch in made if len(batch) > 1)


def test_a_width_above_the_batch_size_still_trains() -> None:
    stream = (Example([1] * 600, 1) for _ in range(2))
    assert [len(batch) for batch in batches(stream, size=256)] == [1, 1]


def test_learning_rate_rises_to_its_peak_and_falls() -> None:
    shares = [schedule(share / 100) for share in range(101)]
    peak = shares.index(max(shares))
    assert shares[0] == 0.0
    assert shares[peak] == pytest.approx(1.0, abs=0.01)
    assert shares[peak:] == sorted(shares[peak:], reverse=True)
    assert 0 < shares[-1] < 0.2


def test_every_weight_has_one_optimizer() -> None:
    model = Qwen2ForCausalLM(tiny_config(tiny_tokenizer(), hidden=64, layers=1))
    optimized = [
        id(value)
        for optimizer in make_optimizers(model, 1e-3)
        for group in optimizer.param_groups
        for value in group["params"]
    ]
    assert sorted(optimized) == sorted(id(value) for value in model.parameters())


def test_config_makes_a_model_that_learns() -> None:
    torch.manual_seed(0)
    tokenizer = tiny_tokenizer()
    model = Qwen2ForCausalLM(tiny_config(tokenizer, hidden=64, layers=1))
    example = next(examples(tokenizer, 1, lambda: ALL))
    ids, labels = collate([example], int(tokenizer.pad_token_id), len(example.ids))
    optimizers = make_optimizers(model, 1e-3)
    losses = []
    for _ in range(4):
        loss = model(input_ids=ids, labels=labels).loss
        loss.backward()
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad()
        losses.append(loss.item())
    assert losses[-1] < losses[0]


@pytest.mark.parametrize(
    "content", [*DAMAGED.values(), b"{}", b'{"legs": 1}', b'{"legs": [1]}', b'{"legs": {}}']
)
def test_a_damaged_history_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / HISTORY).write_bytes(content)
    with pytest.raises(InputError, match=rf"{HISTORY} is damaged \(.+\): restore it"):
        legs_of(tmp_path)


def test_the_legs_of_a_folder_that_has_none(tmp_path: Path) -> None:
    assert legs_of(tmp_path) == []
    (tmp_path / HISTORY).write_text('{"legs": [{"minutes": 1}]}')
    assert legs_of(tmp_path) == [{"minutes": 1}]
