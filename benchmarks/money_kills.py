"""Component separation (or a judge) under --max_cost, killed with SIGKILL at random moments.

    python benchmarks/money_kills.py [--kills 100] [--max_cost 5] [--shards 1] [--seed 0]
        [--stage component_separation | judge]

The judge is that of compare, under --judge_max_cost, with one answer per thought. It gives no
verdict, so each answer is sent three times, and --shards runs work on the same folder.

A server on loopback bills each request when it arrives, by the tokens of its prompt and of the
coming answer, even if it then closes the connection, as it does for 2 %. 3 % are answered with 429
or 500 for free. The stage is started repeatedly with the same limit and killed, either at a random
time during its start or after a random number of its requests. Prints what the server billed, what
the ledger counts, and how the runs ended. The exit code is 1 if the bill exceeds the limit, or if a
last run with a higher limit does not finish.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from sprint.utils.annotation.responses import ResponseStore
from sprint.utils.annotation.spending import SpendingLedger
from support.curating import SeparationModel, sums, write_thoughts
from support.fake_decoder import TOKEN
from support.fake_server import MODEL, Answer, FakeServer, Reply, Request
from support.result_folders import write_unreadable

STAGE, JUDGE = "component_separation", "judge"
WORKERS, MAX_TOKENS = 32, 400
FAULTS = {"429": 0.02, "500": 0.01, "cut": 0.02, "malformed": 0.05}
TELLS = 0.3
"""Maximum seconds of an answer."""
LIMIT = 600.0
"""Seconds after which a run is considered hung."""


class BillingServer(FakeServer):
    """Bills each request, in US dollars."""

    def __init__(self, price_in: float, price_out: float, seed: int) -> None:
        super().__init__()
        self.price_in, self.price_out = price_in / 1e6, price_out / 1e6
        self.bill, self.billed = 0.0, 0
        self._chance, self._model = random.Random(seed), SeparationModel(FAULTS, seed)
        self.script = self._answer

    async def _answer(self, request: Request) -> Answer:
        answer = self._model(request)
        if isinstance(answer, Reply):
            text = sum(len(said["content"]) for said in request.body["messages"])
            self.billed += 1
            self.bill += self.price_in * text / TOKEN + self.price_out * len(answer.text) / TOKEN
        await asyncio.sleep(self._chance.uniform(0.0, TELLS))
        return answer


@dataclass(frozen=True)
class Runs:
    """The runs that are killed together; prices in US dollars per million tokens."""

    stage: str
    shards: int
    max_cost: float
    price_in: float
    price_out: float


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--max_cost", type=float, default=5.0)
    parser.add_argument("--thoughts", type=int, default=8000)
    parser.add_argument("--stage", choices=(STAGE, JUDGE), default=STAGE)
    parser.add_argument("--shards", type=int, default=1, help="runs at once, killed together")
    parser.add_argument("--price_in", type=float, default=0.5, help="dollars per million tokens")
    parser.add_argument("--price_out", type=float, default=2.0, help="dollars per million tokens")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    runs = Runs(
        arguments.stage,
        arguments.shards,
        arguments.max_cost,
        arguments.price_in,
        arguments.price_out,
    )
    chance = random.Random(arguments.seed)
    server = BillingServer(arguments.price_in, arguments.price_out, arguments.seed)
    with tempfile.TemporaryDirectory() as name, server:
        folder = Path(name)
        if arguments.stage == JUDGE:
            write_unreadable(folder / "logs", arguments.thoughts)
        else:
            write_thoughts(folder / "many.jsonl", sums(arguments.thoughts))
        ends = Counter[str]()
        print("| kills | billed requests | billed $ | spent $ | of which without an answer $ |")
        print("|---:|---:|---:|---:|---:|")
        for number in range(1, arguments.kills + 1):
            ends.update(kill_once(folder, server, runs, chance))
            if number % max(1, arguments.kills // 10) == 0 or number == arguments.kills:
                said = f"| {number} | {server.billed} | {server.bill:.4f} |"
                print(f"{said} {counted(folder, arguments.stage)} |", flush=True)
        within = server.bill <= arguments.max_cost
        print(f"Ended: {dict(ends)}")
        print(f"The bill is ${server.bill:.4f} of at most ${arguments.max_cost:g}: {within}")
        enough = arguments.max_cost + 1000.0
        codes = [run.wait(LIMIT) for run in start(folder, server, replace(runs, max_cost=enough))]
        print(f"With a higher limit the last runs end with {codes}.")
    return int(not within or any(codes))


def kill_once(folder: Path, server: BillingServer, asked: Runs, chance: random.Random) -> list[str]:
    """Start the runs, kill them at a random moment, and return how each ended."""
    runs = start(folder, server, asked)
    begun, had = time.monotonic(), len(server.requests)
    at_start = chance.random() < 0.2
    more = had + chance.randrange(4 * WORKERS * asked.shards)
    moment = begun + chance.uniform(0.0, 3.0)
    while any(run.poll() is None for run in runs):
        if time.monotonic() > moment if at_start else len(server.requests) > more:
            break
        if time.monotonic() > begun + LIMIT:
            raise TimeoutError(f"A run takes more than {LIMIT:.0f} s.")
        time.sleep(0.001)
    time.sleep(chance.uniform(0.0, TELLS))
    for run in runs:
        run.kill()
    codes = [run.wait() for run in runs]
    return [{-9: "killed", 0: "finished", 2: "by the limit"}.get(code, f"{code}") for code in codes]


def start(folder: Path, server: BillingServer, asked: Runs) -> list[subprocess.Popen[bytes]]:
    prices = {
        "max_cost": asked.max_cost,
        "price_in": asked.price_in,
        "price_out": asked.price_out,
    }
    flags: dict[str, object]
    if asked.stage == JUDGE:
        flags = {f"--judge_{name}": value for name, value in prices.items()}
        flags |= {"--judge_model": MODEL, "--judge_server_url": server.url}
        command = ["sprint.analysis.compare", str(folder / "logs"), *words_of(flags)]
        return launch([command] * asked.shards, folder)
    flags = {
        "--data_hub_path": folder / "many.jsonl",
        "--logs_dir": folder / "logs",
        f"--{STAGE}_model": MODEL,
        f"--{STAGE}_server_url": server.url,
        "--num_workers": WORKERS,
        "--max_tokens": MAX_TOKENS,
    } | {f"--{name}": value for name, value in prices.items()}
    count = asked.shards
    shards = [["--shard", f"{number}/{count}"] for number in range(1, count + 1)]
    return launch([[f"sprint.{STAGE}", *words_of(flags), *shard] for shard in shards], folder)


def words_of(flags: Mapping[str, object]) -> list[str]:
    return [str(part) for flag in flags.items() for part in flag]


def launch(commands: Sequence[Sequence[str]], folder: Path) -> list[subprocess.Popen[bytes]]:
    with (folder / "output.txt").open("ab") as output:
        return [
            subprocess.Popen(
                [sys.executable, "-m", *command], stdout=output, stderr=subprocess.STDOUT
            )
            for command in commands
        ]


def counted(folder: Path, stage: str) -> str:
    """The ledger's total, and the part of it for requests without an answer."""
    store = ResponseStore.of_stage(folder / "logs", stage, MODEL)
    ledger = SpendingLedger(store.folder)
    with suppress(FileNotFoundError):
        ledger.look(lambda: sum(stored.cost or 0.0 for stored in store.all()))
    lost = ledger.without_answer()
    return f"{float(ledger.sums.spent) + lost:.4f} | {lost:.4f}"


if __name__ == "__main__":
    sys.exit(main())
