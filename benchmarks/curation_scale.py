"""Throughput and memory of the three curation stages with `rules`, on synthetic thoughts.

    python benchmarks/curation_scale.py --rows 2000 20000 --work /tmp/scale

Generates the thoughts (seeded, about 3,000 tokens each), runs every stage by its command, and
prints for each its time, the peak resident memory of its main process, and that of all its
processes together (sampled; pages shared by several processes count once for each).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import psutil

STAGES = ("component_separation", "dag_creation", "finetuning_data_preparation")
PICTURES = 100
SAMPLE_EVERY = 0.05
TOKENIZER = Path(__file__).resolve().parents[1] / "models" / "sample_base"
QUANTITIES = (5, 6, 7, 8)
STEPS = 24
TOKENS = re.compile(r"\d| ?[A-Za-z]+|[^\sA-Za-z\d]")
"""Approximates how the tokenizer of a large model splits English with numbers."""
MIB = 1 << 20


class Measured(NamedTuple):
    """`main` and `together` in bytes."""

    seconds: float
    main: int
    together: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[200], help="sizes to measure")
    parser.add_argument("--work", type=Path, required=True, help="folder to work in; emptied first")
    parser.add_argument("--num_processes", type=int, default=os.cpu_count())
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    sample = [row["thought"] for row in synthetic_rows(50, arguments.seed)]
    tokens = sum(len(TOKENS.findall(thought)) for thought in sample) / len(sample)
    characters = sum(map(len, sample)) / len(sample)
    print(f"About {tokens:.0f} tokens and {characters:.0f} characters per thought.")
    print(f"{arguments.num_processes} processes on {os.cpu_count()} cores.\n")
    print("| rows | stage | seconds | thoughts/s | main MiB | all processes MiB |")
    print("|---:|---|---:|---:|---:|---:|")
    found = {
        rows: measure_all(rows, arguments.work / str(rows), arguments.num_processes, arguments.seed)
        for rows in arguments.rows
    }
    least = min(found)
    for rows in found:
        for stage, base, peak in zip(STAGES, found[least], found[rows], strict=True):
            print(
                f"{stage}: peak memory of {rows} rows over that of {least}: main process "
                f"{peak.main / base.main:.2f}, all {peak.together / base.together:.2f}"
            )


def measure_all(rows: int, work: Path, processes: int, seed: int) -> list[Measured]:
    """Generate `rows` thoughts, run the stages on them, print a line for each, and clean up."""
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    data = work / "thoughts.jsonl"
    with data.open("w", encoding="utf-8") as file:
        for row in synthetic_rows(rows, seed):
            file.write(json.dumps(row) + "\n")
    flags = [f"--data_hub_path={data}", f"--logs_dir={work / 'logs'}"]
    flags.append(f"--num_processes={processes}")
    more = {
        "component_separation": [],
        "dag_creation": [f"--max_pictures={PICTURES}"],
        "finetuning_data_preparation": [f"--tokenizer={TOKENIZER}", "--max_length=20000"],
    }
    measured = list[Measured]()
    for stage in STAGES:
        found = measure([sys.executable, "-m", f"sprint.{stage}", *flags, *more[stage]], work)
        measured.append(found)
        print(f"| {rows} | {stage} | {found.seconds:.1f} | {rows / found.seconds:.0f} "
              f"| {found.main / MIB:.0f} | {found.together / MIB:.0f} |", flush=True)  # fmt: skip
    report = json.loads((work / "logs" / "curation_report.json").read_text("utf-8"))
    print(f"kept {report['kept']} of {report['read']}; dropped {report['dropped']}", flush=True)
    shutil.rmtree(work)
    return measured


def measure(command: list[str], folder: Path) -> Measured:
    """Run a command to its end. Raises CalledProcessError if it fails."""
    environment = os.environ | {"HF_HOME": str(folder / "cache")}
    begun = time.monotonic()
    with (folder / "output.txt").open("w") as output:
        process = subprocess.Popen(
            command, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
        peaks = [0, 0]
        ended = threading.Event()
        sampler = threading.Thread(target=_sample, args=(process.pid, ended, peaks))
        sampler.start()
        code = process.wait()
        seconds = time.monotonic() - begun
        ended.set()
        sampler.join()
    if code:
        print((folder / "output.txt").read_text(), file=sys.stderr)
        raise subprocess.CalledProcessError(code, command)
    return Measured(seconds, *peaks)


def _sample(pid: int, ended: threading.Event, peaks: list[int]) -> None:
    """Record the peak resident memory of a process, and of it with all its descendants."""
    while not ended.wait(SAMPLE_EVERY):
        try:
            root = psutil.Process(pid)
            main, together = root.memory_info().rss, 0
            for child in root.children(recursive=True):
                try:
                    together += child.memory_info().rss
                except psutil.NoSuchProcess:
                    continue
        except psutil.NoSuchProcess:
            return
        peaks[0] = max(peaks[0], main)
        peaks[1] = max(peaks[1], main + together)


def synthetic_rows(count: int, seed: int) -> Iterator[dict[str, str]]:
    """Problems with independent quantities, and long thoughts that work them out."""
    for index in range(count):
        rng = random.Random(f"{seed} {index}")
        names = rng.sample("PQRSTUVW", rng.choice(QUANTITIES))
        parts, total = list[str](), 0
        for name in names:
            text, value = _work_out(rng, name)
            parts.append(text)
            total += value
        gold = total + 1 if rng.random() < 0.05 else total
        # One answer in five needs the symbolic grader, which has its own processes.
        answer = f"\\sqrt{{{total**2}}}" if rng.random() < 0.2 else str(total)
        closing = (
            f"Now let me add up the results. {' '.join(f'{name} is known.' for name in names)} "
            f"So the sum is {total}. Therefore, the answer is $\\boxed{{{answer}}}$."
        )
        opening = (
            f"Okay, so I need the sum of {', '.join(names)}. They do not depend on each other."
        )
        yield {
            "problem": f"What is the sum of {', '.join(names)}? (number {index})",
            "answer": str(gold),
            "solution": f"We add them. The sum is $\\boxed{{{answer}}}$.",
            "unique_id": f"synthetic/{index}",
            "thought": "\n\n".join([opening, *parts, closing]),
        }


def _work_out(rng: random.Random, name: str) -> tuple[str, int]:
    value = rng.randint(2, 90)
    lines = [f"{rng.choice(['First', 'Next', 'Now'])}, let me work out {name}. "
             f"{name} starts at {value}."]  # fmt: skip
    for _ in range(rng.randint(STEPS // 2, STEPS)):
        number = rng.randint(2, 90)
        before, value = value, value + number
        lines.append(
            rng.choice(
                [
                    f"Adding {number} gives $ {before} + {number} = {value} $, fine.",
                    f"Then \\({before} + {number} = {value}\\), i.e. about {value + 0.25:.2f}.",
                    f"Hmm, {before} + {number}... that is {value}.",
                    f"As in Eq. 3, we have $$ {before} + {number} = {value}. $$",
                ]
            )
        )
        if rng.random() < 0.1:
            lines.append(f"\n\nWait, let me check {name} again. {value} - {number} = {before}.")
    lines.append(f"So {name} ends at {value}.")
    return " ".join(lines), value


if __name__ == "__main__":
    main()
