"""The page as it is served."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from sprint.serving.demo.page import demo_page, demo_route
from sprint.serving.demo.problems import demo_problems
from sprint.utils.data.sample_problems import SampleProblem
from support.fake_server import FakeServer
from support.serving import Served, served

DEMO = demo_route(["sprint", "serial"])


@pytest.fixture
def server(fake_server: FakeServer) -> Iterator[Served]:
    with served(fake_server, also=[DEMO], api_key="correct horse") as found:
        yield found


def test_the_page_is_served_without_a_key(server: Served) -> None:
    response = server.get("/demo")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/html")
    assert response.headers["content-security-policy"] == "frame-ancestors 'none'"
    assert response.text == demo_page(["sprint", "serial"])


def test_there_is_none_unless_it_is_asked_for(fake_server: FakeServer) -> None:
    with served(fake_server) as found:
        assert found.get("/demo").status_code == 404


def test_the_policy_allows_this_server_alone() -> None:
    html = demo_page(["<b>", "</script>"])
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', html)
    assert policy
    assert policy[1].startswith("default-src 'none'; script-src 'sha256-")
    assert "connect-src 'self';" in policy[1]
    assert "unsafe" not in policy[1]
    assert html.count("<script") == demo_page(["a", "b"]).count("<script")
    assert "<b>" not in html


def test_problems_are_held_out_and_hardest_first() -> None:
    problems = demo_problems()
    levels = [int(problem.name[-1]) for problem in problems]
    assert levels == sorted(levels, reverse=True)
    assert len({problem.question for problem in problems}) == len(problems) == 25
    splits = {SampleProblem(one.question, "", "", one.answer, 1, "").split for one in problems}
    assert splits == {"test"}
