"""How often a SPRINT model's most likely next token is correct, by place.

python benchmarks/trajectory_tokens.py --model quickstart/models/SPRINT \
    --data quickstart/logs/finetuning_data/train_default

Uses teacher forcing on held-out trajectories (the data's split `test`), call by call as at
inference, so each error counts once. A trajectory is counted as `without errors` if none of its
digits, names and tags is wrong, as greedy decoding requires. Words that can vary are not counted.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from pathlib import Path

from sprint.utils.data.loading import DataSource, load_rows
from sprint.utils.grammar import parse, trajectory_calls
from sprint.utils.prompt_files import load_prompt
from teacher_forcing import Judge

KINDS = {
    "tags": re.compile(r"</?\w+_[\d.]+>|-----"),
    "names": re.compile(r"\b[P-Z]\b"),
    "facts": re.compile(r"(?:^|(?<=\n))[P-Z]:[^.]+\.|(?<=[\d.] )[P-Z]=\d+\."),
    "equations": re.compile(r"(?<==)\d+(?=[.,])"),
    "other digits": re.compile(r"\d"),
}
"""`facts` are looked up: in the question, or in an execution."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--trajectories", type=int, default=25)
    parser.add_argument("--show", type=int, default=0, help="errors to print")
    arguments = parser.parse_args()
    judge = Judge(arguments.model, KINDS)
    instruction = load_prompt("global_agent_prompt")
    seen, faults = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    whole, left = 0, arguments.show
    table = load_rows(DataSource(str(arguments.data), split="test"))
    for row in map(table.texts, range(min(arguments.trajectories, len(table)))):
        before = faults.total()
        for call in trajectory_calls(instruction, parse(row["trajectory"])):
            for token in judge.tokens(call.context, call.completion):
                seen[call.role, token.kind] += 1
                if token.right:
                    continue
                faults[call.role, token.kind] += 1
                if left > 0:
                    left -= 1
                    print(f"{call.role}, {token}")
        whole += faults.total() == before
    for role, kind in sorted(seen):
        print(f"{role}, {kind}: {faults[role, kind]} of {seen[role, kind]} wrong")
    print(
        f"{faults.total()} of {seen.total()} wrong; "
        f"{whole} of {len(table)} trajectories without errors"
    )


if __name__ == "__main__":
    main()
