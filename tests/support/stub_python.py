"""A Python for the scripts in run/ that runs no stage and starts no model.

STUB names a folder. The process that HANG names (a module, or "loading" for a server that never
gets ready) and every server say so on the FIFO `events` there and keep it open until they end. A
server is a tree as vLLM's: below the one that listens an EngineCore, and below it a Worker, both
deaf to SIGTERM. REFUSED names a part of the path of a verdict that refuses a round.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NoReturn


def value_of(flag: str) -> Path:
    return Path(sys.argv[sys.argv.index(flag) + 1])


def wait_forever(name: str) -> NoReturn:
    """Until a signal ends the process, as it ends a stage."""
    events = os.open(Path(os.environ["STUB"]) / "events", os.O_WRONLY)
    os.write(events, f"{name} {os.getpid()}\n".encode())
    while True:
        signal.pause()


class Healthy(BaseHTTPRequestHandler):
    """Says that it is well."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing."""


def serve(folder: Path, loading: bool) -> NoReturn:
    mode = os.environ.get("VLLM_SERVER_DEV_MODE", "")
    (folder / "server.txt").write_text(f"{mode} {' '.join(sys.argv[1:])}")
    for name in ("EngineCore", "Worker"):
        if os.fork() == 0:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            continue
        if name == "Worker":
            wait_forever("EngineCore")
        if not loading:
            port = int(str(value_of("--port")))
            listening = ThreadingHTTPServer(("127.0.0.1", port), Healthy)
            threading.Thread(target=listening.serve_forever, daemon=True).start()
        wait_forever("server")
    wait_forever("Worker")


def note(words: list[str]) -> None:
    """In stages.txt, what was run."""
    with (Path(os.environ["STUB"]) / "stages.txt").open("a") as stages:
        stages.write(" ".join(words) + "\n")


def main() -> None:
    hang = os.environ.get("HANG", "")
    match sys.argv[1:]:
        case ["-m", "sprint.model_server", *_]:
            os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
        case ["-c", code, *_] if "socket" in code or "free_port" in code:
            os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
        case ["-m", module, *_] if module.startswith("sprint."):
            note(sys.argv[1:])
    match sys.argv[1:]:
        case ["-c", *_]:  # how many GPUs are there?
            print(0)
        case ["-m", module, *_] if module == hang:
            wait_forever(module)
        case ["-m", "vllm.entrypoints.openai.api_server", *_]:
            serve(Path(os.environ["STUB"]), hang == "loading")
        case ["-m", "sprint.model_download", *_]:
            value_of("--output").mkdir(parents=True, exist_ok=True)
            (value_of("--output") / "model.safetensors").touch()
        case ["-m", "sprint.sample_world", *_]:
            value_of("--output").mkdir(parents=True, exist_ok=True)
            (value_of("--output") / "train.jsonl").touch()
        case ["-m", "sprint.serving.demo", *_]:
            print("typed:", sys.stdin.readline(), end="")
        case ["-m", "sprint.finetuning", *_]:
            value_of("--output").mkdir(parents=True, exist_ok=True)
        case ["-m", "sprint.latency_tuning.selection", *_]:
            value_of("--output").write_text("selected")
        case ["-m", "sprint.latency_tuning.verdict", *_]:
            refused = os.environ.get("REFUSED", "-") in str(value_of("--output"))
            value_of("--output").write_text(json.dumps({"accepted": not refused}, indent=2))


if __name__ == "__main__":
    main()
