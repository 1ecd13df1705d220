from __future__ import annotations

import hashlib
import json
import re
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sprint.analysis.viewer.model import OpenProblem, Page, ProblemRow
from sprint.analysis.viewer.page import page_parts
from support.commands import run_command
from support.fake_server import MODEL, FakeServer, Reply
from support.result_folders import sprint_result, write_results

KATEX = "fa140498b8cfc8302cbe5e7cb1bdbc1f952bc38b3fa258ede09e73edbf9a74bc"
HOSTILE = ["</script><script>x()</script>", "<!--", "]]>", "&lt;", "\u2028", "\ud800", "\0", "ä"]
texts = st.lists(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=5))).map("".join)


def page_of(text: str) -> str:
    page = Page((text,), text, "tokens", (ProblemRow("a", text, text, (None,)),))
    return "".join(page_parts(page, [OpenProblem(text, text, text, (None,))]))


@given(texts)
def test_data_comes_back_and_is_no_markup(text: str) -> None:
    html = page_of(text)
    blocks = re.findall(r'<script type="application/json" id="([^"]*)">([^<>&]*)</script>', html)
    found = {name: json.loads(content) for name, content in blocks}
    assert found["page"]["methods"] == [text]
    assert found["problem-0"]["question"] == text
    assert len(re.findall(r"<script", html)) == len(re.findall(r"<script", page_of("")))


def test_the_policy_lets_nothing_be_loaded() -> None:
    html = page_of("a")
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', html)
    assert policy
    assert policy[1].startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy[1]


def test_katex_is_the_one_that_was_released() -> None:
    file = resources.files("sprint.analysis.page") / "static" / "katex" / "katex.min.js"
    assert hashlib.sha256(file.read_bytes()).hexdigest() == KATEX


def test_the_command_writes_the_page(tmp_path: Path) -> None:
    write_results(tmp_path / "results" / "test", [sprint_result()])
    outcome = run_command("sprint.analysis.viewer", ["results/test"], tmp_path)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.endswith("1 problem: viewer.html\n")
    assert "lengths are in characters" in outcome.out
    assert (tmp_path / "viewer.html").read_text().startswith("<!doctype html>")


def test_the_command_shows_what_a_judge_decided(fake_server: FakeServer, tmp_path: Path) -> None:
    fake_server.script = lambda request: Reply.of("same")
    write_results(tmp_path / "results" / "test", [sprint_result(answer=r"\frac{2}{")])
    flags = ["results/test", "--judge_model", MODEL, "--judge_server_url", fake_server.url]
    outcome = run_command("sprint.analysis.viewer", flags, tmp_path)
    assert outcome.code == 0, outcome.err
    assert '"status":"correct"' in (tmp_path / "viewer.html").read_text()
    assert '"judged":true' in (tmp_path / "viewer.html").read_text()


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (["nowhere"], "does not exist"),
        (["results/test", "--output", "no/folder/v.html"], "Cannot write no/folder/v.html"),
        (["results/test", "--tokenizer", "nowhere"], "No tokenizer found at 'nowhere'"),
    ],
)
def test_bad_input_is_one_sentence(tmp_path: Path, flags: list[str], says: str) -> None:
    write_results(tmp_path / "results" / "test", [sprint_result()])
    outcome = run_command("sprint.analysis.viewer", flags, tmp_path)
    assert outcome.code == 2
    (line,) = outcome.errors
    assert says in line
