"""Peak memory of runs, and of the commands that read their results, by number of problems.

    python benchmarks/memory.py --problems 500 2000 8000 --work /tmp/memory [--kilobytes 40]

A server on loopback answers each problem with a serial thought of --kilobytes; the question has a
tenth of that. Measures the run (including client processes), the same command again when everything
is finished, and the commands that read the folder. Prints for each its time, the peak resident
memory of all its processes together (sampled; pages shared by several processes count once for
each), and the slope of a line through the peaks: kilobytes per additional problem.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import linear_regression

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from aiohttp import web
from curation_scale import MIB, measure
from support.fake_server import HEAD, MODEL, FakeServer, Reply, Request, send, usage_of

TOKENIZER = Path(__file__).resolve().parents[1] / "models" / "sample_base"
KIB = 1024
WORKERS = 16
PIECE = 4000
"""Characters."""


class InPieces(FakeServer):
    """Streams a reply in pieces of many tokens, to send thousands of long replies fast."""

    async def _stream(
        self, http: web.Request, request: Request, reply: Reply
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(http)
        text = reply.text
        for start in range(0, len(text), PIECE):
            piece = text[start : start + PIECE]
            end = "stop" if start + PIECE >= len(text) else None
            await send(response, self._chunk(piece, end, None, None, "messages" in request.body))
        usage = usage_of(request.context, len(text) // 3, reply)
        await send(response, HEAD | {"choices": [], "usage": usage})
        await response.write(b"data: [DONE]\n\n")
        await response.write_eof()
        return response


@dataclass(frozen=True)
class Size:
    """The size of a run: `kilobytes` of an answer, and the processes of the client."""

    problems: int
    kilobytes: int
    client_processes: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--problems", type=int, nargs="+", default=[500, 2000, 8000])
    parser.add_argument("--kilobytes", type=int, default=40, help="of an answer")
    parser.add_argument("--client_processes", type=int, default=2)
    parser.add_argument("--work", type=Path, required=True, help="folder to work in; emptied first")
    arguments = parser.parse_args()
    print("| problems | what | seconds | main MiB | all MiB |\n|---:|---|---:|---:|---:|")
    peaks = dict[str, list[float]]()
    for count in arguments.problems:
        size = Size(count, arguments.kilobytes, arguments.client_processes)
        for name, peak in measure_all(size, arguments.work / str(count)).items():
            peaks.setdefault(name, []).append(peak)
    if len(arguments.problems) < 2:
        return
    for name, found in peaks.items():
        slope = linear_regression(arguments.problems, found).slope / KIB
        print(f"{name}: {slope:.1f} KB per additional problem")


def measure_all(size: Size, work: Path) -> dict[str, float]:
    """The peaks of each command, in bytes."""
    count = size.problems
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    data = work / "problems.jsonl"
    with data.open("w") as file:
        for number in range(count):
            question = f"What is {number} + 1? {words(number, size.kilobytes * KIB // 10)}"
            file.write(json.dumps({"problem": question, "answer": str(number + 1)}) + "\n")
    answers = [words(number, size.kilobytes * KIB) for number in range(20)]

    def script(request: Request) -> Reply:
        number = int(request.context.partition("What is ")[2].split()[0])
        return Reply.of(f"{answers[number % 20]} So it is \\boxed{{{number + 1}}}.")

    peaks = dict[str, float]()
    python = [sys.executable, "-m"]
    server = InPieces()
    with server:
        server.script = script
        run = [*python, "sprint.base_model_evaluation", f"--test_hub_path={data}"]
        run += [f"--model={MODEL}", f"--server_url={server.url}"]
        run += [f"--logs_dir={work / 'logs'}", f"--num_workers={WORKERS}"]
        run += [f"--client_processes={size.client_processes}", f"--tokenizer={TOKENIZER}"]
        for name in ("run", "finished run"):
            peaks[name] = one(name, run, count, work)
    (folder,) = (path.parent for path in work.rglob("run.json"))
    page = f"--output={work / 'viewer.html'}"
    for name, command in {
        "compare": [*python, "sprint.analysis.compare", str(folder)],
        "viewer": [*python, "sprint.analysis.viewer", str(folder), page],
    }.items():
        peaks[name] = one(name, command, count, work)
    shutil.rmtree(work)
    return peaks


def one(name: str, command: list[str], count: int, work: Path) -> float:
    found = measure(command, work)
    peak = found.together
    said = f"| {count} | {name} | {found.seconds:.1f} | {found.main / MIB:.0f} | {peak / MIB:.0f} |"
    print(said, flush=True)
    return float(peak)


def words(seed: int, size: int) -> str:
    """Text of about this many bytes."""
    chance = random.Random(seed)
    found = chance.choices(("let", "us", "add", "12", "and", "34", "then", "check."), k=size // 5)
    return " ".join(found)[:size]


if __name__ == "__main__":
    main()
