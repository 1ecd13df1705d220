"""A few thoughts that the first two stages have annotated, with the built-in annotators."""

from __future__ import annotations

import json
from pathlib import Path

from sprint import component_separation as separation
from sprint import dag_creation as dag_creation
from sprint.utils.config import from_command_line

GOOD = """Okay, there are P and Q, and I need their sum.

First, let me work out P. P starts at 7. 7 + 5 = 12. 12 - 3 = 9. So P ends at 9.

Next, I need to find Q. Q starts at 2. 2 + 1 = 3. 3 + 9 = 12. So Q ends at 12.

Now let me add up the results. P gives 9. Q gives 12. 9 + 12 = 21. So the sum is 21."""
SERIAL = "First, let me work out P. P starts at 1. 1 + 1 = 2. 2 + 2 = 4. So P ends at 4."


def row(thought: str, answer: str = "21", boxed: str = "21") -> dict[str, str]:
    solution = f"We add. Therefore, the sum is $\\boxed{{{boxed}}}$."
    return {"problem": "The sum?", "answer": answer, "solution": solution, "thought": thought}


def through_two_stages(folder: Path, rows: list[dict[str, str]]) -> list[str]:
    """Flags for a dataset that the first two stages are through with."""
    path = folder / "few.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    flags = ["--data_hub_path", str(path), "--logs_dir", str(folder / "logs")]
    separation.run(from_command_line(separation.SeparationConfig, flags))
    create_dags(flags)
    return flags


def create_dags(flags: list[str]) -> None:
    dag_creation.run(from_command_line(dag_creation.DagConfig, flags))
