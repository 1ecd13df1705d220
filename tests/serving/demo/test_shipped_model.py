"""The planner's model that comes with the demo; the serial one is the base."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import torch
from sprint.utils.data.sample_problems import sample_problems
from sprint.utils.errors import FormatError
from sprint.utils.grammar import Plan, parse_plan_reply, planner_context
from sprint.utils.prompt_files import load_prompt
from transformers import AutoTokenizer, Qwen2ForCausalLM

MODEL = Path(__file__).parents[3] / "models" / "sample_sprint"
MOST_BYTES = 8_000_000
PLAN_END = "</Plan_1>"


def test_it_is_small_enough_for_a_repository() -> None:
    assert sum(file.stat().st_size for file in MODEL.rglob("*")) <= MOST_BYTES


def test_it_plans_tasks_for_most_held_out_problems() -> None:
    """Not for all on every processor: the order of its sums decides between equal weights."""
    tokenizer = AutoTokenizer.from_pretrained(MODEL)
    model = Qwen2ForCausalLM.from_pretrained(MODEL, dtype=torch.float32)
    planned = 0
    for problem in islice(sample_problems("test", 77), 4):
        context = planner_context(load_prompt("global_agent_prompt"), problem.problem)
        ids = torch.tensor([tokenizer.encode(context, add_special_tokens=False)])
        mask = torch.ones_like(ids)
        written = model.generate(
            ids,
            attention_mask=mask,
            max_new_tokens=200,
            do_sample=False,
            tokenizer=tokenizer,
            stop_strings=[PLAN_END],
        )
        text = tokenizer.decode(written[0, ids.shape[1] :], skip_special_tokens=True)
        try:
            reply = parse_plan_reply(text, 1)
        except FormatError:
            continue
        planned += isinstance(reply, Plan) and len(reply.prompts) > 1
    assert planned >= 3
