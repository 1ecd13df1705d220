"""Complete runs against servers with malformed or never-ending answers: solved problems, time and
memory.

    python benchmarks/hostile_runs.py [--problems 300] [--share 0.1] [--seed 0] [--workers 32]
        [--timeout 5] [--runs NAME ...]

A proxy in front of a token-clock server answers a --share of the requests with one of the kinds in
tests/support/hostile_answers.py, drawn from --seed. Each run executes one command of SPRINT
inference, of curation, or of compare with a judge once: with a share of malformed answers and one
or two client processes, with one of two replicas sending only malformed answers, and with a share
of answers that never end. Prints a row per run. The exit code is 1 if a problem is not solved as
without faults.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from dispatch import SPRINT_PROMPT
from sprint.utils.annotation.config import RULES
from sprint.utils.grammar import render, trajectory_calls
from sprint.utils.prompt_files import load_prompt
from sprint.utils.records import Phase, PlanSegment, Trajectory
from sprint.utils.thoughts.stage_folders import DagFolder, SeparationFolder
from support.curating import SeparationModel, chained, sums, write_thoughts
from support.fake_batches import FakeBatchServer
from support.fake_server import MODEL as ANNOTATOR
from support.fake_server import FakeServer, Reply, Request
from support.hostile_answers import ENDLESS, MALFORMED, Kind
from support.hostile_server import HostileServer
from support.result_folders import write_unreadable
from token_clock import MODEL, TokenClock, served

LIMIT = 1800.0
"""Seconds after which a run is considered hung."""
LATE = 1.1
"""The fraction of a problem's deadline after which it must have ended, whatever the servers do."""
TICK = 0.0005
"""Seconds per token."""


@dataclass(frozen=True)
class Outcome:
    solved: int
    code: int
    seconds: float
    slowest: float
    """Seconds of the slowest problem; 0 for curation."""
    memory: float
    """Peak memory of the command's own process, in MB."""
    malformed: int
    """Requests answered with one of the kinds, and the number of different kinds."""
    kinds: int
    deadline: float = 0.0
    """Deadline of a problem in seconds; with one, not every problem need be solved."""

    def is_sound(self, problems: int) -> bool:
        if self.deadline:
            return self.slowest <= LATE * self.deadline
        return self.solved == problems


