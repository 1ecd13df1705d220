"""Component separation against a faulty server on loopback, killed at random moments.

    python benchmarks/curation_faults.py [--batch] [--thoughts 1000] [--kills 3] [--seed 0]

The server answers 5 % of the requests with 429 and 5 % with 500, closes 2 % of the connections, and
makes 5 % of its answers malformed and 2 % truncated. The stage runs once without interruption. Then
it runs into another folder and is killed with SIGKILL after random numbers of requests. Prints the
numbers of requests, how many were sent again although their response was on disk (must be 0), and
whether the final files are the same. The exit code is 1 if a check fails.

With --batch the stage uses the server's Batch API. The faults then affect lines of a batch (a line
with a closed connection expires), and no request may be answered twice.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from sprint.utils.annotation.responses import StoredRequest
from sprint.utils.api.sampling import Sampling
from support.curating import (
    FAULTS,
    SeparationModel,
    Thought,
    files_below,
    sums,
    write_thoughts,
)
from support.fake_batches import FakeBatchServer
from support.fake_server import MODEL, Answer, FakeServer, Request

LIMIT = 900.0
"""Seconds after which a run is considered hung."""
WORKERS = 16


class Outcome(NamedTuple):
    """`lost` counts answers that the server had sent, but that were not on disk at a kill."""

    files: dict[str, bytes]
    requests: int
    answers: int
    lost: list[int]
    sent_though_stored: int
    words: str


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--thoughts", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--batch", action="store_true")
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # Two of them are empty: dropped, with a reason, before any request.
        thoughts = [*sums(arguments.thoughts - 2), *[Thought("Nothing?", " ")] * 2]
        write_thoughts(folder / "many.jsonl", thoughts)
        whole = run(folder, "whole", [], arguments.seed, arguments.batch)
        print(f"Without interruption:\n{whole.words}")
        moments = sorted(chance.randrange(1, whole.requests) for _ in range(arguments.kills))
        print(f"Killed after {', '.join(map(str, moments))} requests; the last run:")
        killed = run(folder, "killed", moments, arguments.seed, arguments.batch)
        print(killed.words)
    return report(whole, killed, arguments.batch)


def run(folder: Path, logs: str, moments: list[int], seed: int, batch: bool) -> Outcome:
    """Run the stage into the folder `logs`, killed at these request counts; then to the end."""
    model = SeparationModel(FAULTS, seed)
    stored, sent_though_stored, lost = set[str](), 0, list[int]()

    def script(request: Request) -> Answer:
        nonlocal sent_though_stored
        sent_though_stored += key_of(request) in stored
        return model(request)

    with FakeBatchServer() if batch else FakeServer() as server:

        def key_of(request: Request) -> str:
            body = request.body
            sampling = Sampling(body["max_completion_tokens"], body["temperature"], body["top_p"])
            return StoredRequest(server.url, MODEL, body["messages"], sampling).key

        server.script = script
        for moment in [*moments, None]:
            words = run_until(moment, folder, logs, server, batch)
            if moment is not None:
                stored |= {path.stem for path in (folder / logs).glob("*_responses_*/??/*.json")}
                lost.append(model.completed.total() - len(stored) - sum(lost))
        return Outcome(
            files_below(*sorted((folder / logs).glob("component_*/many_default"))),
            hits(server),
            model.completed.total(),
            lost,
            sent_though_stored,
            words,
        )


def hits(server: FakeServer) -> int:
    """Requests so far, of all kinds for a server with batches."""
    return server.hits if isinstance(server, FakeBatchServer) else len(server.requests)


def run_until(moment: int | None, folder: Path, logs: str, server: FakeServer, batch: bool) -> str:
    """Start the stage; kill it after `moment` requests in total. Return what it printed."""
    flags = {
        "--data_hub_path": folder / "many.jsonl",
        "--logs_dir": folder / logs,
        "--component_separation_model": MODEL,
        "--component_separation_server_url": server.url,
        "--num_workers": WORKERS,
    }
    command = [sys.executable, "-m", "sprint.component_separation"]
    if batch:
        command += ["--batch", "--batch_poll", "0.2", "--batch_size", "200"]
    with (folder / "output.txt").open("w+b") as output:
        stage = subprocess.Popen(
            [*command, *(str(part) for flag in flags.items() for part in flag)],
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        deadline = time.monotonic() + LIMIT
        while stage.poll() is None and (moment is None or hits(server) < moment):
            if time.monotonic() > deadline:
                stage.kill()
                raise TimeoutError(f"The stage takes more than {LIMIT:.0f} s.")
            time.sleep(0.001)
        stage.kill()
        stage.wait()
        output.seek(0)
        return output.read().decode()


def report(whole: Outcome, killed: Outcome, batch: bool) -> int:
    same = whole.files == killed.files
    print(f"Final files: {len(whole.files)} and {len(killed.files)}, the same: {same}")
    print(f"Requests: {whole.requests} without interruption, {killed.requests} with the kills")
    print(f"Answers: {whole.answers} and {killed.answers}")
    print(f"Answers in flight at the kills: {killed.lost}{'' if batch else f', {WORKERS} workers'}")
    print(f"Sent again though the response was on disk: {killed.sent_though_stored}")
    # A batch in flight is collected later; a single answer in flight is lost.
    lost = 0 if batch else sum(killed.lost)
    bounded = batch or all(count <= WORKERS for count in killed.lost)
    paid_once = killed.answers - lost == whole.answers
    return int(not (same and bounded and paid_once and killed.sent_though_stored == 0))


if __name__ == "__main__":
    sys.exit(main())
