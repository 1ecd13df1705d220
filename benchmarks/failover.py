"""Two vLLM servers, one of which is killed during a run: what happens to the problems.

python benchmarks/failover.py MODEL DATA [--problems 40] [--workers 6] [--ports 8391 8392]

MODEL is a folder that vLLM serves, DATA a .jsonl file of problems. SPRINT inference runs twice on
both servers: undisturbed, and with a kill -9 of the second server and all its processes when a
third of the problems are finished. The servers are started by run/run_server.sh.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from sprint.analysis.report.run_report import report
from sprint.utils.results.calls import read_calls
from sprint.utils.results.reading import read_results

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 900.0
"""Maximum seconds of a run."""


class VllmServer:
    """A server that this benchmark starts, kills and stops."""

    def __init__(self, model: str, port: int, folder: Path) -> None:
        self.port, self.url = port, f"http://127.0.0.1:{port}/v1"
        self._pid_file = folder / f"{port}.pid"
        self._environment = os.environ | {
            "MODEL": model,
            "PORT": str(port),
            "SERVER_DIR": str(folder),
            "MAX_MODEL_LEN": "4096",
            "VLLM_CPU_KVCACHE_SPACE": "1",
            "PYTHON": sys.executable,
        }

    def start(self) -> None:
        self._run_server()

    def stop(self) -> None:
        self._run_server("stop")

    def _run_server(self, *words: str) -> None:
        script = ["sh", str(ROOT / "run" / "run_server.sh"), *words]
        subprocess.run(script, env=self._environment, cwd=ROOT, check=True)

    def kill(self) -> None:
        """Send SIGKILL to the server and all its descendants at once."""
        for pid in [*descendants(int(self._pid_file.read_text()))][::-1]:
            os.kill(pid, signal.SIGKILL)


def descendants(root: int) -> list[int]:
    """A process and its descendants, parents first."""
    children = defaultdict[int, list[int]](list)
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended
            continue
        children[int(fields[1])].append(int(stat.parent.name))
    found = [root]
    for pid in found:
        found += children[pid]
    return found


@dataclass(frozen=True)
class Load:
    """What the servers are asked; `workers` problems are in flight, `tokens` limit a plan or an
    execution."""

    model: str
    data: str
    problems: int
    workers: int
    tokens: int


def run(
    load: Load,
    servers: list[VllmServer],
    folder: Path,
    victim: VllmServer | None,
) -> Path:
    """Run once, and kill the victim during the run. Return the result folder."""
    command = [
        *(sys.executable, "-m", "sprint.agent_orchestration"),
        *("--test_hub_path", load.data, "--range", f"0:{load.problems}"),
        *("--planner_model", load.model, "--logs_dir", str(folder / "logs")),
        *("--planner_server_url", ",".join(server.url for server in servers)),
        *("--num_workers", str(load.workers), "--temperature", "0", "--timeout", "60"),
        *("--plan_tokens", str(load.tokens), "--execution_tokens", str(load.tokens)),
    ]
    begun = time.perf_counter()
    process = subprocess.Popen(command)
    records = f"logs_full_trajectory/*/{Path(load.data).stem}_default/problems/*.json"
    while process.poll() is None:
        if time.perf_counter() - begun > PATIENCE:
            process.kill()
            raise SystemExit(f"The run did not end in {PATIENCE:.0f} s.")
        if victim is not None and len(list(folder.glob(records))) * 3 >= load.problems:
            victim.kill()
            print(f"killed {victim.url} after {time.perf_counter() - begun:.1f} s")
            victim = None
        time.sleep(0.05)
    print(f"exit code {process.returncode} after {time.perf_counter() - begun:.1f} s")
    return next(folder.glob(records)).parent.parent


def describe(folder: Path, load: Load) -> dict[str, str]:
    """Print the outcome of a run; return its trajectories by problem."""
    table = read_results(folder)
    rows = [] if table is None else table.to_dict("records")
    records = [json.loads(path.read_text()) for path in folder.glob("problems/*.json")]
    final = sum(record.get("final", True) for record in records)
    print(f"{len(rows)} of {load.problems} problems have a row, {final} are final")
    for row in rows:
        if row["Faults"]:
            print(f"  {row['ProblemIdx']}: {row['Faults'][:200]}")
    homes = defaultdict[str, set[str]](set)
    for call in read_calls(folder):
        if call.kept:
            homes[call.problem_id].add(call.server)
    print(f"{sum(len(servers) == 1 for servers in homes.values())} problems stayed on one server")
    print(report(folder, load.model))
    return {str(row["ProblemIdx"]): str(row["PlannerTrajectory"]) for row in rows}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("data")
    parser.add_argument("--problems", type=int, default=40)
    parser.add_argument("--workers", type=int, default=6, help="problems in flight")
    parser.add_argument("--tokens", type=int, default=1024, help="of a plan or an execution")
    parser.add_argument("--ports", type=int, nargs=2, default=[8391, 8392])
    arguments = vars(parser.parse_args())
    ports = arguments.pop("ports")
    load = Load(**arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        servers = [VllmServer(load.model, port, folder) for port in ports]
        started = list[VllmServer]()
        try:
            for server in servers:
                server.start()
                started.append(server)
            print("== Undisturbed")
            whole = describe(run(load, servers, folder / "whole", None), load)
            print("== One server killed")
            broken = describe(run(load, servers, folder / "killed", servers[1]), load)
            same = sum(broken.get(problem) == text for problem, text in whole.items())
            print(f"{same} of {len(whole)} trajectories are the same as in the undisturbed run")
        finally:
            for server in started:
                server.stop()


if __name__ == "__main__":
    main()
