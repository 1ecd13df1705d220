"""How often a SPRINT model's most likely next token is the right one, by where it stands.

python benchmarks/trajectory_tokens.py --model quickstart/models/SPRINT \
    --data quickstart/logs/finetuning_data/train_default

Teacher forcing on held-out trajectories (the data's split `test`), call by call as at inference,
so that one error is counted once. A trajectory is `whole` if none of its digits, names and tags is
wrong, which is what greedy decoding needs. Words that may be chosen freely are left out.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from pathlib import Path

import torch
from sprint.utils.datasets_io import DataSource, load_rows
from sprint.utils.grammar import parse, trajectory_calls
from sprint.utils.prompts import load_prompt
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel

KINDS = {
    "tags": re.compile(r"</?\w+_[\d.]+>|-----"),
    "names": re.compile(r"\b[P-Z]\b"),
    "facts": re.compile(r"(?:^|(?<=\n))[P-Z]:[^.]+\.|(?<=[\d.] )[P-Z]=\d+\."),
    "equations": re.compile(r"(?<==)\d+(?=[.,])"),
    "other digits": re.compile(r"\d"),
}
"""The first that matches. `facts` are looked up: in the question, or in an execution."""


def kind_of_each(text: str) -> list[str | None]:
    """The kind of each character of a completion."""
    kinds: list[str | None] = [None] * len(text)
    for kind, pattern in KINDS.items():
        for found in pattern.finditer(text):
            for place in range(*found.span()):
                kinds[place] = kinds[place] or kind
    return kinds


def best_tokens(model: PreTrainedModel, head: list[int], tail: list[int]) -> list[int]:
    """The most likely token at each place of `tail`, after all that stands before it."""
    with torch.inference_mode():
        ids = torch.tensor([[*head, *tail]])
        logits = model(input_ids=ids, logits_to_keep=len(tail) + 1).logits[0]
    best: list[int] = logits.argmax(-1)[:-1].tolist()
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--trajectories", type=int, default=25)
    parser.add_argument("--show", type=int, default=0, help="errors to print")
    arguments = parser.parse_args()
    tokenizer = AutoTokenizer.from_pretrained(arguments.model)
    model = AutoModelForCausalLM.from_pretrained(arguments.model, dtype=torch.float32)
    instruction = load_prompt("global_agent_prompt")
    seen, faults = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    whole, left = 0, arguments.show
    table = load_rows(DataSource(str(arguments.data), split="test"))
    table = table.select(range(min(arguments.trajectories, len(table))))
    for row in table:
        before = faults.total()
        for call in trajectory_calls(instruction, parse(row["trajectory"])):
            head = tokenizer.encode(call.context, add_special_tokens=False)
            tail = tokenizer(call.completion, add_special_tokens=False, return_offsets_mapping=True)
            guesses, kinds = (
                best_tokens(model, head, tail["input_ids"]),
                kind_of_each(call.completion),
            )
            for right, guess, (start, end) in zip(
                tail["input_ids"], guesses, tail["offset_mapping"], strict=True
            ):
                kind = kinds[end - 1] if end > start else None
                if kind is None:
                    continue
                seen[call.role, kind] += 1
                if right == guess:
                    continue
                faults[call.role, kind] += 1
                if left > 0:
                    left -= 1
                    wanted, got = tokenizer.decode([right]), tokenizer.decode([guess])
                    text = call.completion[max(0, start - 50) : start]
                    print(f"{call.role}, {kind}: {text!r} {wanted!r}, not {got!r}")
        whole += faults.total() == before
    for role, kind in sorted(seen):
        print(f"{role}, {kind}: {faults[role, kind]} of {seen[role, kind]} wrong")
    print(f"{faults.total()} of {seen.total()} wrong; {whole} of {len(table)} trajectories whole")


if __name__ == "__main__":
    main()
