"""The demo's page in a real browser, with a scripted model server behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import resources

import pytest
from playwright.sync_api import Browser, Page, expect
from sprint.serving.demo.page import demo_route
from sprint.serving.demo.problems import demo_problems
from sprint.utils.grammar import trajectory_calls
from sprint.utils.records import Phase, PlanSegment, Trajectory
from support.browser import Opened, needs_browser, open_url, started_browser
from support.fake_server import FakeServer, Gate, Refusal, Reply, State
from support.limits import PATIENCE
from support.scripts import QUESTION, TRAJECTORY
from support.serving import SPRINT_PROMPT, Served, SprintScript, script, served

pytestmark = [needs_browser, pytest.mark.browser]

DEMO = demo_route(["sprint", "serial"])
HOSTILE = (
    "</script><script>window.taken=1</script><img src=x onerror=window.taken=2>",
    "<style>*{display:none}</style> <svg onload=window.taken=3> &amp; <b>bold</b>",
    "$\\href{javascript:window.taken=4}{x}$ $\\includegraphics{http://127.0.0.1:9/x.png}$",
    "\u202e right to left \u2028 \x00 \\(\\def\\a{\\a\\a}\\a\\)",
)
expect.set_options(timeout=1000 * PATIENCE)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with started_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def model_server() -> Iterator[FakeServer]:
    with FakeServer() as server:
        yield server
        assert server.script_errors == []


@pytest.fixture(scope="module")
def server(model_server: FakeServer) -> Iterator[Served]:
    with served(model_server, also=[DEMO], max_attempts=1, execution_tokens=10**6) as server:
        yield server


@pytest.fixture
def opened(browser: Browser, server: Served) -> Iterator[Opened]:
    with open_url(browser, server.url.removesuffix("/v1") + "/demo") as opened:
        yield opened
        assert opened.errors == []
        asked = {request.removeprefix(server.url) for request in opened.requests}
        assert asked <= {opened.page.url, "/chat/completions"}


def ask(page: Page, question: str = QUESTION) -> None:
    page.fill("#question", question)
    page.get_by_role("button", name="Solve").click()


def hold(held: SprintScript, model_server: FakeServer) -> Gate:
    """The second execution and the serial answer stop in the middle until the gate opens."""
    gate = model_server.gate()
    calls = trajectory_calls(SPRINT_PROMPT, TRAJECTORY)
    execution = next(call for call in calls if (call.phase, call.number) == (1, 2))
    held.set(execution.context, Reply.of("4*5=20, ", gate, "since 4*5 is twice 2*5=10."))
    held.serial = Reply.of("2*3 is 6, ", gate, "so\n</think>\n\nThe sum is \\boxed{27}.")
    model_server.script = held
    return gate


def lanes(page: Page) -> list[str]:
    return page.locator(".timeline .lane-name").all_inner_texts()


def test_both_ways_are_watched_to_their_end(opened: Opened, model_server: FakeServer) -> None:
    page, gate = opened.page, hold(script(), model_server)
    ask(page)
    execution = page.locator("article", has_text="Execution 1.2")
    expect(execution).to_contain_text("4*5=20,")
    expect(page.locator(".thought")).to_have_text("2*3 is 6,")
    assert lanes(page) == ["planner", "executor 1", "executor 2", "serial", ""]
    expect(page.locator("#state")).to_have_text("Solving …")
    # Both are in progress, so both of their times run on.
    times = page.locator(".timeline h4")
    for time in (times.first, times.last):
        expect(time).not_to_have_text(time.inner_text())
    gate.open()
    expect(page.locator("#state")).to_have_text("Done.")
    expect(execution).to_contain_text("since 4*5 is twice")
    expect(page.locator("#outcome")).to_contain_text("times as fast")
    verdicts = page.locator(".verdict").all_inner_texts()
    assert verdicts == ["Answer: 26", "Answer: 27"]
    headings = page.locator("h4:not(.timeline *)").all_inner_texts()
    assert headings == ["Phase 1", "Phase 2", "Phase 3", "Answer", "Thought", "Answer"]
    assert page.locator(".prompt").all_inner_texts()[0] == "1.1 Work out 2*3."


def test_the_last_line_has_the_numbers_of_both(opened: Opened, model_server: FakeServer) -> None:
    model_server.script = script()
    ask(opened.page)
    number = r"\d+\.\d s, "
    expect(opened.page.locator("#outcome")).to_have_text(
        re.compile(
            rf"SPRINT {number}\d+ sequential tokens of \d+; serial {number}\d+ tokens; "
            r"\d+\.\d times as fast"
        )
    )


def test_a_bar_leads_to_its_text_while_it_is_written(
    opened: Opened, model_server: FakeServer
) -> None:
    page, gate = opened.page, hold(script(), model_server)
    ask(page)
    expect(page.locator("article", has_text="Execution 1.2")).to_contain_text("4*5=20,")
    page.locator("button.bar[aria-label^='executor 1.2']").press("Enter")
    assert page.evaluate("document.activeElement.innerText").startswith("Execution 1.2")
    gate.open()
    expect(page.locator("#state")).to_have_text("Done.")
    expect(page.locator("article[aria-current]")).to_contain_text("Execution 1.2")


def test_a_sample_problem_is_right_or_wrong(opened: Opened, model_server: FakeServer) -> None:
    problem = demo_problems()[0]
    answer = f"It is \\boxed{{{problem.answer}}}."
    wrong = "thought</think>\n\n\\boxed{-1}"
    trajectory = Trajectory(problem.question, (), answer)
    model_server.script = script(trajectory, wrong)
    page = opened.page
    assert page.input_value("#question") == problem.question
    page.get_by_role("button", name="Solve").click()
    right, failed = page.locator(".verdict").nth(0), page.locator(".verdict").nth(1)
    expect(right).to_have_text(f"Answer: {problem.answer} ✓ right")
    expect(failed).to_have_text(f"Answer: -1 ✗ wrong, the reference is {problem.answer}")
    page.fill("#question", "Another one")
    assert page.locator("#sample option:checked").inner_text() == "your own"


def test_stop_frees_the_model_server(opened: Opened, model_server: FakeServer) -> None:
    hold(script(), model_server)
    before = len(model_server.requests)
    ask(opened.page)
    expect(opened.page.locator(".thought")).to_have_text("2*3 is 6,")
    expect(opened.page.locator("article", has_text="Execution 1.2")).to_contain_text("4*5=20,")
    opened.page.get_by_role("button", name="Stop").click()
    expect(opened.page.locator("#state")).to_have_text("Stopped.")
    assert opened.page.locator(".verdict").all_inner_texts() == ["Stopped.", "Stopped."]
    held = [one for one in model_server.requests[before:] if one.final_state is State.ABORTED]
    assert len(held) == 2
    expect(opened.page.get_by_role("button", name="Solve")).to_be_enabled()


def test_one_after_the_other(opened: Opened, model_server: FakeServer) -> None:
    page, gate = opened.page, hold(script(), model_server)
    page.check("#in-turn")
    ask(page)
    expect(page.locator("article", has_text="Execution 1.2")).to_contain_text("4*5=20,")
    assert page.locator(".column").count() == 1
    gate.open()
    expect(page.locator("#state")).to_have_text("Done.")
    assert page.locator(".column h3").all_inner_texts() == ["SPRINT", "serial"]


def test_hostile_text_is_text(opened: Opened, model_server: FakeServer) -> None:
    text = "\n\n".join(HOSTILE)
    trajectory = Trajectory(QUESTION, (Phase((PlanSegment(text, text),), (text,)),), text)
    model_server.script = script(trajectory, f"{text}\n</think>\n\n{text}")
    page = opened.page
    ask(page)
    expect(page.locator("#state")).to_have_text("Done.")
    assert page.evaluate("window.taken") is None
    assert page.locator("main :is(img, svg, iframe, object, style, script, a, b b)").count() == 0
    for place in (".execution", ".plan", ".thought", "#text-0-final-0", "#text-1-final-0"):
        shown = page.locator(place).first.evaluate("it => it.textContent")
        assert HOSTILE[0] in shown
        assert HOSTILE[1] in shown


LIVE = resources.files("sprint.serving.demo").joinpath("static", "live.js").read_text()


def test_a_text_without_end_is_cut(opened: Opened) -> None:
    length, end = opened.page.evaluate(
        f"""() => {{ {LIVE}
          const run = newRun('SPRINT', false);
          const event = {{ event: 'execution_text', seconds: 1, phase: 1, prompt: 1 }};
          for (let piece = 0; piece < 9; piece += 1) {{
            hear(run, {{ ...event, text: "a".repeat(1e6) }});
          }}
          const [text] = viewOf(run).phases[0].executions;
          return [text.length, text.slice(-25)];
        }}"""
    )
    assert length < 101_000
    assert end.endswith("(too long to show)")


def test_what_is_discarded_stays_on_the_axis_alone(opened: Opened) -> None:
    """A plan is thrown away with its execution, and another one stands in its place."""
    told = [
        ("plan_text", {"text": "first"}),
        ("prompt_opened", {"prompt": 1}),
        ("prompt_closed", {"prompt": 1}),
        ("execution_text", {"prompt": 1, "text": "lost"}),
        ("discarded", {"prompt": 0}),
        ("plan_text", {"text": "second"}),
    ]
    events = [
        {"event": name, "seconds": second, "phase": 1, **fields}
        for second, (name, fields) in enumerate(told)
    ]
    phases, bars = opened.page.evaluate(
        f"""(events) => {{ {LIVE}
          const run = newRun('SPRINT', false);
          events.forEach((event) => hear(run, event));
          const view = viewOf(run);
          return [view.phases, view.timelines[0].bars];
        }}""",
        events,
    )
    assert [(phase["plan"], phase["executions"]) for phase in phases] == [
        ([{"text": "second", "prompt": None}], [])
    ]
    assert [(bar["lane"], bar["kept"], bar["start"]) for bar in bars] == [
        (0, False, 0),
        (1, False, 2),
        (0, True, 4),
    ]
    assert [bar["end"] for bar in bars[:2]] == [4, 4]


def test_a_failure_is_told(opened: Opened, model_server: FakeServer) -> None:
    model_server.script = lambda request: Refusal(400, "<b>no</b>")
    ask(opened.page)
    expect(opened.page.locator("#state")).to_have_text("At least one method failed.")
    says = "Failed: The model server rejected the request."
    assert opened.page.locator(".verdict").all_inner_texts() == [says, says]
    opened.errors.clear()  # the browser notes each status that is an error


def test_a_key_is_asked_for_where_one_is_needed(browser: Browser, model_server: FakeServer) -> None:
    model_server.script = script()
    with (
        served(model_server, also=[DEMO], api_key="correct horse") as server,
        open_url(browser, server.url.removesuffix("/v1") + "/demo") as opened,
    ):
        expect(opened.page.locator("#key")).to_be_hidden()
        ask(opened.page)
        opened.page.fill("#key", "correct horse")
        opened.page.get_by_role("button", name="Solve").click()
        expect(opened.page.locator("#outcome")).to_contain_text("times as fast")


@pytest.mark.parametrize("width", [360, 1280])
def test_it_fits_its_window(opened: Opened, model_server: FakeServer, width: int) -> None:
    page = opened.page
    model_server.script = script()
    page.set_viewport_size({"width": width, "height": 800})
    ask(page)
    expect(page.locator("#state")).to_have_text("Done.")
    overflow = page.locator("html").evaluate("it => it.scrollWidth - it.clientWidth")
    assert overflow <= 0
    tops = {box["y"] for one in page.locator(".column").all() if (box := one.bounding_box())}
    assert len(tops) == (1 if width > 1000 else 2)
