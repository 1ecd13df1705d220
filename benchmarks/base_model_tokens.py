"""How often the tiny base model's most likely next token is the right one, by what it stands for.

python benchmarks/base_model_tokens.py --model models/sample_base

Teacher forcing on held-out problems: the model is shown the right text so far, so that one error
is counted once. A problem is `whole` if none of its tokens of these kinds is wrong, which is what
greedy decoding needs. Words that may be chosen freely (`First, let me work out`) are left out.
"""

from __future__ import annotations

import argparse
import itertools
import re
from collections import Counter
from dataclasses import dataclass, field

import torch
from sprint.sample_world.problems import LEVELS, sample_problems
from sprint.sample_world.train_base import as_text
from sprint.utils.prompts import load_prompt
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel

KINDS = {
    "copied from the question": re.compile(r"(?<=\n)[P-Z]:[^.]+\."),
    "result of an equation": re.compile(r"(?<==)\d+(?=[.,])"),
    "other digits": re.compile(r"\d"),
}


def kind_of_each(text: str) -> list[str | None]:
    """The kind of each character of a completion."""
    kinds: list[str | None] = [None] * len(text)
    for kind, pattern in KINDS.items():
        for found in pattern.finditer(text):
            for place in range(*found.span()):
                kinds[place] = kinds[place] or kind
    return kinds


@dataclass
class Tally:
    """What was counted so far; faults by level and kind."""

    seen: Counter[str] = field(default_factory=Counter)
    faults: Counter[tuple[int, str]] = field(default_factory=Counter)
    whole: Counter[int] = field(default_factory=Counter)
    problems: Counter[int] = field(default_factory=Counter)

    def __str__(self) -> str:
        lines = list[str]()
        for kind in KINDS:
            wrong = sum(self.faults[level, kind] for level in LEVELS)
            lines.append(f"{kind}: {wrong} of {self.seen[kind]} wrong")
        for level in LEVELS:
            faults = ", ".join(f"{self.faults[level, kind]} {kind}" for kind in KINDS)
            whole = f"{self.whole[level]} of {self.problems[level]} whole"
            lines.append(f"level {level}: {whole}; wrong: {faults}")
        return "\n".join(lines)


def best_tokens(model: PreTrainedModel, head: list[int], tail: list[int]) -> list[int]:
    """The most likely token at each place of `tail`, after all that stands before it."""
    with torch.no_grad():
        logits = model(input_ids=torch.tensor([[*head, *tail]])).logits[0]
    best: list[int] = logits.argmax(-1)[len(head) - 1 : -1].tolist()
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="models/sample_base")
    parser.add_argument("--problems", type=int, default=50)
    parser.add_argument("--seed", type=int, default=77)
    parser.add_argument("--show", type=int, default=0, help="errors to print")
    arguments = parser.parse_args()
    tokenizer = AutoTokenizer.from_pretrained(arguments.model)
    model = AutoModelForCausalLM.from_pretrained(arguments.model, dtype=torch.float32)
    instruction = load_prompt("base_model_prompt")
    tally, left = Tally(), arguments.show
    for problem in itertools.islice(sample_problems("test", arguments.seed), arguments.problems):
        prompt, completion = as_text(problem, instruction)
        head = tokenizer.encode(prompt, add_special_tokens=False)
        tail = tokenizer(completion, add_special_tokens=False, return_offsets_mapping=True)
        guesses = best_tokens(model, head, tail["input_ids"])
        kinds, faults = kind_of_each(completion), 0
        for right, guess, (start, end) in zip(
            tail["input_ids"], guesses, tail["offset_mapping"], strict=True
        ):
            kind = kinds[end - 1] if end > start else None
            if kind is None:
                continue
            tally.seen[kind] += 1
            if right == guess:
                continue
            faults += 1
            tally.faults[problem.level, kind] += 1
            if left > 0:
                left -= 1
                wanted, got = tokenizer.decode([right]), tokenizer.decode([guess])
                print(f"{kind}: {completion[max(0, start - 50) : start]!r} {wanted!r}, not {got!r}")
        tally.problems[problem.level] += 1
        tally.whole[problem.level] += not faults
    print(tally)


if __name__ == "__main__":
    main()