@dataclass(frozen=True)
class Attack:
    """How much is asked, and the share of answers that are hostile; `timeout` is inference's."""

    problems: int
    share: float
    seed: int
    workers: int
    timeout: float


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--problems", type=int, default=300)
    parser.add_argument("--share", type=float, default=0.1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=32)
    parser.add_argument("--timeout", type=float, default=5.0, help="--timeout of inference")
    parser.add_argument("--runs", nargs="+", choices=RUNS, default=list(RUNS))
    arguments = vars(parser.parse_args())
    names = arguments.pop("runs")
    attack = Attack(**arguments)
    print("| run | solved | exit code | seconds | slowest problem | peak MB | hostile | kinds |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    whole = True
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            done = RUNS[name](attack, Path(folder))
        whole = whole and done.is_sound(attack.problems)
        print(
            f"| {name} | {done.solved} of {attack.problems} | {done.code} | {done.seconds:.0f} "
            f"| {done.slowest:.1f} | {done.memory:.0f} | {done.malformed} | {done.kinds} |",
            flush=True,
        )
    sys.exit(not whole)


def trajectory(number: int) -> Trajectory:
    """A trajectory with two phases, of two tasks and one."""
    first = (
        PlanSegment(f"Problem {number} has two parts.", f"Add {number} and 2."),
        PlanSegment("The other part is like it.", f"Add {number} and 3."),
    )
    second = (PlanSegment("Based on both, one task is left.", "Add the sums."),)
    total = 2 * number + 5
    return Trajectory(
        f"What are {number} + 2 and {number} + 3 together?",
        (
            Phase(first, (f"{number} + 2 = {number + 2}", f"{number} + 3 = {number + 3}")),
            Phase(second, (f"The sums are {total} together.",)),
        ),
        f"Together they are \\boxed{{{total}}}.",
    )


def inference(
    attack: Attack,
    folder: Path,
    *,
    shares: tuple[float, ...] = (1.0,),
    kinds: Mapping[str, Kind] = MALFORMED,
    processes: int = 1,
    deadline: float = 0.0,
) -> Outcome:
    """`deadline`: seconds per problem; 0: no limit.

    `shares`: for each replica, in units of --share; above 1, all of its answers.
    """
    wanted = {f"p{number}": trajectory(number) for number in range(attack.problems)}
    prompt = load_prompt(SPRINT_PROMPT)
    replies = {
        call.context: call.completion
        for one in wanted.values()
        for call in trajectory_calls(prompt, one)
    }
    data = folder / "data.jsonl"
    rows = [
        {"problem": one.question, "answer": "-", "unique_id": name} for name, one in wanted.items()
    ]
    data.write_text("".join(json.dumps(row) + "\n" for row in rows))
    with ExitStack() as stack:
        behind = stack.enter_context(served(partial(TokenClock, replies, TICK)))
        fronts = [
            stack.enter_context(
                HostileServer(
                    kinds,
                    behind,
                    share=min(1.0, share * attack.share),
                    seed=attack.seed + number,
                )
            )
            for number, share in enumerate(shares)
        ]
        code, seconds, memory = run(
            *("sprint.agent_orchestration", "--temperature", "0", "--no-reuse_tokens"),
            *("--test_hub_path", data, "--logs_dir", folder / "logs"),
            *("--planner_model", MODEL, "--tokenizer", "none"),
            *("--planner_server_url", ",".join(front.url for front in fronts)),
            *("--num_workers", attack.workers, "--client_processes", processes),
            *("--timeout", attack.timeout, "--problem_deadline", deadline),
        )
    solved, slowest = 0, 0.0
    table = folder / f"logs_full_trajectory/{MODEL}/data_default/agent_orchestration_output.csv"
    csv.field_size_limit(1 << 27)
    with table.open(newline="") as file:
        for row in csv.DictReader(file):
            solved += row["PlannerTrajectory"] == render(wanted[row["ProblemIdx"]])
            slowest = max(slowest, float(row["ElapsedTime"]))
    met = sum((front.met for front in fronts), start=fronts[0].met.__class__())
    return Outcome(solved, code, seconds, slowest, memory, met.total(), len(met), deadline)


def curation(attack: Attack, folder: Path, *, batch: bool = False) -> Outcome:
    """Component separation of one thought per problem."""
    data = write_thoughts(folder / "many.jsonl", sums(attack.problems))
    with FakeBatchServer() if batch else FakeServer() as server:
        server.script = SeparationModel({})
        front = HostileServer(MALFORMED, server.url, share=attack.share, seed=attack.seed)
        with front:
            code, seconds, memory = run(
                *("sprint.component_separation", "--data_hub_path", data),
                *("--logs_dir", folder / "logs", "--num_workers", attack.workers),
                *("--component_separation_model", ANNOTATOR),
                *("--component_separation_server_url", front.url),
                *(("--batch", "--batch_poll", "0.2", "--batch_size", "20") if batch else ()),
            )
    solved = len(list((folder / "logs").glob("component_inline_*/*/component_inline_*.txt")))
    return Outcome(solved, code, seconds, 0.0, memory, front.met.total(), len(front.met))


def dags(attack: Attack, folder: Path) -> Outcome:
    """DAG creation for the components that the rules find in one thought per problem."""
    data = write_thoughts(folder / "many.jsonl", sums(attack.problems))
    shared = ("--data_hub_path", data, "--logs_dir", folder / "logs")
    run("sprint.component_separation", *shared)
    with FakeServer() as server:
        server.script = chained
        front = HostileServer(MALFORMED, server.url, share=attack.share, seed=attack.seed)
        with front:
            code, seconds, memory = run(
                *("sprint.dag_creation", *shared, "--num_workers", attack.workers),
                *("--dag_creation_model", ANNOTATOR, "--max_pictures", 0),
                *("--dag_creation_server_url", front.url),
            )
    separations = SeparationFolder(folder / "logs", RULES, "many_default")
    made = DagFolder(folder / "logs", ANNOTATOR, "many_default")
    solved = 0
    for index in filter(lambda index: made.dag_path(index).is_file(), range(attack.problems)):
        dag = made.read(index, separations.read(index).components)
        solved += all(parents == [node - 1] for node, parents in dag.parents.items() if node > 1)
    return Outcome(solved, code, seconds, 0.0, memory, front.met.total(), len(front.met))


def judge(attack: Attack, folder: Path) -> Outcome:
    """compare on answers that the grader cannot read; the judge accepts every other one."""
    results = write_unreadable(folder / "results_default", attack.problems)

    def verdict(request: Request) -> Reply:
        shown = json.loads(request.body["messages"][1]["content"])
        is_even = shown["answer"].startswith(rf"\frac{{{shown['reference'][:-1]}x")
        return Reply.of("same" if is_even else "different")

    with FakeServer() as server:
        server.script = verdict
        front = HostileServer(MALFORMED, server.url, share=attack.share, seed=attack.seed)
        with front:
            code, seconds, memory = run(
                *("sprint.analysis.compare", results, "--output", folder / "table.md"),
                *("--judge_model", ANNOTATOR, "--judge_server_url", front.url),
            )
    lines = (folder / "table.md").read_text().splitlines() if not code else []
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    head = next((line for line in cells if "judged by a model" in line), [])
    said = dict(zip(head, cells[cells.index(head) + 2], strict=True)) if head else {}
    right = (attack.problems + 1) // 2
    solved = min(int(said.get("correct", 0)), right)
    solved += min(int(said.get("incorrect", 0)), attack.problems - right)
    return Outcome(solved, code, seconds, 0.0, memory, front.met.total(), len(front.met))


def run(module: str, *flags: object) -> tuple[int, float, float]:
    """Exit code, seconds, and the peak of memory in MB."""
    begun = time.perf_counter()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *map(str, flags)],
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        with killed_after(process, LIMIT):
            _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        if process.returncode:
            sys.stderr.write(output.read().decode(errors="replace")[-2000:])
    return process.returncode, time.perf_counter() - begun, usage.ru_maxrss / 1024


@contextmanager
def killed_after(process: subprocess.Popen[bytes], seconds: float) -> Iterator[None]:
    guard = subprocess.Popen(
        [sys.executable, "-c", f"import time,os; time.sleep({seconds}); os.kill({process.pid}, 9)"]
    )
    try:
        yield
    finally:
        guard.kill()
        guard.wait()


RUNS: dict[str, Callable[[Attack, Path], Outcome]] = {
    "quiet": partial(inference, shares=(0.0,)),
    "malformed": inference,
    "malformed-two-processes": partial(inference, processes=2),
    "bad-replica": partial(inference, shares=(1e9, 1.0)),
    "bad-replica-two-processes": partial(inference, shares=(1e9, 1.0), processes=2),
    "endless": partial(inference, kinds=ENDLESS),
    "endless-deadline": partial(inference, kinds=ENDLESS, deadline=5.0),
    "curation": curation,
    "curation-batches": partial(curation, batch=True),
    "dag": dags,
    "judge": judge,
}

if __name__ == "__main__":
    main()
