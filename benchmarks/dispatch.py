"""How close SPRINT's wall clock is to its critical path, and what eager dispatch gains.

python benchmarks/dispatch.py FOLDER [--tick 0.01] [--workers 8] [--problems 40]

FOLDER contains SPRINT trajectories written by inference. A server on loopback replays them at
--tick seconds per token (see token_clock.py), and three clients solve the same problems: with
executors that start when their prompts close, with executors that wait for the complete plan, and
with one stream that decodes everything. For each problem the wall clock is compared with the
critical path of the same tokens. The server runs in a separate process, on a separate core if there
are two.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sprint.agent_orchestration.config import SprintSettings
from sprint.agent_orchestration.solver import SprintSolver
from sprint.base_model_evaluation.asking import SERIAL_PROMPT
from sprint.base_model_evaluation.config import BaselineSettings
from sprint.base_model_evaluation.solvers import load_prompts, make_solver
from sprint.utils.api.server import ModelServer
from sprint.utils.config import replace
from sprint.utils.grammar import parse, planner_context, trajectory_calls
from sprint.utils.methods.runner import solve_all
from sprint.utils.prompt_files import load_prompt
from sprint.utils.records import Problem, Result, Trajectory
from sprint.utils.results.reading import trajectory_files
from sprint.utils.results.writing import SPRINT_LAYOUT, ResultFolder
from sprint.utils.tokens.counting import generated_sequential_tokens
from token_clock import MODEL, TokenClock, count, served

SPRINT_PROMPT = "global_agent_prompt"
NO_ANSWER = "It was cut off there."
"""The final answer of a trajectory without one, so that the planner ends."""


@dataclass(frozen=True)
class Recorded:
    """A problem with its trajectory; tokens are counted as in token_clock, including tags."""

    problem: Problem
    trajectory: Trajectory

    @property
    def sequential(self) -> int:
        return generated_sequential_tokens(self.trajectory, count)

    @property
    def calls(self) -> dict[str, str]:
        """The reply to each context of inference."""
        calls = trajectory_calls(load_prompt(SPRINT_PROMPT), self.trajectory)
        return {call.context: call.completion for call in calls}

    @property
    def total(self) -> int:
        return sum(map(count, self.calls.values()))


def read(folder: Path, problems: int) -> list[Recorded]:
    recorded = list[Recorded]()
    for index, file in enumerate(trajectory_files(folder)[:problems]):
        trajectory = parse(file.read())
        if trajectory.final_answer is None:
            trajectory = dataclasses.replace(trajectory, final_answer=NO_ANSWER)
        problem = Problem(file.problem_id, index, trajectory.question, "")
        recorded.append(Recorded(problem, trajectory))
    return recorded


def replies_of(recorded: Sequence[Recorded]) -> dict[str, str]:
    replies = dict[str, str]()
    for one in recorded:
        replies |= one.calls
        serial_context = planner_context(load_prompt(SERIAL_PROMPT), one.problem.question)
        replies[serial_context] = " word" * one.total
    return replies


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tick", type=float, default=0.01, help="seconds per token")
    parser.add_argument("--workers", type=int, default=8, help="problems in flight")
    parser.add_argument("--problems", type=int, default=1000)
    arguments = parser.parse_args()
    recorded = read(arguments.folder, arguments.problems)
    with served(partial(TokenClock, replies_of(recorded), arguments.tick)) as url:
        asyncio.run(compare(recorded, url, arguments.tick, arguments.workers))


async def compare(recorded: Sequence[Recorded], url: str, tick: float, workers: int) -> None:
    prompt = load_prompt(SPRINT_PROMPT)
    settings = SprintSettings(temperature=0.0, max_phases=100)  # none is truncated
    async with ModelServer(url, MODEL) as server:
        solvers: dict[str, Callable[[Problem], Awaitable[Result]]] = {
            "eager": SprintSolver(server, server, prompt, settings).solve,
            "barrier": SprintSolver(
                server, server, prompt, replace(settings, dispatch="barrier")
            ).solve,
            "serial": make_solver(
                "RFT", server, load_prompts("RFT"), BaselineSettings(), "completions"
            ).solve,
        }
        times = {name: await run(recorded, solve, workers) for name, solve in solvers.items()}
    ideal = {one.problem.id: one.sequential * tick for one in recorded}
    total = {one.problem.id: one.total * tick for one in recorded}
    print(f"{len(recorded)} problems, {1000 * tick:g} ms per token, {workers} in flight")
    print(f"critical path {statistics.mean(ideal.values()):.2f} s per problem")
    for name, seconds in times.items():
        paths = total if name == "serial" else ideal
        ratios = [seconds[problem] / paths[problem] for problem in seconds]
        print(
            f"{name:<8} {statistics.mean(seconds.values()):.2f} s per problem; over its "
            f"{'tokens' if name == 'serial' else 'critical path'}: mean "
            f"{statistics.mean(ratios):.4f}, worst {max(ratios):.4f}"
        )
    later = [times["eager"][name] / times["barrier"][name] - 1 for name in ideal]
    print(
        f"eager slower than barrier: {sum(more > 0 for more in later)} of {len(later)} problems, "
        f"by at most {100 * max(0.0, *later):.2f} %"
    )


async def run(
    recorded: Sequence[Recorded], solve: Callable[[Problem], Awaitable[Result]], workers: int
) -> dict[str, float]:
    """Seconds of each problem, by id."""
    times = dict[str, float]()

    async def timed(problem: Problem) -> Result:
        begun = time.perf_counter()
        result = await solve(problem)
        times[problem.id] = time.perf_counter() - begun
        if result.faults:
            raise RuntimeError(f"{problem.id} was not replayed: {result.faults}")
        return result

    with tempfile.TemporaryDirectory() as name:
        folder = ResultFolder(Path(name) / "results", SPRINT_LAYOUT, {})
        problems = [one.problem for one in recorded]
        await solve_all(problems, timed, folder, workers=workers, label="replayed")
    return times


if __name__ == "__main__":
    main()
