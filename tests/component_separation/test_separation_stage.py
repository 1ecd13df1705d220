"""Stage 1 as a command: with rules, and with a model behind a scripted server on loopback."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from sprint import component_separation as stage
from sprint.utils.config import from_command_line
from sprint.utils.errors import InputError, ServerError
from sprint.utils.thoughts.stage_folders import SeparationFolder

THOUGHT = "Let me add. 1 + 1 = 2.\n\nNow let me double it. 2 * 2 = 4."
SOUND = (
    "### Component 1\n- **Plan:** Line 1\n- **Prompt:** Add.\n- **Execution:** Line 2\n"
    "### Component 2\n- **Plan:** Line 3\n- **Prompt:** Double.\n- **Execution:** Lines 3-4\n"
)
TWICE = SOUND + "### Component 3\n- **Plan:** Lines 1-4\n"


class Scripted(ThreadingHTTPServer):
    """Answers chat requests from a list, and keeps what it was asked."""

    def __init__(self, answers: list[str]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers = answers
        self.asked: list[dict[str, Any]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class Handler(BaseHTTPRequestHandler):
    server: Scripted

    def do_GET(self) -> None:
        self._send({"object": "list", "data": [{"id": "m", "object": "model"}]})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(body)
        message = {"role": "assistant", "content": self.server.answers.pop(0)}
        choice = {"index": 0, "finish_reason": "stop", "message": message}
        self._send(
            {
                "id": "1",
                "object": "chat.completion",
                "created": 0,
                "model": "m",
                "choices": [choice],
            }
        )

    def _send(self, value: Any) -> None:
        data = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    with Scripted([]) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def dataset(folder: Path, *thoughts: str) -> Path:
    path = folder / "few.jsonl"
    rows = [{"problem": "1 + 1, twice?", "answer": "4", "thought": text} for text in thoughts]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def run(folder: Path, *flags: str) -> SeparationFolder:
    path = folder / "few.jsonl"
    words = ["--data_hub_path", str(path), "--logs_dir", str(folder / "logs"), *flags]
    config = from_command_line(stage.SeparationConfig, words)
    stage.run(config)
    return SeparationFolder(folder / "logs", config.component_separation_model, "few_default")


def test_files_of_the_rules(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dataset(tmp_path, THOUGHT, "  ")
    folder = run(tmp_path)
    assert folder.answer_path(0).is_relative_to(
        tmp_path / "logs" / "component_separation_output_rules" / "few_default"
    )
    assert folder.inline_path(0) == (
        tmp_path / "logs" / "component_inline_rules" / "few_default" / "component_inline_0.txt"
    )
    separated = folder.read(0)
    assert "".join(separated.lines) == THOUGHT
    assert [c.prompt for c in separated.components] == ["Add.", "Double it."]
    assert not folder.is_finished(1)
    assert "Row 1 failed: The thought is empty." in capsys.readouterr().out


def test_finished_rows_are_left_alone(tmp_path: Path) -> None:
    dataset(tmp_path, THOUGHT)
    folder = run(tmp_path)
    folder.inline_path(0).write_text("mine", encoding="utf-8")
    run(tmp_path)
    assert folder.inline_path(0).read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("damage", [None, b"", b"\xff\xfe", b"no lines"])
def test_a_row_whose_numbered_thought_is_damaged_is_made_again(
    tmp_path: Path, damage: bytes | None
) -> None:
    dataset(tmp_path, THOUGHT)
    path = run(tmp_path).numbered_path(0)
    whole = path.read_bytes()
    path.unlink()
    if damage is not None:
        path.write_bytes(damage)
    run(tmp_path)
    assert path.read_bytes() == whole


def test_a_changed_dataset_is_refused(tmp_path: Path) -> None:
    dataset(tmp_path, THOUGHT)
    run(tmp_path)
    dataset(tmp_path, THOUGHT + " Good.")
    with pytest.raises(InputError, match="contains a different thought than row 0"):
        run(tmp_path)


def test_a_faulty_answer_is_asked_again(tmp_path: Path, scripted: Scripted) -> None:
    dataset(tmp_path, THOUGHT)
    scripted.answers = [TWICE, SOUND]
    flags = ("--component_separation_model", "m", "--component_separation_server_url")
    folder = run(tmp_path, *flags, scripted.url)
    first, second = scripted.asked
    assert first["temperature"] == 0
    assert "<Line 4> 2 * 2 = 4.</Line 4>" in first["messages"][0]["content"]
    assert [message["role"] for message in second["messages"]] == ["user", "assistant", "user"]
    assert "Line 1 is in Component 1 and in Component 3" in second["messages"][2]["content"]
    assert folder.answer_path(0).read_text(encoding="utf-8") == SOUND
    assert folder.read(0).components[1].execution == (3, 4)


def test_one_hopeless_row_does_not_stop_the_others(
    tmp_path: Path, scripted: Scripted, capsys: pytest.CaptureFixture[str]
) -> None:
    dataset(tmp_path, THOUGHT, THOUGHT.replace("Now", "Then"))
    scripted.answers = ["no", "never", SOUND]
    flags = ["--component_separation_model", "m", "--component_separation_server_url"]
    folder = run(tmp_path, *flags, scripted.url, "--max_attempts", "2", "--num_workers", "1")
    assert [folder.is_finished(index) for index in (0, 1)] == [False, True]
    assert "Row 0 failed: No usable answer in 2 attempts" in capsys.readouterr().out


def test_a_wrong_model_name_is_said(tmp_path: Path, scripted: Scripted) -> None:
    dataset(tmp_path, THOUGHT)
    flags = ["--component_separation_model", "other", "--component_separation_server_url"]
    with pytest.raises(ServerError, match="does not serve 'other' but m"):
        run(tmp_path, *flags, scripted.url)


def test_a_model_needs_a_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    dataset(tmp_path, THOUGHT)
    with pytest.raises(InputError, match="set OPENAI_API_KEY"):
        run(tmp_path, "--component_separation_model", "gpt-4o")
