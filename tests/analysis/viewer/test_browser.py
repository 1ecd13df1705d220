"""The viewer's page in a real browser."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from sprint.analysis.viewer.collecting import Collection
from sprint.analysis.viewer.page import page_parts
from sprint.utils.latency.priced_path import TimePrices
from sprint.utils.records import Phase, PlanSegment, Problem, Result, Trajectory
from support.browser import Opened, needs_browser, open_file, started_browser
from support.result_folders import serial_result, sprint_result, write_results
from support.scripts import PROBLEM, TRAJECTORY

pytestmark = [needs_browser, pytest.mark.browser]

# After two frames what is in sight has been set, and painted.
PAINTED = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
# Ends when the problem has been scrolled down.
SCROLLED = """() => new Promise((done) => {
  const problem = document.querySelector('#problem');
  const look = () => problem.scrollTop > 0 ? done() : requestAnimationFrame(look);
  look();
})"""
HOSTILE = (
    "</script><script>window.taken=1</script><img src=x onerror=window.taken=2>",
    "<!-- <b>bold &amp; <style>*{display:none}</style> <svg onload=window.taken=3>",
    "$\\href{javascript:window.taken=4}{x}$ $\\includegraphics{http://127.0.0.1:9/x.png}$",
    "$" + "{" * 2900 + "}" * 90 + "$ \\[ never closed $x <div>",
    "\\(\\def\\a{\\a\\a}\\a\\) \u2028 \u202e \x00",
)


def problem(number: int, **changes: str) -> Problem:
    return replace(PROBLEM, id=f"test_sums_{number}", index=number, **changes)


def write_page(folder: Path, *methods: Sequence[Result], prices: TimePrices | None = None) -> Path:
    """A page of SPRINT and of RFT."""
    names = ["SPRINT", "RFT"]
    folders = [
        write_results(folder / name / "test", results, serial=name == "RFT")
        for name, results in zip(names, methods, strict=False)
    ]
    collection = Collection(folders, prices=prices)
    path = folder / "viewer.html"
    path.write_text("".join(page_parts(collection.page, collection.problems())))
    return path


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with started_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def opened(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    """Four problems: right, wrong, without an answer, and wide; the serial method has two."""
    wide = Phase(tuple(PlanSegment("", str(k)) for k in range(6)), ("$x^2$ it is",) * 6)
    sprint = [
        sprint_result(problem(1)),
        sprint_result(problem(2), answer="27", faults=["Plan 1 was malformed"]),
        sprint_result(problem(3), replace(TRAJECTORY, final_answer=None), ""),
        sprint_result(problem(4), Trajectory("How wide?", (wide,), "\\[\\frac{1}{2}\\]"), calls=()),
    ]
    serial = [serial_result(problem(1)), serial_result(problem(2))]
    path = write_page(tmp_path_factory.mktemp("page"), sprint, serial)
    with open_file(browser, path) as opened:
        yield opened
        assert opened.errors == []
        assert opened.requests == [opened.page.url.partition("#")[0]]


def listed(opened: Opened) -> list[str]:
    return opened.page.locator("#problems a").all_text_contents()


def go_to(opened: Opened, number: int) -> None:
    opened.page.evaluate(f"location.hash = '#test_sums_{number}'")
    opened.page.get_by_role("heading", name=f"test_sums_{number}").wait_for()


@pytest.mark.parametrize(
    ("shown", "order", "numbers"),
    [
        ("all", "given", "1234"),
        ("wrong", "given", "23"),
        ("unparsable", "given", "3"),
        ("marked", "given", "2"),
        ("all", "widest", "4123"),
        ("all", "phases", "1234"),
        ("wrong", "longest", "23"),
    ],
)
def test_filters(opened: Opened, shown: str, order: str, numbers: str) -> None:
    opened.page.select_option("#filter", shown)
    opened.page.select_option("#order", order)
    assert listed(opened) == list(numbers)
    opened.page.select_option("#filter", "all")
    opened.page.select_option("#order", "given")


def test_search_and_the_other_methods_filter(opened: Opened) -> None:
    opened.page.fill("#search", "sums_3")
    assert listed(opened) == ["3"]
    opened.page.fill("#search", "level2 2 sums")
    assert listed(opened) == []
    opened.page.fill("#search", "2 level sums_2")
    assert listed(opened) == ["2"]
    opened.page.fill("#search", "")
    opened.page.select_option("#method", label="RFT")
    opened.page.select_option("#filter", "wrong")
    assert listed(opened) == []
    assert opened.page.locator("#found [role=status]").inner_text() == "0 of 4 problems"
    opened.page.select_option("#filter", "all")
    opened.page.select_option("#method", label="SPRINT")


def test_the_timeline_is_the_ledgers(opened: Opened) -> None:
    go_to(opened, 1)
    lanes = opened.page.locator(".timeline .lane-name").all_inner_texts()
    assert lanes == ["planner", "executor 1", "executor 2", "serial", ""]
    # 8 calls of SPRINT, one of them discarded, and the serial one: it takes the longest.
    bars = opened.page.locator(".timeline .bar")
    assert bars.count() == 9
    assert opened.page.locator(".timeline .bar.discarded").count() == 1
    widths = bars.evaluate_all("bars => bars.map(bar => bar.style.width)")
    assert widths[0] == "10%"
    assert widths[-1] == "100%"
    assert "on the critical path" in (bars.first.get_attribute("title") or "")
    path = opened.page.locator(".bar .path").count()
    assert path == 8
    headings = opened.page.locator(".timeline h4").all_inner_texts()
    assert headings == ["SPRINT: 15.00 s", "RFT: 20.00 s"]


@pytest.mark.parametrize(
    ("prices", "last"),
    [
        (None, ["wall clock (s)", "faults", "20.00", ""]),
        (TimePrices(0.5, call=1), ["priced path (s)", "faults", "3.50", ""]),
    ],
)
def test_priced_paths_have_a_column_where_there_are_prices(
    browser: Browser, tmp_path: Path, prices: TimePrices | None, last: list[str]
) -> None:
    call = serial_result().calls[0]
    serial = replace(serial_result(), calls=(replace(call, completion_tokens=5),))
    path = write_page(tmp_path, [sprint_result(problem(7))], [serial], prices=prices)
    with open_file(browser, path) as opened:
        go_to(opened, 7)
        header = opened.page.locator(".wide thead th").all_inner_texts()
        cells = opened.page.locator(".wide tbody tr").last.locator("td").all_inner_texts()
        assert opened.errors == []
    assert [*header[-2:], *cells[-2:]] == last


def test_by_tokens_on_demand_and_where_there_is_no_ledger(opened: Opened) -> None:
    go_to(opened, 1)
    opened.page.check("input[value=characters]")
    assert "characters" in opened.page.locator(".timeline h4").first.inner_text()
    opened.page.check("input[value=seconds]")
    go_to(opened, 4)
    assert opened.page.locator(".units").count() == 0
    assert "characters" in opened.page.locator(".timeline h4").first.inner_text()


def test_a_bar_leads_to_its_text(opened: Opened) -> None:
    go_to(opened, 1)
    opened.page.locator(".bar.executor").nth(2).click()
    focused = opened.page.evaluate("document.activeElement.innerText")
    assert focused.startswith("Execution 1.2")


WAYS_BACK = [
    ("Execution 1.2, SPRINT", "executor 1.2; 5.00 s"),
    ("Execution 3.1 (critical path), SPRINT", "executor 3.1; 11.00 s"),
    ("Phase 1, SPRINT", "planner, phase 1; 2.00 s"),  # of two attempts the one that was kept
    ("Phase 2, SPRINT", "planner, phase 2; 9.00 s"),
    ("Final answer, SPRINT", "planner, phase 4; 14.00 s"),
    ("Response, RFT", "serial answer; 0.00 s"),
]


def marked(opened: Opened) -> list[str]:
    """What is marked: the bar, and the heading of the text."""
    found = opened.page.locator("#problem [aria-current=true]")
    return found.evaluate_all("all => all.map(it => it.title || it.innerText.split('\\n')[0])")


@pytest.mark.parametrize(("text", "bar"), WAYS_BACK)
def test_a_text_leads_back_to_its_bar(opened: Opened, text: str, bar: str) -> None:
    go_to(opened, 1)
    opened.page.get_by_role("button", name=f"To the timeline: {text}", exact=True).press("Enter")
    focused = opened.page.locator(".bar:focus")
    assert (focused.get_attribute("title") or "").startswith(bar)
    expect(focused).to_be_in_viewport()


@pytest.mark.parametrize(("text", "bar"), WAYS_BACK)
def test_both_ways_mark_the_same_call(opened: Opened, text: str, bar: str) -> None:
    go_to(opened, 1)
    opened.page.locator(f'.bar[title^="{bar}"]').press("Enter")
    from_bar = marked(opened)
    opened.page.get_by_role("button", name=f"To the timeline: {text}", exact=True).press("Enter")
    assert marked(opened) == from_bar
    assert from_bar[0].startswith(bar)
    assert from_bar[1] == text.rpartition(",")[0]


def test_an_attempt_that_was_thrown_away_marks_the_one_that_was_kept(opened: Opened) -> None:
    go_to(opened, 1)
    opened.page.locator(".bar.discarded").click()
    bar, text = marked(opened)
    assert bar.startswith("planner, phase 1; 2.00 s")
    assert text == "Phase 1"


def test_another_axis_keeps_the_mark_and_another_problem_does_not(opened: Opened) -> None:
    go_to(opened, 1)
    opened.page.locator(".bar.executor").nth(2).click()
    text = marked(opened)[1]
    opened.page.check("input[value=characters]")
    bar, again = marked(opened)
    assert (bar.split(";")[0], again) == ("executor 1.2", text)
    opened.page.check("input[value=seconds]")
    go_to(opened, 2)
    assert marked(opened) == []


def test_a_text_without_a_bar_has_no_way_back(browser: Browser, tmp_path: Path) -> None:
    phase = Phase(tuple(PlanSegment("", "") for _ in range(2)), ("a", "b"))
    trajectory = Trajectory("Q", (phase,), None)
    path = write_page(tmp_path, [sprint_result(problem(1), trajectory, "26", calls=())])
    with open_file(browser, path) as opened:
        backs = opened.page.locator(".back").evaluate_all("all => all.map(it => it.title)")
    assert [back.split(": ")[1] for back in backs] == [
        "Execution 1.1 (critical path), SPRINT",
        "Execution 1.2, SPRINT",
    ]


@pytest.mark.parametrize("named", ["test_sums_9", "<img src=x onerror=window.taken=1>", "50%"])
def test_an_unknown_address_is_told(opened: Opened, named: str) -> None:
    opened.page.evaluate("named => { location.hash = named }", named)
    opened.page.get_by_role("heading", name="No such problem").wait_for()
    assert opened.page.locator("#problem b").inner_text() == named
    assert opened.page.locator("#problem img").count() == 0
    assert listed(opened) == list("1234")
    assert opened.page.locator("#problems [aria-current]").count() == 0


def test_the_key_for_the_next_problem_leads_out_of_an_unknown_address(opened: Opened) -> None:
    opened.page.evaluate("location.hash = 'nowhere'")
    opened.page.get_by_role("heading", name="No such problem").wait_for()
    opened.page.locator("#problem").press("j")
    opened.page.get_by_role("heading", name="test_sums_1").wait_for()


def test_the_list_tells_phases(opened: Opened) -> None:
    opened.page.select_option("#order", "phases")
    rows = opened.page.locator("#problems li")
    first = rows.first.locator(".summary")
    # A row that is not painted yet has a content, but no inner text.
    assert first.all_text_contents() == ["✓ 3", "✓ –"]
    says = "SPRINT: ✓\u00a0correct, 3 phases, up to 2 prompts at once"
    assert first.first.get_attribute("title") == says
    assert rows.last.locator(".summary").all_text_contents() == ["✓ 1", "–"]
    opened.page.select_option("#order", "given")


def test_the_overview_tells_means(opened: Opened) -> None:
    sprint, serial = opened.page.locator("#overview li").all_inner_texts()
    assert sprint.startswith("SPRINT: 4 problems, 2 correct, on average ")
    assert sprint.endswith(" sequential characters and 2.5 phases")
    assert serial == "RFT: 2 problems, 2 correct, on average 16 sequential characters"


def test_sprint_stands_beside_the_serial_answer(opened: Opened) -> None:
    go_to(opened, 1)
    columns = opened.page.locator(".column")
    assert [column.splitlines()[0] for column in columns.all_inner_texts()] == ["SPRINT", "RFT"]
    boxes = [columns.nth(number).bounding_box() for number in (0, 1)]
    assert boxes[0] is not None
    assert boxes[1] is not None
    assert boxes[0]["y"] == boxes[1]["y"]
    on_path = opened.page.locator(".execution.on-path h5").all_inner_texts()
    assert on_path == ["Execution 1.1 (critical path)", "Execution 3.1 (critical path)"]
    go_to(opened, 3)
    assert "not in the folder" in columns.nth(1).inner_text()


def test_mathematics_is_set(opened: Opened) -> None:
    go_to(opened, 4)
    opened.page.locator(".execution math msup").last.wait_for(state="attached")
    final = opened.page.locator("section[id$=final-0] .math.display mfrac")
    final.wait_for(state="attached")


def test_keys_go_through_the_list(opened: Opened) -> None:
    opened.page.locator("#problem").focus()
    go_to(opened, 1)
    opened.page.keyboard.press("j")
    opened.page.get_by_role("heading", name="test_sums_2").wait_for()
    opened.page.keyboard.press("k")
    opened.page.get_by_role("heading", name="test_sums_1").wait_for()
    current = opened.page.locator("#problems a[aria-current=true]")
    assert current.all_text_contents() == ["1"]


def test_keys_scroll_an_opened_problem(opened: Opened) -> None:
    opened.page.locator("#problem").focus()
    go_to(opened, 4)
    opened.page.keyboard.press("End")
    opened.page.evaluate(SCROLLED)


@pytest.mark.parametrize(
    ("answer", "shown", "is_set"),
    [
        ("50%", "50%", False),
        ("3 1/2", "3 1/2", False),
        ("x = 3 or x = 4", "x = 3 or x = 4", False),
        ("{1,2}", "{1,2}", False),
        (r"864 \mbox{ inches}^2", "", True),
        (r"\$32,\!348", "", True),
        (r"50\%", "", True),
        (r"\unknown{1}", r"\unknown{1}", False),
    ],
)
def test_answers_are_shown_as_they_are(
    browser: Browser, tmp_path: Path, answer: str, shown: str, is_set: bool
) -> None:
    results = [sprint_result(problem(1, answer=answer), answer=answer)]
    with open_file(browser, write_page(tmp_path, results)) as opened:
        cell = opened.page.locator("td span.text").first
        if is_set:
            cell.locator("math").wait_for(state="attached")
        else:
            opened.page.evaluate(PAINTED)
            assert cell.inner_text() == shown
        assert cell.get_attribute("title") == answer


@pytest.mark.parametrize(
    ("text", "formulas"),
    [
        ("It costs $5 and he has $3.", 0),
        (r"It costs $5 and he has $3. The set $\{1,2\}$ is", 1),
        (r"It is $ \frac{47}{288} $. Given $x$, $\$$1500 are", 2),
        ("$5, so x = 3 and $y$", 1),
        (r"\(50%\) of \boxed{3\text{ cm}} and \[x\]", 3),
        (r"\begin{align}a&=b\end{align}", 1),
        ("a \\$ b $ c \n\n d $", 0),
    ],
)
def test_what_is_mathematics(browser: Browser, tmp_path: Path, text: str, formulas: int) -> None:
    trajectory = Trajectory("Q", (), text)
    with open_file(
        browser, write_page(tmp_path, [sprint_result(problem(1), trajectory)])
    ) as opened:
        opened.page.evaluate(PAINTED)
        final = opened.page.locator("section[id$=final-0]")
        assert final.locator(".math").count() == formulas
        assert final.locator("math").count() == formulas


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (r"It costs \$5 and \$6.", "It costs $5 and $6."),
        (r"It costs $\$$1500.", "It costs $1500."),
        (r"A backslash \\$ stays.", r"A backslash \\$ stays."),
        (r"At \$5 \(\unknown \$\) stays.", r"At $5 \(\unknown \$\) stays."),
    ],
)
def test_a_dollar_outside_of_mathematics_is_plain(
    browser: Browser, tmp_path: Path, text: str, shown: str
) -> None:
    trajectory = Trajectory("Q", (), text)
    with open_file(
        browser, write_page(tmp_path, [sprint_result(problem(1), trajectory)])
    ) as opened:
        opened.page.evaluate(PAINTED)
        assert opened.page.locator("section[id$=final-0] .text").inner_text() == shown


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_is_wider_than_its_window(browser: Browser, tmp_path: Path, width: int) -> None:
    wide = "$" + "+".join(f"x_{{{number}}}" for number in range(60)) + "$"
    results = [sprint_result(problem(1, answer=wide), Trajectory("Q", (), wide), wide)]
    path = write_page(tmp_path, results, [serial_result(problem(1), wide)])
    with open_file(browser, path) as opened:
        opened.page.set_viewport_size({"width": width, "height": 900})
        opened.page.reload()
        opened.page.locator("section[id$=final-0] math").last.wait_for(state="attached")
        opened.page.evaluate(PAINTED)
        for scrolled in ("#problem", "html"):
            overflow = opened.page.locator(scrolled).evaluate(
                "it => it.scrollWidth - it.clientWidth"
            )
            assert overflow <= 0


def test_a_majority_stands_where_no_final_answer_is(browser: Browser, tmp_path: Path) -> None:
    phase = Phase(tuple(PlanSegment("", "") for _ in range(3)), ("a", "b", "c"))
    trajectory = Trajectory("Q", (phase,), None)
    path = write_page(tmp_path, [sprint_result(problem(1), trajectory, "26", calls=())])
    with open_file(browser, path) as opened:
        assert opened.page.locator("section[id$=final-0]").inner_text() == "Answer\n26"
        assert opened.page.locator(".prompt").count() == 0
        lanes = opened.page.locator(".lane-name").all_inner_texts()
        assert lanes == ["executor 1", "executor 2", "executor 3", ""]


def test_hostile_text_is_text(browser: Browser, tmp_path: Path) -> None:
    text = "\n\n".join(HOSTILE)
    asked = problem(
        1, question=text, answer=text[:300], solution=text, level=HOSTILE[0], subject=HOSTILE[1]
    )
    trajectory = Trajectory(text, (Phase((PlanSegment(text, text),), (text,)),), text)
    results = [sprint_result(asked, trajectory, text, faults=[HOSTILE[0]])]
    with open_file(
        browser, write_page(tmp_path, results, [serial_result(asked, text, HOSTILE[0])])
    ) as opened:
        page = opened.page
        page.locator(".execution").wait_for()
        page.locator("section[id$=final-0]").first.scroll_into_view_if_needed()
        page.evaluate(PAINTED)
        assert page.evaluate("window.taken") is None
        assert (
            page.locator(
                "img, svg, iframe, object, main style, main script, main a:not(.prompt a)"
            ).count()
            == 0
        )
        for part in HOSTILE[:2]:
            assert part in page.locator(".execution").inner_text()
        assert opened.errors == []
        assert opened.requests == [page.url]


def test_unclosed_tags_and_broken_files_open(browser: Browser, tmp_path: Path) -> None:
    folder = write_results(tmp_path / "SPRINT" / "test", [sprint_result(problem(1))])
    (folder / "planner_trajectory_test_sums_1.txt").write_bytes(
        b"<Plan_1>a<prompt_1.1>b <Execution_1><execution_1.1> \xff <b> x < 3 </Execution_1><Final_"
    )
    collection = Collection([folder])
    path = tmp_path / "viewer.html"
    path.write_text("".join(page_parts(collection.page, collection.problems())))
    with open_file(browser, path) as opened:
        assert "<b> x < 3" in opened.page.locator(".execution").inner_text()
        assert opened.errors == []


def test_a_verdict_of_a_model_is_told(browser: Browser, tmp_path: Path) -> None:
    folder = write_results(tmp_path / "SPRINT" / "test", [sprint_result(answer="?")])
    collection = Collection(
        [folder], regrade=lambda graded, _: graded.assign(Status="correct", Judge="a/model")
    )
    path = tmp_path / "viewer.html"
    path.write_text("".join(page_parts(collection.page, collection.problems())))
    with open_file(browser, path) as opened:
        expect(opened.page.locator("#problem")).to_contain_text("correct (judged by a model)")
