"""Clients that go away, wait, are too many, read nothing, or meet the server's end."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen
from typing import Any

import pytest
from sprint.serving.rendering import AGAIN
from sprint.serving.stage import listen, run_within
from sprint.utils.config import replace
from sprint.utils.errors import SprintError
from sprint.utils.grammar import contains_tag
from support.commands import outcome_of, start_command
from support.fake_server import MODEL, FakeServer, Fault, Gate, Reply, Request, State
from support.limits import PATIENCE
from support.scripts import TRAJECTORY, calls_of
from support.serving import (
    ROOT,
    SPRINT_PROMPT,
    Client,
    Served,
    asking,
    joined,
    responding,
    script,
    served,
)
from support.waiting import wait_until

SMALL = 1 << 12
"""Bytes of a socket's buffer."""


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


def test_who_does_not_read_its_answer_keeps_no_memory(
    fake_server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sprint.serving.stage.SEND_TIMEOUT", 0.2)
    monkeypatch.setattr("support.serving.listen", listen_with_a_small_buffer)
    words = "word " * 200_000
    fake_server.script = lambda _: Reply.of(f"</think>{words}")
    with (
        served(fake_server, serial_tokens=1_000_000) as server,
        connected(server, model="serial") as connection,
    ):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
        assert connection.recv(1)  # and no more
        wait_until(lambda: not server.connections)


def test_a_budget_holds_however_many_calls_run(fake_server: FakeServer) -> None:
    prompts = "\n".join(f"<prompt_1.{n}> Do {n}. </prompt_1.{n}>" for n in range(1, 9))

    def answer(request: Request) -> Reply:
        if "<execution_" in request.context[-30:]:
            return Reply.of("word " * 60)
        return Reply.of(f"<Plan_1>\n{prompts}\n</Plan_1>")

    fake_server.script = answer
    with served(fake_server) as server:
        for most in (1, 9, 60, 100, 200, 333):
            found = server.post(asking(max_tokens=most)).json()
            assert 0 < found["usage"]["completion_tokens"] <= most
            assert AGAIN not in found["choices"][0]["message"]["reasoning"]
            assert found["choices"][0]["finish_reason"] == "length"


def test_an_answer_without_its_closing_tag_is_incomplete(fake_server: FakeServer) -> None:
    """As in a batch run."""
    fake_server.script = lambda _: Reply.of("<Final_answer>\nIt is 26.")
    with served(fake_server) as server:
        found = server.post(asking()).json()["choices"][0]
    assert found["message"]["content"] == "It is 26."
    assert found["finish_reason"] == "length"


def test_the_tokens_of_an_answer_that_was_cut_are_not_reasoning(fake_server: FakeServer) -> None:
    never, scripted = fake_server.gate(), script()
    (last,) = [call.context for call in calls_of(instruction=SPRINT_PROMPT)[-1:]]
    scripted.set(last, Reply.of("<Final_answer>\nThe sum is", never))
    fake_server.script = scripted
    with served(fake_server, request_deadline=1.5) as server:
        answer = server.post(asking()).json()
    details = answer["usage"]["completion_tokens_details"]
    assert answer["choices"][0]["message"]["content"] == "The sum is"
    written = answer["usage"]["completion_tokens"] - details["reasoning_tokens"]
    assert 0 < written <= len("The sum is")


def test_a_shutdown_that_takes_too_long_is_a_503(fake_server: FakeServer, tmp_path: Path) -> None:
    fake_server.script = Held(fake_server)  # type: ignore[assignment]
    command, server = started(fake_server, tmp_path, "--drain_timeout", "0.3")
    with ThreadPoolExecutor() as pool:
        whole = pool.submit(server.post, asking())
        wait_until(lambda: fake_server.in_flight == 2)
        with server.streaming(model="serial") as events:
            next(events)
            os.kill(command.pid, signal.SIGTERM)
            last = [*events][-1]
        refused = whole.result()
    assert "Traceback" not in outcome_of(command).err
    assert refused.status_code == 503
    assert refused.json()["error"]["code"] == last["error"]["code"] == "shutting_down"


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


class Dying:
    """A script whose reply to one call stops after `written`, and later breaks off."""

    def __init__(self, server: FakeServer, role: str, phase: int, written: str) -> None:
        self.gate: Gate = server.gate()
        calls = calls_of(TRAJECTORY, SPRINT_PROMPT)
        call = next(one for one in calls if (one.role, one.phase) == (role, phase))
        assert written in call.completion
        before, _, _ = call.completion.partition(written)
        self.scripted = script()
        self.scripted.set(call.context, Reply.of(f"{before}{written}", self.gate, Fault.CUT))
        self.context, self.asked, self.dead = call.context, False, False

    def __call__(self, request: Request) -> object:
        self.asked = self.asked or request.context == self.context
        return Reply.of(Fault.CUT) if self.dead else self.scripted(request)

    def die(self) -> None:
        """Break off the reply, and all later ones before their first word."""
        self.dead = True
        self.gate.open()


def shows(told: list[dict[str, Any]], text: str) -> bool:
    """Whether a stream has come to `text`."""
    return f"{joined(told, 'reasoning')}{joined(told, 'content')}".endswith(text)


PLAN = "**Plan 1**\n\nTwo products are needed."
TASKS = f"""{PLAN}

**Task 1.1:** Work out 2*3.

-----

The other one stands alone.

**Task 1.2:** Work"""


@pytest.mark.parametrize("listens", [False, True])
@pytest.mark.parametrize(
    ("role", "phase", "written", "shown"),
    [
        ("planner", 1, "needed.\n\n<prom", PLAN),
        ("planner", 1, "<prompt_1.2> Work", TASKS),
        ("executor", 1, "2*3=6.\n</exec", "**Result 1.1:** 2*3=6."),
        ("planner", 4, "The sum", "The sum"),
    ],
    ids=["before a prompt", "in a prompt", "in an execution", "in the answer"],
)
def test_a_replica_that_dies_in_a_call_loses_only_that_call(
    fake_server: FakeServer, role: str, phase: int, written: str, shown: str, listens: bool
) -> None:
    """Later connections to it are refused or, if it still `listens`, break off."""
    with FakeServer() as other:
        replicas, told = (fake_server, other), list[dict[str, Any]]()
        scripts = [Dying(one, role, phase, written) for one in replicas]
        for replica, dying in zip(replicas, scripts, strict=True):
            replica.script = dying  # type: ignore[assignment]
        with served(fake_server, planner_server_url=f"{other.url},{fake_server.url}") as server:
            with server.streaming() as events:
                # Earlier calls show the same words, and may be asked of the other one.
                while not (any(one.asked for one in scripts) and shows(told, shown)):
                    told.append(next(events))
                dead = next(place for place, one in enumerate(scripts) if one.asked)
                replicas[1 - dead].script = script()
                if listens:
                    scripts[dead].die()
                else:
                    replicas[dead].kill()
                told.extend(events)
            whole = server.post(asking()).json()["choices"][0]["message"]
        assert other.script_errors == []
    thought = whole["reasoning"]
    if shown.startswith("**"):
        heading = shown[: shown.index("**", 2)]
        thought = thought.replace(heading, f"{shown}\n\n{AGAIN}\n\n{heading}", 1)
    found = joined(told, "reasoning"), joined(told, "content")
    assert found == (thought, TRAJECTORY.final_answer)
    assert not any(map(contains_tag, found))


FLAGS = ("--planner_model", MODEL, "--port", "0", "--temperature", "0", "--no-reuse_tokens")


def started(fake_server: FakeServer, folder: Path, *flags: str) -> tuple[Popen[str], Client]:
    """The command as a user starts it, and what asks it."""
    words = [*FLAGS, "--planner_server_url", fake_server.url]
    words += ["--tokenizer", str(ROOT / "models" / "sample_base"), *flags]
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
