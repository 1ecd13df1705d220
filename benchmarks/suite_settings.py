"""Runs the tests with settings that simulate other machines: processors, threads, order and load.

    python benchmarks/suite_settings.py --work FOLDER [--times 3] [--settings NAME ...] [-- PYTEST]

Runs the tests --times times with each setting, each time in another random order, which is the same
for all settings. Each finished run adds a line to FOLDER/runs.jsonl and writes its output to a file
next to it. The same command then runs only what is missing for this commit and these arguments to
pytest. A run takes about eight minutes on two cores. The exit code is 1 if a test failed.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUSY = "busy"
SETTINGS: Mapping[str, Mapping[str, str]] = {
    "own": {},
    "aten-default": {"ATEN_CPU_CAPABILITY": "default"},
    "aten-avx2": {"ATEN_CPU_CAPABILITY": "avx2"},
    "aten-avx512": {"ATEN_CPU_CAPABILITY": "avx512"},
    "onednn-sse41": {"ONEDNN_MAX_CPU_ISA": "SSE41"},
    "onednn-avx2": {"ONEDNN_MAX_CPU_ISA": "AVX2"},
    "openblas-nehalem": {"OPENBLAS_CORETYPE": "Nehalem"},
    "two-threads": {"OMP_NUM_THREADS": "2"},
    BUSY: {},
}
"""The variables of each. `own`: the machine as it is, one thread per process; `busy`: the same
with two processes that keep a core busy each."""
COUNT = re.compile(r"(\d+) (passed|failed|errors?|skipped)")
FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)


@dataclass(frozen=True)
class Run:
    setting: str
    number: int
    """From 1; also the seed of the order."""
    commit: str
    arguments: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    passed: int
    failed: int
    """Including errors of fixtures."""
    skipped: int
    seconds: float
    code: int
    """Exit code of pytest; -9: killed at --limit."""
    tests: tuple[str, ...]
    """Names of the failed tests."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--work", type=Path, required=True, help="folder of the results")
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--settings", nargs="+", choices=SETTINGS, default=list(SETTINGS))
    parser.add_argument("--processes", type=int, default=2, help="of pytest")
    parser.add_argument("--limit", type=float, default=3600.0, help="maximum seconds of a run")
    parser.add_argument("pytest", nargs="*", help="arguments to pytest, after --")
    arguments = parser.parse_args()
    work: Path = arguments.work
    work.mkdir(parents=True, exist_ok=True)
    commit = subprocess.check_output(["git", "rev-parse", "HEAD"], cwd=ROOT, text=True).strip()
    wanted = [
        Run(setting, number, commit, tuple(arguments.pytest))
        for number in range(1, arguments.times + 1)
        for setting in arguments.settings
    ]
    found = read(work / "runs.jsonl")
    for run in wanted:
        if run not in found:
            found[run] = carry_out(run, work, arguments.processes, arguments.limit)
            with (work / "runs.jsonl").open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(run) | asdict(found[run])) + "\n")
    print(table({run: found[run] for run in wanted}))
    sys.exit(any(found[run].code for run in wanted))


def read(path: Path) -> dict[Run, Outcome]:
    """The finished runs, without a line truncated by an interruption."""
    found = dict[Run, Outcome]()
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
        try:
            value = json.loads(line)
        except json.JSONDecodeError:
            continue
        run = Run(value["setting"], value["number"], value["commit"], tuple(value["arguments"]))
        found[run] = Outcome(
            value["passed"],
            value["failed"],
            value["skipped"],
            value["seconds"],
            value["code"],
            tuple(value["tests"]),
        )
    return found


def carry_out(run: Run, work: Path, processes: int, limit: float) -> Outcome:
    variables = {"OMP_NUM_THREADS": "1", **SETTINGS[run.setting]}
    command = [sys.executable, "-m", "pytest", f"--numprocesses={processes}"]
    command += [f"--randomly-seed={run.number}", *run.arguments]
    print(f"{run.setting}, run {run.number}", file=sys.stderr, flush=True)
    output = work / f"{run.setting}_{run.number}.txt"
    begun = time.monotonic()
    with busy_processes(2 if run.setting == BUSY else 0), output.open("w") as file:
        pytest = subprocess.Popen(
            command,
            cwd=ROOT,
            env=os.environ | variables,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            code = pytest.wait(limit)
        except subprocess.TimeoutExpired:
            code = -signal.SIGKILL
        finally:
            if pytest.poll() is None:
                os.killpg(pytest.pid, signal.SIGKILL)
                pytest.wait()
    text = output.read_text(encoding="utf-8", errors="replace")
    return outcome(text, time.monotonic() - begun, code)


@contextmanager
def busy_processes(number: int) -> Iterator[None]:
    """Processes that keep the cores busy until the block ends."""
    command = [sys.executable, "-c", "while True: pass"]
    started = [subprocess.Popen(command) for _ in range(number)]
    try:
        yield
    finally:
        for process in started:
            process.kill()
            process.wait()


def outcome(text: str, seconds: float, code: int) -> Outcome:
    """The counts in pytest's last line, and the names of failed tests."""
    last = text.rstrip().rsplit("\n", 8)[1:]
    counts = {kind.rstrip("s"): int(number) for number, kind in COUNT.findall("\n".join(last))}
    return Outcome(
        passed=counts.get("passed", 0),
        failed=counts.get("failed", 0) + counts.get("error", 0),
        skipped=counts.get("skipped", 0),
        seconds=round(seconds, 1),
        code=code,
        tests=tuple(FAILED.findall(text)),
    )


def table(found: Mapping[Run, Outcome]) -> str:
    lines = [
        "| setting | variables | runs | passed | failed | skipped | minutes | failed tests |",
        "|---|---|---:|---:|---:|---:|---:|---|",
    ]
    for setting in dict.fromkeys(run.setting for run in found):
        outcomes = [found[run] for run in found if run.setting == setting]
        variables = " ".join(f"`{name}={value}`" for name, value in SETTINGS[setting].items())
        tests = sorted({test for one in outcomes for test in one.tests})
        tests += [f"run of exit code {one.code}" for one in outcomes if one.code not in (0, 1)]
        cells = [
            setting,
            variables,
            str(len(outcomes)),
            span([one.passed for one in outcomes]),
            span([one.failed for one in outcomes]),
            span([one.skipped for one in outcomes]),
            f"{sum(one.seconds for one in outcomes) / 60 / len(outcomes):.1f}",
            ", ".join(tests),
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def span(values: Sequence[int]) -> str:
    low, high = min(values), max(values)
    return str(low) if low == high else f"{low}–{high}"


if __name__ == "__main__":
    main()
