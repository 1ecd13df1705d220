"""Compares the training presentations on the same data and the same number of trained tokens.

python benchmarks/compare_presentations.py --work FOLDER [--train 650] [--steps 300] [--test 200]

Creates sample problems, curates their thoughts with `rules`, fine-tunes the sample base on them
with each presentation, serves each model with vLLM on this machine, and runs SPRINT on the held-out
problems. A step trains about as many tokens as --trajectories tries contain, and all presentations
are scheduled to train the same total; the actual totals, which the table shows, differ by a few
per cent depending on the last samples. Takes about an hour on two cores. Existing results in FOLDER
are reused; those of other flags are an error.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, get_args

from sprint.analysis.compare import read_method
from sprint.analysis.compare.method_tables import summarise
from sprint.finetuning.config import FinetuneConfig, Presentation
from sprint.finetuning.history import HISTORY
from sprint.finetuning.training import samples_of
from sprint.utils.files.atomic import write_json
from transformers import AutoTokenizer

ROOT = Path(__file__).resolve().parents[1]
BASE = ROOT / "models" / "sample_base"
MAX_LENGTH = 3072
SPRINT: tuple[Presentation, ...] = tuple(p for p in get_args(Presentation) if p != "serial")


@dataclass(frozen=True)
class Load:
    """The training data in one presentation."""

    samples: int
    tokens: int
    trained: int

    def batch_size(self, trained_a_step: float) -> int:
        return max(1, round(trained_a_step * self.samples / self.trained))

    def steps(self, trained: float, batch_size: int) -> int:
        return max(1, round(trained * self.samples / self.trained / batch_size))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--train", type=int, default=650, help="problems with thoughts")
    parser.add_argument("--test", type=int, default=200, help="held-out problems")
    parser.add_argument("--steps", type=int, default=300, help="steps of `trie`")
    parser.add_argument("--trajectories", type=int, default=2, help="tries a step")
    parser.add_argument("--learning_rate", type=float, default=1.5e-3)
    parser.add_argument("--presentations", nargs="+", choices=SPRINT, default=SPRINT)
    parser.add_argument("--sampling", choices=("random", "by_length"), default="random")
    parser.add_argument("--tokens", type=int, default=1024, help="of a plan or an execution")
    parser.add_argument("--port", type=int, default=8391, help="of the vLLM server")
    parser.add_argument("--speed", action="store_true", help="train alone: no inference")
    arguments = parser.parse_args()
    work: Path = arguments.work
    data = curate(work, arguments.train, arguments.test)
    loads = {name: load_of(data, name) for name in SPRINT}
    trie = loads["trie"]
    trained_a_step = arguments.trajectories * trie.trained / trie.samples
    rows = list[list[str]]()
    for name in arguments.presentations:
        batch_size = loads[name].batch_size(trained_a_step)
        steps = loads[name].steps(arguments.steps * trained_a_step, batch_size)
        model = work / "models" / name
        rate, order = arguments.learning_rate, arguments.sampling
        if not (model / HISTORY).is_file():
            fine_tune(data, model, name, batch_size, steps, rate, order)
        wanted = {"batch_size": batch_size, "max_steps": steps, "learning_rate": rate}
        require_made_with(model, wanted | {"sampling": order})
        results = None if arguments.speed else infer(work, model, arguments.port, arguments.tokens)
        rows.append(row_of(name, loads[name], batch_size, steps, model, results))
    header = "presentation,tokens of the data,batch,steps,trained tokens,seconds,trained tokens/s"
    header += ",accuracy,plans that parse on the first attempt,sequential tokens"
    for cells in (header.split(","), ["---"] * len(header.split(",")), *rows):
        print("| " + " | ".join(cells) + " |")


def curate(work: Path, train: int, test: int) -> Path:
    """Sample problems and their trajectories; the folder of fine-tuning data."""
    data, made_with = work / "logs" / "finetuning_data" / "train_default", work / "problems.json"
    wanted = {"train": train, "test": test}
    if data.is_dir() and json.loads(made_with.read_text()) != wanted:
        sys.exit(
            f"Error: {work} has other numbers of problems than {wanted}: choose another folder."
        )
    if not data.is_dir():
        problems = work / "data"
        work.mkdir(parents=True, exist_ok=True)
        write_json(made_with, wanted)
        stage("sample_world", "--output", problems, "--train", train, "--test", test)
        for name in ("component_separation", "dag_creation", "finetuning_data_preparation"):
            source = ("--data_hub_path", problems / "train.jsonl", "--logs_dir", work / "logs")
            stage(name, *source, *(["--max_pictures", 0] if name == "dag_creation" else []))
    return data


def require_made_with(model: Path, wanted: dict[str, Any]) -> None:
    """A model trained with other flags cannot be compared in the table."""
    settings = json.loads((model / HISTORY).read_text())["settings"]
    if other := {name: settings[name] for name in wanted if settings[name] != wanted[name]}:
        sys.exit(f"Error: {model} was trained with {other}, not {wanted}: remove it.")


def load_of(data: Path, presentation: Presentation) -> Load:
    tokenizer = AutoTokenizer.from_pretrained(BASE)
    with TemporaryDirectory() as folder:
        output = Path(folder)
        recipe = FinetuneConfig(
            model=str(BASE),
            data=data,
            output=output,
            presentation=presentation,
            max_length=MAX_LENGTH,
        )
        built = samples_of(recipe, "train", tokenizer)
        return Load(len(built.rows), built.counts.tokens, built.counts.trained)


def fine_tune(
    data: Path,
    model: Path,
    presentation: str,
    batch_size: int,
    steps: int,
    rate: float,
    sampling: str,
) -> None:
    stage(
        "finetuning",
        *("--model", BASE, "--data", data, "--output", model, "--presentation", presentation),
        *("--batch_size", batch_size, "--gradient_accumulation", 1, "--max_steps", steps),
        *("--learning_rate", rate, "--max_length", MAX_LENGTH, "--eval_steps", 0),
        *("--no-gradient_checkpointing", "--sampling", sampling),
    )


def infer(work: Path, model: Path, port: int, tokens: int) -> Path:
    """Run SPRINT on the held-out problems without a result; return the folder of results."""
    variables = os.environ | {
        "MODEL": str(model),
        "PORT": str(port),
        "SERVER_DIR": str(work / "servers"),
        "MAX_MODEL_LEN": "4096",
    }
    server = ["sh", str(ROOT / "run" / "run_server.sh")]
    subprocess.run(server, check=True, cwd=ROOT, env=variables)
    try:
        stage(
            "agent_orchestration",
            *("--planner_model", model, "--planner_server_url", f"http://127.0.0.1:{port}/v1"),
            *("--test_hub_path", work / "data" / "test.jsonl", "--tokenizer", model),
            *("--plan_tokens", tokens, "--execution_tokens", tokens, "--temperature", 0),
            *("--logs_dir", work / model.name, "--num_workers", 4),
        )
    finally:
        subprocess.run([*server, "stop"], check=True, cwd=ROOT, env=variables)
    return work / f"{model.name}_full_trajectory" / model.name / "test_default"


def row_of(
    name: str, load: Load, batch_size: int, steps: int, model: Path, results: Path | None
) -> list[str]:
    metrics: dict[str, Any] = json.loads((model / HISTORY).read_text())["metrics"]
    told = [
        name,
        f"{load.tokens:,}",
        str(batch_size),
        str(steps),
        f"{metrics['trained_tokens']:,}",
        f"{metrics['train_runtime']:.0f}",
        f"{metrics['trained_tokens_per_second']:.0f}",
    ]
    if results is None:
        return [*told, "–", "–", "–"]
    method = read_method(results)
    summary, ledger = summarise(name, method.problems), method.ledger
    return [
        *told,
        "–" if summary.accuracy is None else f"{summary.accuracy:.1%} of {summary.problems}",
        f"{ledger.plans_at_once} of {ledger.plans}",
        "–" if summary.sequential is None else f"{summary.sequential:.0f}",
    ]


def stage(name: str, *flags: object) -> None:
    command: Sequence[str] = [sys.executable, "-m", f"sprint.{name}", *map(str, flags)]
    began = time.monotonic()
    print(f"== {name}", file=sys.stderr, flush=True)
    subprocess.run(command, check=True, cwd=ROOT, stdout=sys.stderr)
    print(f"== {name}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
