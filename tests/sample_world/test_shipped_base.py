"""The base model that comes with the repository."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest
import torch
from sprint.sample_world.problems import sample_problems
from sprint.sample_world.train_base import as_text
from sprint.utils.grading import extract_final_answer
from sprint.utils.prompts import load_prompt
from transformers import AutoTokenizer, Qwen2ForCausalLM

BASE = Path(__file__).parents[2] / "models" / "sample_base"
MOST_BYTES = 8_000_000


def test_base_is_small_enough_for_a_repository() -> None:
    assert sum(file.stat().st_size for file in BASE.rglob("*")) <= MOST_BYTES


@pytest.mark.parametrize("index", range(3))
def test_base_solves_a_held_out_problem_of_the_lowest_level(index: int) -> None:
    problem = next(islice(sample_problems("test", 77), index, None))
    assert problem.level == 1
    tokenizer = AutoTokenizer.from_pretrained(BASE)
    model = Qwen2ForCausalLM.from_pretrained(BASE, dtype=torch.float32)
    context, _ = as_text(problem, load_prompt("base_model_prompt"))
    ids = torch.tensor([tokenizer.encode(context, add_special_tokens=False)])
    written = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=400)
    text = tokenizer.decode(written[0, ids.shape[1] :], skip_special_tokens=True)
    assert extract_final_answer(text) == problem.answer
