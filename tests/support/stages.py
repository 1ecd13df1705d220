"""Every stage that may run for hours, in small: what it reads, how it is called, what it asks."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
from sprint import component_separation as separation
from sprint import dag_creation
from sprint.utils.prompt_files import load_prompt

from .curating import SeparationModel, sums, write_thoughts
from .fake_server import MODEL, Answer, FakeServer, Reply, Request, Script, nothing_scripted
from .scripts import QUESTION, TRAJECTORY, Scripted, calls_of

DATA = "few.jsonl"
DISK = "disk"
"""The folder, below that of a test, in which all results lie. It may be a file system."""
LOGS = f"{DISK}/logs"
FAKE = "fake_model"
"""How the names of folders tell the model."""


@dataclass(frozen=True)
class Stage:
    """`prepare` is given a test's folder and the number of rows; `script` that number.

    `asks`: requests a row. `written`: a file that the stage writes once some rows are done, below
    the test's folder, with the number of the last row in it. `flags`: all but the server's.
    """

    module: str
    flags: tuple[str, ...]
    written: str
    prepare: Callable[[Path, int], None]
    asks: int = 0
    server: str = ""
    script: Callable[[int], Script] = lambda _: nothing_scripted
    same: int = 1
    """Requests of the same words."""

    def command(self, server: FakeServer, workers: int = 4) -> list[str]:
        if not self.server:
            return list(self.flags)
        many = [] if self.module.endswith("compare") else ["--num_workers", str(workers)]
        return [*self.flags, self.server, server.url, *many]

    def require_each_asked_once(self, server: FakeServer, rows: int) -> None:
        """All that was asked, in all runs, is what one run without trouble asks."""
        asked = Counter(json.dumps(request.body, sort_keys=True) for request in server.requests)
        assert set(asked.values()) <= {self.same}
        assert asked.total() == rows * self.asks

    def written_path(self, folder: Path, rows: int) -> Path:
        return folder / self.written.format(last=rows - 1)


_OF_THOUGHTS = ("--data_hub_path", DATA, "--logs_dir", LOGS)
_OF_PROBLEMS = ("--test_hub_path", DATA, "--logs_dir", LOGS)


def _thoughts(folder: Path, rows: int) -> None:
    write_thoughts(folder / DATA, sums(rows))


def _separated(folder: Path, rows: int) -> None:
    _thoughts(folder, rows)
    _separate(folder)


def _with_dags(folder: Path, rows: int) -> None:
    thought = (
        "Okay, there are P and Q, and I need their sum.\n\n"
        "First, let me work out P. P starts at 7. 7 + 5 = 12. 12 - 3 = 9. So P ends at 9.\n\n"
        "Next, I need to find Q. Q starts at 2. 2 + 1 = 3. 3 + 9 = 12. So Q ends at 12.\n\n"
        "Now let me add up the results. P gives 9. Q gives 12. 9 + 12 = 21. So the sum is 21."
    )
    solution = "We add. Therefore, the sum is $\\boxed{21}$."
    row = {"answer": "21", "solution": solution, "thought": thought}
    _write(folder, [row | {"problem": f"The sum, in case {n}?"} for n in range(rows)])
    _separate(folder)
    dag_creation.run(dag_creation.DagConfig(**_in(folder), max_pictures=0))


def _separate(folder: Path) -> None:
    """By the built-in rules."""
    separation.run(separation.SeparationConfig(**_in(folder)))


def _in(folder: Path) -> dict[str, Any]:
    return {"data_hub_path": str(folder / DATA), "logs_dir": folder / LOGS}


def _problems(folder: Path, rows: int) -> None:
    asked = [{"problem": _question(n), "answer": "26"} for n in range(rows)]
    _write(folder, asked)


def _question(number: int) -> str:
    return f"{QUESTION} This is number {number}." + " It is asked at length." * 100


def _write(folder: Path, rows: list[dict[str, str]]) -> None:
    (folder / DATA).write_text("".join(f"{json.dumps(row)}\n" for row in rows))


def _judged(folder: Path, rows: int) -> None:
    """Answers that the grader cannot read."""
    results = folder / DISK / "results"
    results.mkdir(parents=True)
    table = {
        "ProblemIdx": [f"row_{n}" for n in range(rows)],
        "Question": [_question(n) for n in range(rows)],
        "PredictedFinalAnswer": [r"\frac{3x}{"] * rows,
        "TrueFinalAnswer": [f"{n}x" for n in range(rows)],
    }
    pd.DataFrame(table).to_csv(results / "base_model_output.csv", index=False)


def _in_a_chain(request: Request) -> Answer:
    numbers = {int(number) for number in re.findall(r"Component (\d+)", request.context)}
    parents = {number: [number - 1] if number > 1 else [] for number in sorted(numbers)}
    return Reply.of(str(parents))


def _sprint(rows: int) -> Script:
    prompt = load_prompt("global_agent_prompt")
    trajectories = (replace(TRAJECTORY, question=_question(n)) for n in range(rows))
    return Scripted(call for one in trajectories for call in calls_of(one, prompt))


def _says(text: str) -> Callable[[int], Script]:
    return lambda _: lambda _: Reply.of(text)


def _baseline(method: str, asks: int, reply: str, *more: str, same: int = 1) -> Stage:
    ending = "" if method == "RFT" else f"_{method}"
    return Stage(
        "sprint.base_model_evaluation",
        (*_OF_PROBLEMS, "--method", method, "--model", MODEL, *more),
        f"{DISK}/logs_base_model/base_model_output_{FAKE}{ending}/few_default/base_model_output.csv",
        _problems,
        asks,
        "--server_url",
        _says(reply),
        same,
    )


STAGES: dict[str, Stage] = {
    "component separation": Stage(
        "sprint.component_separation",
        (*_OF_THOUGHTS, "--component_separation_model", MODEL),
        f"{LOGS}/component_separation_output_{FAKE}/few_default/component_separation_{{last}}.txt",
        _thoughts,
        1,
        "--component_separation_server_url",
        lambda _: SeparationModel({}),
    ),
    "DAG creation": Stage(
        "sprint.dag_creation",
        (*_OF_THOUGHTS, "--max_pictures", "0", "--dag_creation_model", MODEL),
        f"{LOGS}/created_dags_{FAKE}/few_default/created_dag_{{last}}.json",
        _separated,
        1,
        "--dag_creation_server_url",
        lambda _: _in_a_chain,
    ),
    "fine-tuning data": Stage(
        "sprint.finetuning_data_preparation",
        (*_OF_THOUGHTS, "--parallelization_threshold", "0"),
        f"{LOGS}/curation_report.json",
        _with_dags,
    ),
    "SPRINT": Stage(
        "sprint.agent_orchestration",
        (
            "--test_hub_path",
            DATA,
            "--logs_dir",
            LOGS,
            "--planner_model",
            MODEL,
            "--no-reuse_tokens",
        ),
        f"{DISK}/logs_full_trajectory/{FAKE}/few_default/agent_orchestration_output.csv",
        _problems,
        7,
        "--planner_server_url",
        _sprint,
    ),
    "serial": _baseline("RFT", 1, "It is \\boxed{26}.\n</think>\n\n\\boxed{26}"),
    "skeleton of thought": _baseline(
        "SoT-chat", 4, "1. Work out 2*3, which is \\boxed{26} less 20.\n2. Add them."
    ),
    "voting": _baseline("self-consistency", 3, "It is \\boxed{26}.", "--samples", "3", same=3),
    "judge": Stage(
        "sprint.analysis.compare",
        (f"{DISK}/results", "--judge_model", MODEL, "--output", f"{DISK}/table.md"),
        f"{DISK}/table.md",
        _judged,
        1,
        "--judge_server_url",
        _says("same"),
    ),
}

WRITERS = [name for name in STAGES if name not in ("skeleton of thought", "voting")]
"""One of each kind: all baselines write their results by the same code as `serial`."""
