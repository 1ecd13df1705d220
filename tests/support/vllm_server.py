"""A real vLLM server for a test, started and stopped by the script in run/."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sprint.model_server.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
SPRINT_MODEL = ROOT / "models" / "sample_sprint"


@contextmanager
def vllm_server(model: Path, folder: Path, options: str = "") -> Iterator[str]:
    """The URL of a server of `model`, by that name; its log lies in `folder`."""
    port = free_port()
    environment = os.environ | {
        "MODEL": str(model),
        "SERVER_OPTIONS": options,
        "PORT": str(port),
        "SERVER_DIR": str(folder),
        # Also if the tests are killed.
        "SERVER_OWNER": str(os.getpid()),
        "VLLM_CPU_KVCACHE_SPACE": "1",
        "PYTHON": sys.executable,
    }

    def script(*words: str) -> None:
        command = ["sh", "run/run_server.sh", *words]
        subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)

    script()
    try:
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        script("stop")
