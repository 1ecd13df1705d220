"""Lengths in stage 3 are those that stage 4 trains on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sprint.finetuning.config import Presentation
from sprint.finetuning.presentations import samples
from sprint.finetuning_data_preparation.config import Limits, PromptOrder
from sprint.finetuning_data_preparation.curation import Curated, Curation, Packed, passed
from sprint.finetuning_data_preparation.row_statistics import RowStatistics
from sprint.utils.grammar import render, serial_text, training_text
from sprint.utils.prompt_files import load_prompt
from sprint.utils.records import Problem, Thought, Trajectory
from sprint.utils.tokens.tokenizers import special_tokens_before
from support.scripts import TRAJECTORY
from support.tiny import tiny_tokenizer
from tokenizers.processors import TemplateProcessing
from transformers import AutoTokenizer

THOUGHT, SOLUTION = "2*3=6. 4*5=20. So it is 26.", "It is \\boxed{26}."
ROW = {
    "question": TRAJECTORY.question,
    "thought": THOUGHT,
    "solution": SOLUTION,
    "trajectory": render(TRAJECTORY, think=False),
}


@pytest.mark.parametrize("presentation", ["full_trajectory", "serial"])
@pytest.mark.parametrize("begins", [False, True])
def test_stage_3_counts_what_stage_4_trains(
    tmp_path: Path, presentation: Presentation, begins: bool
) -> None:
    """With a tokenizer that puts a token before each text, too."""
    tiny_tokenizer().save_pretrained(tmp_path)
    tokenizer = AutoTokenizer.from_pretrained(tmp_path)
    if begins:
        end = tokenizer.eos_token
        tokenizer.backend_tokenizer.post_processor = TemplateProcessing(
            single=f"{end} $A", special_tokens=[(end, tokenizer.eos_token_id)]
        )
        tokenizer.save_pretrained(tmp_path)
        tokenizer = AutoTokenizer.from_pretrained(tmp_path)
    sprint, serial = load_prompt("global_agent_prompt"), load_prompt("base_model_prompt")
    curation = Curation(Limits(max_length=1), 3, sprint, serial, "original", str(tmp_path))
    text = (
        serial_text(serial, TRAJECTORY.question, THOUGHT, SOLUTION)
        if presentation == "serial"
        else training_text(sprint, TRAJECTORY)
    )
    assert special_tokens_before(str(tmp_path)) == begins
    (sample,) = samples(ROW, presentation, tokenizer)
    assert curation.training_length(*text) == len(sample.ids)


@pytest.mark.parametrize("marked", [False, True])
def test_special_tokens_in_texts_are_counted_in_neither_stage(tmp_path: Path, marked: bool) -> None:
    """A limit that the clean texts just keep to; stage 4 trains on the clean texts alone."""
    tiny_tokenizer().save_pretrained(tmp_path)
    tokenizer = AutoTokenizer.from_pretrained(tmp_path)
    longest = max(
        len(sample.ids)
        for presentation in ("full_trajectory", "serial")
        for sample in samples(ROW, presentation, tokenizer)  # type: ignore[arg-type]
    )
    marks = " <|endoftext|><|im_end|>" if marked else ""
    question = TRAJECTORY.question + marks
    problem = Problem("1", 0, question, "26", SOLUTION)
    trajectory = replace(TRAJECTORY, question=question)
    trajectories: dict[PromptOrder, Trajectory] = {
        "original": trajectory,
        "longest_first": trajectory,
    }
    packed = Packed(Thought(problem, THOUGHT + marks), trajectories, RowStatistics(4, 2, 2, 2), {})
    for limit, fits in ((longest, True), (longest - 1, False)):
        limits = Limits(parallelization_threshold=0, max_length=limit)
        curation = Curation(
            limits,
            3,
            load_prompt("global_agent_prompt"),
            load_prompt("base_model_prompt"),
            "original",
            str(tmp_path),
        )
        assert isinstance(passed(packed, True, curation), Curated) is fits
