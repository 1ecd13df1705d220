"""Clients that go away, wait, are too many, read nothing, or meet the server's end."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen

import pytest
from sprint.serving.stage import listen, run_within
from sprint.utils.config import replace
from sprint.utils.errors import SprintError
from support.commands import outcome_of, start_command
from support.fake_server import MODEL, FakeServer, Gate, Reply, Request, State
from support.limits import PATIENCE
from support.scripts import TRAJECTORY
from support.serving import ROOT, Client, Served, asking, joined, responding, script, served

SMALL = 1 << 12
"""Bytes of a socket's buffer."""


def wait_until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.005)


@contextmanager
def connected(
    server: Client, body: Mapping[str, object] | None = None, **fields: object
) -> Iterator[socket.socket]:
    """A connection on which a request was sent; it closes with the block.

    The fields are those of a chat request; `body` is a request of any API.
    """
    body = body or asking(**fields)
    path = "responses" if "input" in body else "chat/completions"
    content = json.dumps(body).encode()
    host, port = re.findall(r"//([\d.]+):(\d+)", server.url)[0]
    with socket.create_connection((host, int(port)), timeout=PATIENCE) as connection:
        head = f"POST /v1/{path} HTTP/1.1\r\nHost: {host}\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        connection.sendall(head.encode() + content)
        yield connection


class Held:
    """A script whose executions, and whose serial replies, wait for a gate."""

    def __init__(self, server: FakeServer) -> None:
        self.gate: Gate = server.gate()
        self.scripted = script()
        self.scripted.serial = Reply.of("I think ", self.gate, "so.\n</think>\n\nIt is 26.")

    def __call__(self, request: Request) -> object:
        if re.search(r"<execution_\d\.\d>\n$", request.context):
            return Reply.of("2*", self.gate, "3=6.\n")
        return self.scripted(request)


@pytest.mark.parametrize("api", [asking, responding])
@pytest.mark.parametrize("stream", [False, True])
def test_who_goes_away_frees_every_call(
    fake_server: FakeServer, stream: bool, api: Callable[..., dict[str, object]]
) -> None:
    fake_server.script = Held(fake_server)  # type: ignore[assignment]
    with served(fake_server) as server:
        before = server.tasks
        with connected(server, api(stream=stream)):
            wait_until(lambda: fake_server.in_flight == 2)
        wait_until(lambda: not fake_server.in_flight)
        wait_until(lambda: server.tasks <= before)
        assert {request.final_state for request in fake_server.requests[1:]} == {State.ABORTED}
        assert "sprint_clients_gone_total 1.0" in server.get("/metrics").text


def test_who_goes_away_while_it_waits_is_forgotten(fake_server: FakeServer) -> None:
    held = Held(fake_server)
    fake_server.script = held  # type: ignore[assignment]
    with served(fake_server, max_running=1) as server:
        places = server.application.places
        with connected(server, model="serial") as first:
            wait_until(lambda: places.taken == 1)
            with connected(server):
                wait_until(lambda: places.waiting == 1)
            wait_until(lambda: not places.waiting)
            held.gate.open()
            assert first.recv(4096).startswith(b"HTTP/1.1 200")
    assert len(fake_server.requests) == 1


def test_requests_wait_for_their_turn_and_the_rest_is_refused(fake_server: FakeServer) -> None:
    held = Held(fake_server)
    fake_server.script = held  # type: ignore[assignment]
    with served(fake_server, max_running=2, max_queue=1) as server, ThreadPoolExecutor() as pool:
        places = server.application.places
        both = pool.submit(server.post, asking(model="serial", n=2))
        wait_until(lambda: places.taken == 2)
        waiting = pool.submit(server.post, asking(model="serial"))
        wait_until(lambda: places.waiting == 1)
        assert server.respond(responding(model="serial")).status_code == 429
        refused = server.post(asking(model="serial"))
        assert refused.status_code == 429
        assert 1 <= int(refused.headers["Retry-After"]) <= 60
        held.gate.open()
        assert both.result().status_code == waiting.result().status_code == 200
        assert (places.taken, places.waiting) == (0, 0)


def test_a_deadline_counts_the_wait(fake_server: FakeServer) -> None:
    with served(fake_server, max_running=1, request_deadline=0.1) as server:
        server.application.places.taken = 1
        assert server.post(asking()).status_code == 504
        assert not server.application.places.waiting


def listen_with_a_small_buffer(host: str, port: int) -> socket.socket:
    """Otherwise the complete answer may fit into the buffers of the kernel, and nothing waits."""
    listening = listen(host, port)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SMALL)  # accepted ones inherit it
    return listening


