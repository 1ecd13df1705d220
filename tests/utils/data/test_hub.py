"""Datasets on the hub, from a scripted hub on loopback and from the cache that it fills."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import datasets
import httpx2
import pytest
from huggingface_hub import HfApi, constants
from sprint.utils.data.loading import DataSource, load_problems
from sprint.utils.errors import InputError

COMMIT = "1" * 40
CARD = """---
configs:
- config_name: main
  default: true
  data_files:
  - split: train
    path: main/train.csv
  - split: test
    path: main/test.csv
- config_name: other
  data_files: other/*.jsonl
---
"""
FILES = {
    "README.md": CARD,
    "main/train.csv": "problem,answer,unique_id\n?,1e5,a/1\n?,None,\n",
    "main/test.csv": "Problem,Answer\n?,007\n",
    "other/x[1].jsonl": '{"problem": "?", "answer": 12345678901234567890123}\n',
}


class Hub(BaseHTTPRequestHandler):
    """One repository, `made/up`. `asked` counts what is downloaded."""

    asked: list[str]

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path.startswith("/api/datasets/made/up/tree/"):
            self._send(json.dumps([self._entry(name) for name in FILES]).encode())
        elif path.startswith("/api/datasets/made/up"):
            siblings = [{"rfilename": name} for name in FILES]
            info = {"id": "made/up", "sha": COMMIT, "siblings": siblings, "private": False}
            self._send(json.dumps(info | {"tags": [], "downloads": 0, "likes": 0}).encode())
        else:
            self._file(path)

    do_HEAD = do_GET  # noqa: N815

    def _entry(self, name: str) -> dict[str, object]:
        content = FILES[name].encode()
        digest = hashlib.sha1(content).hexdigest()
        return {"type": "file", "path": name, "size": len(content), "oid": digest}

    def _file(self, path: str) -> None:
        name = path.partition(f"/resolve/{COMMIT}/")[2].replace("%5B", "[").replace("%5D", "]")
        if name not in FILES or not path.startswith("/datasets/made/up/"):
            self._send(b"{}", 404)
            return
        if self.command == "GET":
            self.asked.append(name)
        self._send(FILES[name].encode())

    def _send(self, content: bytes, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("ETag", f'"{hashlib.sha1(content).hexdigest()}"')
        if status == 404:
            self.send_header("X-Error-Code", "RepoNotFound")
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[list[str]]:
    """The files that are downloaded from the hub."""
    names = list[str]()
    handler = type("Handler", (Hub,), {"asked": names})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr(constants, "ENDPOINT", url)
    template = url + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    yield names
    server.shutdown()
    thread.join()
    server.server_close()


def answers(**source: str) -> list[str]:
    return [problem.answer for problem in load_problems(DataSource("made/up", **source))]


def test_values_are_those_of_the_files(asked: list[str]) -> None:
    assert answers() == ["007"]
    assert answers(split="train") == ["1e5", "None"]
    assert answers(subset="other") == ["12345678901234567890123"]


def test_only_the_split_that_is_asked_for_is_downloaded(asked: list[str]) -> None:
    assert answers(split="train") == ["1e5", "None"]
    assert sorted(asked) == ["README.md", "main/train.csv"]


def test_without_a_connection_the_cache_is_read(
    asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answers(split="train")
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    assert answers(split="train") == ["1e5", "None"]


def test_a_hub_that_fails_leaves_the_cache_and_a_warning(
    asked: list[str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    answers(split="train")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert answers(split="train") == ["1e5", "None"]
    assert "Using the cached made/up because the hub failed" in caplog.text


def test_a_hub_that_cannot_be_reached(asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(HfApi, "list_repo_files", refuse_connection)
    with pytest.raises(
        InputError, match=r"the hub cannot be reached \(refused\), and it is not cached"
    ):
        answers()


def refuse_connection(*_: object, **__: object) -> None:
    raise httpx2.ConnectError("refused")


def test_a_subset_that_the_card_lacks(asked: list[str]) -> None:
    with pytest.raises(InputError, match="no subset 'third': choose one of main, other"):
        answers(subset="third")


def test_a_name_that_the_hub_lacks(asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise FileNotFoundError("no such dataset")

    monkeypatch.setattr(datasets, "load_dataset", refuse)
    with pytest.raises(InputError, match="Cannot load the dataset 'made/other'"):
        load_problems(DataSource("made/other"))
