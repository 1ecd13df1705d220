"""Who may use a server without a key."""

from __future__ import annotations

import pytest
from sprint.serving.guard import OWN_NAMES
from support.fake_server import FakeServer
from support.serving import Served, served


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST:80", "127.0.0.1:8080", "127.9.9.9", "[::1]:8080", *OWN_NAMES],
)
def test_a_server_for_this_machine_answers_to_its_own_names(server: Served, host: str) -> None:
    assert server.get("/v1/models", Host=host).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8080", "localhost.evil.example", "10.0.0.1", "127.0.0.1.x"],
)
@pytest.mark.parametrize("path", ["/v1/models", "/metrics", "/openapi.json"])
def test_a_server_for_this_machine_has_no_other_name(server: Served, host: str, path: str) -> None:
    """A web page may use a name of its own that leads to this machine."""
    refused = server.get(path, Host=host)
    assert refused.status_code == 403
    assert refused.json()["error"]["code"] == "host_not_allowed"


@pytest.mark.parametrize("field", [{"api_key": "a-long-key"}, {"host": "0.0.0.0"}])
def test_a_key_or_another_address_allows_all_names(
    fake_server: FakeServer, field: dict[str, str]
) -> None:
    with served(fake_server, **field) as server:
        answer = server.get("/health", Host="sprint.example")
    assert answer.status_code == 200


def test_paths_without_a_key_are_described_so(fake_server: FakeServer) -> None:
    with served(fake_server, api_key="a-long-key") as server:
        paths = server.get("/openapi.json").json()["paths"]
        public = {path for path, one in paths.items() if one.get("get", {}).get("security") == []}
        assert public == {"/health", "/metrics", "/openapi.json"}
        assert {server.get(path).status_code for path in public} == {200}
        assert server.get("/v1/models").status_code == 401