def test_who_reads_nothing_is_let_go(
    fake_server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What waits for it is bounded."""
    monkeypatch.setattr("sprint.serving.outbox.LARGEST", 1 << 12)
    monkeypatch.setattr("support.serving.listen", listen_with_a_small_buffer)
    never = fake_server.gate()
    words = ["word " * 1000] * 60  # in parts, each of which is sent token by token
    fake_server.script = lambda _: Reply.of(*words, never)
    with (
        served(fake_server, serial_tokens=100_000) as server,
        connected(server, model="serial", stream=True) as connection,
    ):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
        assert connection.recv(1)  # and no more
        wait_until(lambda: fake_server.requests[0].state is State.ABORTED)
        wait_until(lambda: server.application.places.taken == 0)


def test_one_request_goes_on_while_another_fails(fake_server: FakeServer) -> None:
    held = Held(fake_server)
    fake_server.script = held  # type: ignore[assignment]
    with served(fake_server) as server, server.streaming(model="serial") as events:
        next(events)
        assert server.post(b"{oops").status_code == 400
        with connected(server, model="serial", stream=True):
            wait_until(lambda: fake_server.in_flight == 2)
        wait_until(lambda: fake_server.in_flight == 1)
        held.gate.open()
        assert joined(list(events), "content") == "It is 26."


def test_a_dead_replica_moves_its_requests(fake_server: FakeServer) -> None:
    fake_server.script = script()
    with FakeServer() as other:
        other.script = script()
        urls = f"{other.url},{fake_server.url}"
        with served(fake_server, planner_server_url=urls) as server:
            other.stop()
            found = [server.post(asking()).json() for _ in range(4)]
    assert {one["choices"][0]["message"]["content"] for one in found} == {TRAJECTORY.final_answer}


FLAGS = ("--planner_model", MODEL, "--port", "0", "--temperature", "0", "--no-reuse_tokens")


def started(fake_server: FakeServer, folder: Path) -> tuple[Popen[str], Client]:
    """The command as a user starts it, and what asks it."""
    words = [*FLAGS, "--planner_server_url", fake_server.url]
    words += ["--tokenizer", str(ROOT / "models" / "sample_base")]
    command = start_command("sprint.serving", words, folder)
    assert command.stdout is not None
    line = command.stdout.readline()
    assert line.startswith("Ready: http://127.0.0.1:"), line or command.communicate()[1]
    return command, Client(line.removeprefix("Ready: ").strip())


def test_a_signal_lets_requests_end_and_takes_no_new_ones(
    fake_server: FakeServer, tmp_path: Path
) -> None:
    held = Held(fake_server)
    fake_server.script = held  # type: ignore[assignment]
    command, server = started(fake_server, tmp_path)
    answers = list[str]()

    def ask() -> None:
        answers.append(server.post(asking(model="serial")).text)

    asking_one = threading.Thread(target=ask)
    asking_one.start()
    wait_until(lambda: fake_server.in_flight == 1)
    os.kill(command.pid, signal.SIGTERM)
    wait_until(lambda: server.get("/health").status_code == 503)
    refused = server.post(asking(model="serial"))
    assert refused.status_code == 503
    assert refused.json()["error"]["code"] == "shutting_down"
    held.gate.open()
    asking_one.join(PATIENCE)
    outcome = outcome_of(command)
    assert (outcome.code, "Traceback" in outcome.err) == (0, False)
    assert json.loads(answers[0])["choices"][0]["message"]["content"] == "It is 26."
    assert "I think" not in outcome.err + outcome.out


def test_a_second_signal_ends_at_once(fake_server: FakeServer, tmp_path: Path) -> None:
    fake_server.script = Held(fake_server)  # type: ignore[assignment]
    command, server = started(fake_server, tmp_path)
    with connected(server):
        wait_until(lambda: fake_server.in_flight == 2)
        os.kill(command.pid, signal.SIGINT)
        wait_until(lambda: server.get("/health").status_code == 503)
        os.kill(command.pid, signal.SIGINT)
        outcome = outcome_of(command)
    assert "Traceback" not in outcome.err
    wait_until(lambda: not fake_server.in_flight)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"host": "203.0.113.1"}, "Cannot listen on 203.0.113.1"),
        ({"planner_model": "other"}, "does not serve 'other'"),
    ],
)
def test_what_cannot_be_served_is_said_in_a_sentence(
    fake_server: FakeServer, fields: dict[str, str], said: str
) -> None:
    config = Served(fake_server.url, port=0).config
    with pytest.raises(SprintError, match=said):
        asyncio.run(run_within(replace(config, **fields)))


def test_the_serial_model_keeps_its_name(fake_server: FakeServer) -> None:
    with pytest.raises(ValueError, match="choose another"):
        Served(fake_server.url, served_model_name="serial")
