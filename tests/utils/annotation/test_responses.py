"""The store of responses: keys, and files that are whole, missing or damaged."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from sprint.utils.annotation.responses import Response, ResponseStore, StoredRequest
from sprint.utils.api.sampling import Sampling

REQUEST = StoredRequest(
    "http://one/v1", "m", ({"role": "user", "content": "1+1?"},), Sampling(9, temperature=0.0)
)
RESPONSE = Response("Two, \u2028 or \ud800.", "stop", 5, 1, 3, 0.25)


@pytest.mark.parametrize(
    "other",
    [
        replace(REQUEST, url="http://two/v1"),
        replace(REQUEST, model="n"),
        replace(REQUEST, messages=({"role": "user", "content": "1+2?"},)),
        replace(REQUEST, messages=({"role": "system", "content": "1+1?"},)),
        replace(REQUEST, sampling=Sampling(10, temperature=0.0)),
        replace(REQUEST, sampling=Sampling(9, temperature=0.5)),
        replace(REQUEST, attempt=1),
    ],
)
def test_another_request_has_another_key(other: StoredRequest) -> None:
    assert other.key != REQUEST.key


def test_the_key_is_the_same_in_every_run() -> None:
    assert REQUEST.key == "d09110ff90944be98c964512a3c3b4ebd31cf47eb95cb7a63bfc2b4b2101270b"


def test_a_response_comes_back_as_it_was(tmp_path: Path) -> None:
    store = ResponseStore(tmp_path)
    assert store.get(REQUEST.key) is None
    store.put(REQUEST.key, RESPONSE, {"model": "m"})
    assert store.get(REQUEST.key) == RESPONSE
    assert list(store.all()) == [RESPONSE]
    assert store.path(REQUEST.key).parent.name == REQUEST.key[:2]


def test_a_response_is_stored_as_it_came(tmp_path: Path) -> None:
    store = ResponseStore(tmp_path)
    store.put("ab", replace(RESPONSE, received='{"id": "\\ud83d"}'), {})
    assert json.loads(store.path("ab").read_bytes())["received"] == '{"id": "\\ud83d"}'
    assert store.get("ab") == RESPONSE


def test_a_response_of_an_earlier_version_is_read(tmp_path: Path) -> None:
    store = ResponseStore(tmp_path)
    store.put("ab", RESPONSE, {})
    written = json.loads(store.path("ab").read_bytes())
    del written["received"]
    store.path("ab").write_text(json.dumps(written))
    assert store.get("ab") == RESPONSE


def test_a_truncated_response_is_labelled(tmp_path: Path) -> None:
    store = ResponseStore(tmp_path)
    store.put("ab", replace(RESPONSE, finish_reason="length"), {})
    assert json.loads(store.path("ab").read_bytes())["truncated"] is True


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"response": {"text": null}}', b"\xff"])
def test_a_damaged_file_counts_as_missing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, damage: bytes
) -> None:
    store = ResponseStore(tmp_path)
    store.put("ab", RESPONSE, {})
    store.path("ab").write_bytes(damage)
    assert store.get("ab") is None
    assert list(store.all()) == []
    assert "is damaged" in caplog.text
