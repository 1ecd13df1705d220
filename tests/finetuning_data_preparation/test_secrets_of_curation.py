"""What the stages of curation leave on disk of a key that a server repeats."""

from __future__ import annotations

import json
import re
from pathlib import Path

import datasets
import pytest
from sprint.utils.redaction import MARK
from support.commands import run_command
from support.fake_server import MODEL, FakeServer, Reply, Request

KEY = "sv-4711-Geheim/8"
THOUGHT = """Okay, there are P and Q.

First, let me work out P. P starts at 7. 7 + 5 = 12. 12 - 3 = 9. So P ends at 9.

Next, I need to find Q. Q starts at 2. 2 + 1 = 3. 3 + 9 = 12. So Q ends at 12.

Now let me add up the results. P gives 9. Q gives 12. 9 + 12 = 21. So the sum is 21."""
FIRST_LINES = {2: 6, 7: 11, 12: 16}


def annotate(request: Request) -> Reply:
    blocks = ["### Component 1 (Lines 1-1)\n- **Description:** Begin.\n- **Plan:** Line 1\n"]
    for number, (first, last) in enumerate(FIRST_LINES.items(), start=2):
        blocks.append(
            f"### Component {number} (Lines {first}-{last})\n"
            f"- **Description:** With {KEY}.\n- **Plan:** Line {first}\n"
            f"- **Prompt:** Part {number} for {KEY} is to be done.\n"
            f"- **Execution:** Lines {first + 1}-{last}\n"
        )
    return Reply.of("\n".join(blocks))


@pytest.mark.parametrize("known", ["while it is asked", "afterwards"])
def test_the_data_set_holds_no_key(tmp_path: Path, fake_server: FakeServer, known: str) -> None:
    """Files of the first stage may hold one, of which nobody knew then that it is a key."""
    fake_server.script = annotate
    row = {"problem": "The sum?", "answer": "21", "thought": THOUGHT}
    row["solution"] = "We add. Therefore, the sum is $\\boxed{21}$."
    (tmp_path / "few.jsonl").write_text(json.dumps(row) + "\n")
    flags = ["--data_hub_path=few.jsonl", "--logs_dir=logs"]
    flags += [f"--component_separation_model={MODEL}"]
    ask = ["--component_separation_key_variable=SERVER_API_KEY"]
    ask += [f"--component_separation_server_url={fake_server.url}"]
    first = {"SERVER_API_KEY": KEY if known == "while it is asked" else "another-key-1234"}
    for module, more, environment in [
        ("component_separation", ask, first),
        ("dag_creation", [], {"SERVER_API_KEY": KEY}),
        ("finetuning_data_preparation", ["--test_fraction=0"], {"SERVER_API_KEY": KEY}),
    ]:
        outcome = run_command(f"sprint.{module}", [*flags, *more], tmp_path, environment)
        assert outcome.code == 0, outcome.err
    data = tmp_path / "logs" / "finetuning_data" / "few_default"
    (trajectory,) = datasets.load_from_disk(str(data))["train"]["trajectory"]
    assert len(re.findall(rf"Part \d for {re.escape(MARK)} is", trajectory)) == len(FIRST_LINES)
    made = tmp_path / "logs" if known == "while it is asked" else data
    holding = [
        path for path in made.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()
    ]
    assert holding == []
