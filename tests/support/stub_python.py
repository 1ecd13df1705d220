"""A Python for the scripts in run/ that runs no stage and starts no model.

STUB names a folder. The process that HANG names (a module, or "loading" for a server that never
gets ready) and every server say so on the FIFO `events` there and keep it open until they end.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import NoReturn


def value_of(flag: str) -> Path:
    return Path(sys.argv[sys.argv.index(flag) + 1])


def wait_forever(name: str) -> NoReturn:
    """Until SIGTERM, which ends the process as it ends a stage."""
    events = os.open(Path(os.environ["STUB"]) / "events", os.O_WRONLY)
    os.write(events, f"{name} {os.getpid()}\n".encode())
    while True:
        signal.pause()


def serve(ready: Path, loading: bool) -> NoReturn:
    def end(*_: object) -> NoReturn:
        ready.unlink(missing_ok=True)
        sys.exit(0)

    signal.signal(signal.SIGTERM, end)
    (ready.parent / "server.txt").write_text(" ".join(sys.argv[1:]))
    if not loading:
        ready.touch()
    wait_forever("server")


def note(words: list[str]) -> None:
    """In stages.txt, what was run."""
    with (Path(os.environ["STUB"]) / "stages.txt").open("a") as stages:
        stages.write(" ".join(words) + "\n")


def main() -> None:
    if sys.argv[1] == "-m" and sys.argv[2].startswith("sprint."):
        note(sys.argv[1:])
    hang, ready = os.environ.get("HANG", ""), Path(os.environ["STUB"]) / "ready"
    match sys.argv[1:]:
        case ["-", *words] if os.environ.get("PROBE"):  # really?
            os.execv(sys.executable, [sys.executable, "-", *words])
        case ["-", *_]:  # is the server ready?
            sys.exit(0 if ready.exists() else 1)
        case ["-c", *_]:  # how many GPUs are there?
            print(0)
        case ["-m", module, *_] if module == hang:
            wait_forever(module)
        case ["-m", "vllm.entrypoints.openai.api_server", *_]:
            serve(ready, hang == "loading")
        case ["-m", "sprint.sample_world", *_]:
            value_of("--output").mkdir(parents=True)
            (value_of("--output") / "train.jsonl").touch()
        case ["-m", "sprint.finetuning", *_]:
            value_of("--output").mkdir(parents=True)


if __name__ == "__main__":
    main()
