"""Signals at random moments to servers of run/run_server.sh and to the script that owns one.

Each round starts a server (half of them by a script that owns it, as compare_methods.sh does),
sends a signal to the server's first process or to the script after a random time, stops the server
if nothing else does, and starts another. Counts surviving processes, taken ports and failed reruns.
Without --model a stand-in with the same process tree replaces vLLM; its children ignore SIGTERM.
With --compare the script is run/compare_methods.sh itself: each round continues from the one
before, and after the last round the script must finish.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sprint.model_server.ports import free_port
from sprint.model_server.process_tree import Process, guards, marked, processes
from sprint.model_server.server_folder import ServerFolder

ROOT = Path(__file__).resolve().parents[1]
STUB = ROOT / "tests" / "support" / "stub_python.py"
SIGNALS = (signal.SIGSTOP, signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
OWNING = '. run/stages.sh; serve "$MODEL"; stage sleep 600'
COMPARE = "run/compare_methods.sh"
PATIENCE = 300.0
TOKEN = "SPRINT_SIGNALS"
"""A variable that all processes of a round inherit."""


def take_signals() -> None:
    """Restore the default handlers: a background process must not ignore the signals."""
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


class Attack:
    """One round after another on one port."""

    def __init__(self, folder: Path, model: str, spread: float, compare: bool) -> None:
        python = Path(sys.executable)
        if not model:
            python = folder / "python"
            python.write_text(f'#!/bin/sh\nexec {sys.executable} {STUB} "$@"\n')
            python.chmod(0o755)
            os.mkfifo(folder / "events")
            # Kept open, so that no stub waits for a reader.
            self.events = os.open(folder / "events", os.O_RDWR | os.O_NONBLOCK)
        self.server = ServerFolder(folder / "servers", "127.0.0.1", free_port())
        self.spread = spread
        self.owning = [COMPARE] if compare else ["-c", OWNING]
        if compare:
            prepare(folder, Path(model))
        self.environment = os.environ | {
            TOKEN: str(folder),
            "WORK": str(folder),
            "QUICKSTART_PORT": str(self.server.port),
            "ORCHESTRATION_RANGE": ":4",
            "PYTHON": str(python),
            "STUB": str(folder),
            "MODEL": model or "stand-in",
            "PORT": str(self.server.port),
            "SERVER_DIR": str(self.server.folder),
            "STOP_TIMEOUT": "10" if model else "1",
            "VLLM_CPU_KVCACHE_SPACE": "1",
        }

    def start(self, owned: bool) -> subprocess.Popen[bytes]:
        words = self.owning if owned else ["run/run_server.sh"]
        return subprocess.Popen(
            ["sh", *words],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=take_signals,
        )

    def run(self, *words: str) -> int:
        return subprocess.run(
            ["sh", "run/run_server.sh", *words],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            check=False,
        ).returncode

    def attack(self, number: signal.Signals, owned: bool, at_server: bool, moment: float) -> str:
        """What failed in a round; empty: nothing."""
        script = self.start(owned)
        time.sleep(moment * self.spread)
        pid = self.server.first() if at_server else 0
        victim = pid or script.pid
        if script.poll() is None or victim != script.pid:
            try:
                os.kill(victim, number)
            except ProcessLookupError:
                victim = script.pid
        if number == signal.SIGSTOP and victim == script.pid:
            # A stopped script does not end, so it is killed.
            script.kill()
        if owned:
            # A signal to the server does not reach its script.
            script.send_signal(signal.SIGTERM)
        script.wait(PATIENCE)
        if not owned:
            self.run("stop")
        if left := self.wait_for_the_end():
            return f"left: {left}"
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.server.host, self.server.port))
            except OSError as error:
                return f"port: {error}"
        return ""

    def wait_for_the_end(self) -> str:
        deadline = time.monotonic() + PATIENCE
        while left := self.left():
            if time.monotonic() > deadline:
                return ", ".join(one.name for one in left)
            time.sleep(0.05)
        return ""

    def left(self) -> list[Process]:
        token = f"{TOKEN}={self.environment[TOKEN]}".encode()
        ours = [one for one in processes() if token in environment_of(one.pid)]
        # A server's process that sets its title overwrites its environment.
        return [*ours, *marked(self.server.mark), *guards(self.server.mark)]

    def finishes(self, owned: bool) -> bool:
        """Whether a rerun of the script, or of a server, succeeds."""
        if owned:
            return self.start(True).wait() == 0
        return self.run() == 0 and self.run("stop") == 0


def environment_of(pid: int) -> list[bytes]:
    try:
        return (Path("/proc") / str(pid) / "environ").read_bytes().split(b"\0")
    except OSError:
        return []


def prepare(folder: Path, model: Path) -> None:
    """Create the files that the quickstart leaves; `model` stands for both of its models."""
    for name in ("RFT", "SPRINT"):
        shutil.copytree(model, folder / "models" / name)
        (folder / "models" / name / "recipe.txt").write_text("")
    data = ["-m", "sprint.sample_world", "--output", str(folder / "data"), "--test", "4"]
    subprocess.run([sys.executable, *data, "--train", "4"], check=True, capture_output=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--model", default="", help="of a real vLLM server; empty: a stand-in")
    parser.add_argument("--spread", type=float, default=3.0, help="seconds until the last moment")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--compare", action="store_true", help=f"{COMPARE} owns the server")
    arguments = parser.parse_args()
    draw = random.Random(arguments.seed)
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        compare = arguments.compare
        attack = Attack(Path(folder), arguments.model, arguments.spread, compare)
        for turn in range(arguments.rounds):
            number, owned = SIGNALS[turn % len(SIGNALS)], compare or draw.random() < 0.5
            at_server, moment = draw.random() < 0.5, draw.random()
            wrong = attack.attack(number, owned, at_server, moment)
            last = turn + 1 == arguments.rounds
            if not wrong and (last or not compare) and not attack.finishes(compare):
                wrong = "rerun fails"
            if wrong:
                failures += 1
                whom = "server" if at_server else "script"
                print(f"{number.name} to the {whom} at {moment:.3f}, owned: {owned}: {wrong}")
    print(
        f"{arguments.rounds} signals, "
        f"{failures} with something left, a taken port or a failed rerun"
    )
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
