"""How often the tiny base model's most likely next token is correct, by kind of token.

python benchmarks/base_model_tokens.py --model models/sample_base

Uses teacher forcing on held-out problems: the model always sees the correct text so far, so each
error counts once. A problem is counted as `without errors` if none of its tokens of these kinds is
wrong, as greedy decoding requires. Words that can vary (`First, let me work out`) are not counted.
"""

from __future__ import annotations

import argparse
import itertools
import re
from collections import Counter
from dataclasses import dataclass, field

from sprint.utils.data.sample_problems import LEVELS, sample_problems
from sprint.utils.prompt_files import load_prompt
from teacher_forcing import Judge
from train_base import as_text

KINDS = {
    "copied from the question": re.compile(r"(?<=\n)[P-Z]:[^.]+\."),
    "result of an equation": re.compile(r"(?<==)\d+(?=[.,])"),
    "other digits": re.compile(r"\d"),
}


@dataclass
class Tally:
    """The counts so far; `faults` by level and kind."""

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
            whole = f"{self.whole[level]} of {self.problems[level]} without errors"
            lines.append(f"level {level}: {whole}; wrong: {faults}")
        return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="models/sample_base")
    parser.add_argument("--problems", type=int, default=50)
    parser.add_argument("--seed", type=int, default=77)
    parser.add_argument("--show", type=int, default=0, help="errors to print")
    arguments = parser.parse_args()
    judge = Judge(arguments.model, KINDS)
    instruction = load_prompt("base_model_prompt")
    tally, left = Tally(), arguments.show
    for problem in itertools.islice(sample_problems("test", arguments.seed), arguments.problems):
        faults = 0
        for token in judge.tokens(*as_text(problem, instruction)):
            tally.seen[token.kind] += 1
            if token.right:
                continue
            faults += 1
            tally.faults[problem.level, token.kind] += 1
            if left > 0:
                left -= 1
                print(token)
        tally.problems[problem.level] += 1
        tally.whole[problem.level] += not faults
    print(tally)


if __name__ == "__main__":
    main()
