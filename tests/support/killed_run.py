"""A child process: fills a result folder and kills itself at a write boundary.

Arguments: the folder, the number of results, and the count of writes to survive (-1 = all).
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

from sprint.utils.methods.runner import solve_all
from sprint.utils.records import Problem, Result
from sprint.utils.results.writing import SPRINT_LAYOUT, ResultFolder

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from support.results import result_of


def die_after(steps: int) -> None:
    """Let `steps` steps of writing pass, and kill the process at the next one.

    A step is the sync before a rename or the rename itself, so that both a half-written file and a
    whole one without its successor are met.
    """
    left = steps
    sync, replace = os.fsync, Path.replace

    def step() -> None:
        nonlocal left
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1

    def counted_sync(handle: int) -> None:
        step()
        sync(handle)

    def counted_replace(path: Path, target: Path) -> Path:
        step()
        return replace(path, target)

    os.fsync, Path.replace = counted_sync, counted_replace  # type: ignore[assignment]


async def solve(problem: Problem) -> Result:
    return result_of(problem.index)


def main() -> None:
    folder, count, steps = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    die_after(steps)
    results = ResultFolder(folder, SPRINT_LAYOUT, {"method": "SPRINT"})
    problems = [result_of(index).problem for index in range(count)]
    asyncio.run(solve_all(problems, solve, results, workers=1, label="killed"))


if __name__ == "__main__":
    main()
