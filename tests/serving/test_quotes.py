"""The log does not repeat a question by quoting a model server."""

from __future__ import annotations

import pytest
from support.fake_server import FakeServer, Refusal
from support.serving import asking, served

SECRET = "The words of a question"


@pytest.mark.parametrize("log_requests", [False, True])
@pytest.mark.parametrize("status", [400, 422, 500])
def test_the_log_says_what_failed_without_the_words_of_a_model_server(
    fake_server: FakeServer, caplog: pytest.LogCaptureFixture, status: int, log_requests: bool
) -> None:
    """They may repeat the question."""
    fake_server.script = lambda _: Refusal(status, SECRET)
    with served(fake_server, log_requests=log_requests) as server:
        refused = server.post(asking())
    assert refused.status_code == (503 if status == 500 else 400)
    assert SECRET not in refused.text
    assert f"The server at {fake_server.url} refuse" in caplog.text
    assert (SECRET in caplog.text) == log_requests
