"""SPRINT inference against a faulty server: nothing is lost, and a killed run ends the same.

python benchmarks/inference_faults.py FOLDER [--problems 40] [--workers 8] [--kills 5] [--seed 0]

FOLDER contains SPRINT trajectories, which a token-clock server replays (see faulty_clock.py for its
faults and their shares). SPRINT inference solves the problems three times: without faults, with
faults, and with the same faults and SIGKILLs at random moments, after each of which the same
command continues. Every problem must end with the result of the faultless run or report the call
that failed, and the killed run must write the same files as the uninterrupted one.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from dispatch import SPRINT_PROMPT, Recorded, read
from faulty_clock import FaultyClock, Shares
from sprint.utils.grammar import trajectory_calls
from sprint.utils.prompt_files import load_prompt
from sprint.utils.results.calls import read_calls
from sprint.utils.results.reading import read_results
from token_clock import MODEL, served

NO_FAULTS = Shares(busy=0.0, failed=0.0, cut=0.0, silent=0.0, tagless=0.0)
PATIENCE = 600.0
"""Maximum seconds of one run."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tick", type=float, default=0.002, help="seconds per token")
    parser.add_argument("--problems", type=int, default=40)
    parser.add_argument("--workers", type=int, default=8, help="problems in flight")
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    recorded = read(arguments.folder, arguments.problems)
    prompt = load_prompt(SPRINT_PROMPT)
    calls = [call for one in recorded for call in trajectory_calls(prompt, one.trajectory)]
    faulty = partial(FaultyClock, calls, arguments.tick, Shares(), arguments.seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_data(folder / "data.jsonl", recorded)
        with served(partial(FaultyClock, calls, arguments.tick, NO_FAULTS, 0)) as url:
            good = Run(folder, "faultless", url, arguments.workers)
            good.finish(arguments.problems)
        with served(faulty) as url:
            whole = Run(folder, "faults", url, arguments.workers)
            whole.finish(arguments.problems)
            print(f"faults met: {forget(url)}")
            killed = Run(folder, "killed", url, arguments.workers)
            killed.finish(arguments.problems, arguments.kills, random.Random(arguments.seed))
        told = compare_results(good.rows(), whole.rows())
        same = whole.files() == killed.files()
        stray = killed.stray()
    print(f"{len(good.done)} problems; with faults: {told}")
    print(f"files of the killed run equal those of the uninterrupted one: {same}")
    print(f"unexpected files: {stray or 'none'}")
    sys.exit(0 if same and not stray and "silently" not in told else 1)


def write_data(path: Path, recorded: Sequence[Recorded]) -> None:
    rows = [
        {"problem": one.trajectory.question, "answer": "-", "unique_id": one.problem.id}
        for one in recorded
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def forget(url: str) -> dict[str, int]:
    """Reset the faults of every problem; return the counts so far."""
    request = urllib.request.Request(url.replace("/v1", "/forget"), data=b"", method="POST")
    with urllib.request.urlopen(request, timeout=10) as response:
        met: dict[str, int] = json.load(response)
    return met


class Run:
    """The command of SPRINT inference, with its own folder."""

    def __init__(self, folder: Path, name: str, url: str, workers: int) -> None:
        self.url, self.name = url, name
        self.done = set[str]()
        self.folder = folder / f"{name}_full_trajectory" / MODEL / "data_default"
        self._command = [
            *(sys.executable, "-m", "sprint.agent_orchestration", "--temperature", "0"),
            *("--test_hub_path", str(folder / "data.jsonl"), "--logs_dir", str(folder / name)),
            *("--planner_model", MODEL, "--planner_server_url", url, "--no-reuse_tokens"),
            *("--num_workers", str(workers), "--timeout", "3", "--max_phases", "100"),
        ]

    def finish(self, problems: int, kills: int = 0, chance: random.Random | None = None) -> None:
        """Run to the end, after killing the run `kills` times."""
        begun = time.perf_counter()
        goals = sorted(chance.sample(range(1, problems - 1), kills)) if chance else []
        for goal in goals:
            assert chance is not None
            process = self._start()
            while len(self._finished()) < goal and process.poll() is None:
                time.sleep(0.01)
                self._check(begun, process)
            time.sleep(chance.uniform(0.0, 0.5))
            process.send_signal(signal.SIGKILL)
            process.wait()
            print(f"{self.name}: killed with {len(self._finished())} problems finished")
            forget(self.url)
        process = self._start()
        while process.poll() is None:
            time.sleep(0.05)
            self._check(begun, process)
        self.done = self._finished()
        print(
            f"{self.name}: exit code {process.returncode}, {len(self.done)} of {problems} problems "
            f"finished, {time.perf_counter() - begun:.1f} s"
        )

    def rows(self) -> dict[str, dict[str, Any]]:
        table = read_results(self.folder)
        assert table is not None
        rows = [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]
        assert len({row["ProblemIdx"] for row in rows}) == len(rows), "a problem occurs twice"
        return {row["ProblemIdx"]: row for row in rows}

    def files(self) -> dict[str, Any]:
        """Everything that must be the same in two runs: no times, no order of parallel calls."""
        found: dict[str, Any] = {
            path.name: path.read_text() for path in self.folder.glob("planner_trajectory_*.txt")
        }
        for problem, row in self.rows().items():
            faults = sorted(row["Faults"].split("; "))
            found[f"row {problem}"] = {**row, "ElapsedTime": "", "Faults": faults}
        found["calls"] = Counter(
            (call.problem_id, call.role, call.phase, call.prompt, call.attempt, call.kept)
            for call in read_calls(self.folder)
        )
        return found

    def stray(self) -> list[str]:
        """Files that belong to no finished problem."""
        known = {"agent_orchestration_output.csv", "calls.jsonl", "run.json"}
        known |= {f"planner_trajectory_{problem}.txt" for problem in self.done}
        known |= {f"problems/{problem}.json" for problem in self.done}
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        return sorted({str(path.relative_to(self.folder)) for path in files} - known)

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def _check(self, begun: float, process: subprocess.Popen[bytes]) -> None:
        if time.perf_counter() - begun > PATIENCE:
            process.kill()
            raise SystemExit(f"{self.name} did not end in {PATIENCE:.0f} s.")

    def _finished(self) -> set[str]:
        return {path.stem for path in (self.folder / "problems").glob("*.json")}


def compare_results(good: dict[str, dict[str, Any]], other: dict[str, dict[str, Any]]) -> str:
    same = [name for name, row in good.items() if other[name][TEXT] == row[TEXT]]
    marked = [name for name in good if name not in same and other[name]["Faults"]]
    silent = len(good) - len(same) - len(marked)
    text = f"{len(same)} have the faultless result, {len(marked)} say which call failed and why"
    for name in marked:
        text += f"\n  {name}: {other[name]['Faults'][:160]}"
    return text + (f"\n  {silent} differ silently" if silent else "")


TEXT = "PlannerTrajectory"

if __name__ == "__main__":
    main()
