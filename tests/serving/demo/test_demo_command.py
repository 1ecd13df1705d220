"""`sprint demo` as a server: what it says, and when it opens a browser."""

from __future__ import annotations

import os
import re
import select
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
from support.commands import start_command
from support.fake_server import MODEL, FakeServer
from support.limits import PATIENCE
from support.serving import ROOT

READY = re.compile(r"Ready after \d+ s: (http://127\.0\.0\.1:\d+/demo) \(Ctrl-C ends it\)\n")


@contextmanager
def demo(server: FakeServer, folder: Path, **environment: str) -> Iterator[str]:
    """The URL of the page, of a command that a signal ends."""
    flags = ["--planner_model", MODEL, "--planner_server_url", server.url, "--port", "0"]
    tokenizer = str(ROOT / "models" / "sample_base")
    command = start_command(
        "sprint.serving.demo", [*flags, "--tokenizer", tokenizer], folder, environment
    )
    try:
        assert command.stdout is not None
        ready = READY.fullmatch(command.stdout.readline())
        assert ready
        yield ready[1]
        command.send_signal(signal.SIGINT)
        assert command.wait(PATIENCE) == 0
    finally:
        command.kill()
        command.communicate()


def test_it_serves_its_page_and_opens_it(fake_server: FakeServer, tmp_path: Path) -> None:
    opened, browser = tmp_path / "opened", tmp_path / "browser"
    os.mkfifo(opened)
    browser.write_text(f'#!/bin/sh\necho "$1" >{opened}\n')
    browser.chmod(0o755)
    reader = os.open(opened, os.O_RDWR)  # for writing too, so that it needs no writer
    with demo(fake_server, tmp_path, DISPLAY=":9", BROWSER=f"{browser} %s") as url:
        assert select.select([reader], [], [], PATIENCE)[0]
        assert os.read(reader, 4096).decode() == f"{url}\n"
        page = httpx2.get(url, trust_env=False, timeout=PATIENCE)
        assert page.text.startswith("<!doctype html>")
        root = httpx2.get(url.removesuffix("demo"), trust_env=False, timeout=PATIENCE)
        assert root.headers["location"] == "/demo"
    os.close(reader)
