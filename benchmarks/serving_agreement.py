"""Whether the server answers as the batch command does: the same problems through both.

python benchmarks/serving_agreement.py URL MODEL DATA [--problems 100] [--workers 1 4]
    [--tokens 1024]

URL is a vLLM server of MODEL, DATA a .jsonl of problems. `sprint orchestrate` solves them twice,
one at a time; then `sprint serve` gets every question, whole and streamed, with each number of
--workers in flight. All at temperature 0. Of each run: how many answers are right, how many equal
those of the first batch run, and how many texts do, with plans and executions, but for white space
and what was discarded. For each other text: where it begins to differ.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import aiohttp
from sprint.serving.rendering import AGAIN
from sprint.utils.data.loading import DataSource, load_problems
from sprint.utils.grading import extract_final_answer, grade_many
from sprint.utils.grammar import parse
from sprint.utils.records import Problem
from sprint.utils.results.reading import read_results

from serving import asking, client, started, streamed

SHOWN = 40
"""Characters that are printed from where two texts differ."""
_DISCARDED = re.compile(
    rf"\*\*(?:Plan|Result) (?:(?!\n\n\*\*(?:Plan|Result) ).)*?{re.escape(AGAIN)}\s*", re.DOTALL
)


class Said(NamedTuple):
    """An answer and the reasoning before it, with each run of white space as one space."""

    reasoning: str
    answer: str

    @staticmethod
    def of(reasoning: str, answer: str) -> Said:
        kept = _DISCARDED.sub("", reasoning)
        return Said(" ".join(kept.split()), " ".join(answer.split()))

    @property
    def text(self) -> str:
        return f"{self.reasoning} {self.answer}"

    @property
    def final(self) -> str | None:
        return extract_final_answer(self.answer)


Run = Mapping[str, Said]
"""By problem."""


def batch(arguments: argparse.Namespace) -> Run:
    """What the batch command writes, one problem at a time."""
    with tempfile.TemporaryDirectory() as folder:
        command = [
            *(sys.executable, "-m", "sprint.agent_orchestration", "--temperature", "0"),
            *("--test_hub_path", arguments.data, "--range", f"0:{arguments.problems}"),
            *("--planner_model", arguments.model, "--planner_server_url", arguments.url),
            *("--logs_dir", f"{folder}/logs", "--num_workers", "1", *lengths(arguments)),
        ]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        tables = Path(folder, "logs_full_trajectory").glob("*/*/agent_orchestration_output.csv")
        table = read_results(next(tables).parent)
    assert table is not None
    return {
        str(row["ProblemIdx"]): said_in(str(row["PlannerTrajectory"]))
        for row in table.to_dict("records")
    }


def said_in(text: str) -> Said:
    """A trajectory as the server shows it."""
    trajectory, reasoning = parse(text), list[str]()
    for number, phase in enumerate(trajectory.phases, start=1):
        reasoning.append(f"**Plan {number}**")
        prompt = 0
        for segment in phase.plan:
            reasoning.append(segment.text)
            if segment.prompt is not None:
                prompt += 1
                reasoning.append(f"**Task {number}.{prompt}:** {segment.prompt}")
        for place, execution in enumerate(phase.executions, start=1):
            reasoning.append(f"**Result {number}.{place}:** {execution}")
    return Said.of("\n\n".join(reasoning), trajectory.final_answer or "")


def lengths(arguments: argparse.Namespace) -> list[str]:
    """The flags of both commands."""
    return ["--plan_tokens", f"{arguments.tokens}", "--execution_tokens", f"{arguments.tokens}"]


async def serve(url: str, problems: Sequence[Problem], workers: int, *, stream: bool) -> Run:
    """What the server answers, with `workers` requests in flight."""
    left, found = iter(problems), dict[str, Said]()

    async def work(http: aiohttp.ClientSession) -> None:
        for problem in left:
            found[problem.id] = await (in_pieces if stream else whole)(http, url, problem.question)

    async with client() as http, asyncio.TaskGroup() as group:
        for _ in range(workers):
            group.create_task(work(http))
    return found


async def whole(http: aiohttp.ClientSession, url: str, question: str) -> Said:
    async with http.post(f"{url}/chat/completions", json=asking(question)) as response:
        response.raise_for_status()
        message = (await response.json())["choices"][0]["message"]
    return Said.of(message["reasoning"], message["content"])


async def in_pieces(http: aiohttp.ClientSession, url: str, question: str) -> Said:
    reasoning = answer = ""
    async for _, event in streamed(http, url, question):
        if "error" in event:
            raise RuntimeError(event["error"])
        delta = event["choices"][0]["delta"]
        reasoning += delta.get("reasoning", "")
        answer += delta.get("content", "")
    return Said.of(reasoning, answer)


def tell(name: str, run: Run, problems: Sequence[Problem], first: Run | None = None) -> None:
    """Print a run's figures, and its differences from the first."""
    said = [run.get(problem.id, Said("", "")) for problem in problems]
    answers = [(problem.answer, one.answer) for problem, one in zip(problems, said, strict=True)]
    line = f"{name}: {sum(one.correct for one in grade_many(answers))} of {len(problems)} right"
    if first is None:
        print(line, flush=True)
        return
    firsts = [first.get(problem.id, Said("", "")) for problem in problems]
    finals = sum(one.final == other.final for one, other in zip(said, firsts, strict=True))
    others = [
        (problem.id, one.text, other.text)
        for problem, one, other in zip(problems, said, firsts, strict=True)
        if one != other
    ]
    print(f"{line}; equal answers: {finals}, equal texts: {len(problems) - len(others)}")
    for problem_id, one, other in others:
        start = shared(one, other)
        shown = " instead of ".join(repr(text[start : start + SHOWN]) for text in (one, other))
        print(f"    {problem_id}: after {start} characters {shown}")
    sys.stdout.flush()


def shared(one: str, other: str) -> int:
    """The number of characters with which both begin."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("url")
    parser.add_argument("model")
    parser.add_argument("data")
    parser.add_argument("--problems", type=int, default=100)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 4], help="in flight")
    parser.add_argument("--tokens", type=int, default=1024, help="of a plan or an execution")
    arguments = parser.parse_args()
    problems = [*load_problems(DataSource(arguments.data, rows=f"0:{arguments.problems}"))]
    first = batch(arguments)
    tell("batch", first, problems)
    tell("batch again", batch(arguments), problems, first)
    flags = [*lengths(arguments), "--serial_tokens", f"{arguments.tokens}"]
    with started(arguments.url, arguments.model, *flags) as server:
        for workers in arguments.workers:
            for stream in (False, True):
                run = asyncio.run(serve(server.url, problems, workers, stream=stream))
                name = f"server, {workers} in flight, {'streamed' if stream else 'whole'}"
                tell(name, run, problems, first)


if __name__ == "__main__":
    main()
