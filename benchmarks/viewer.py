"""How soon the viewer's page of many problems is usable, in headless Chromium.

    python benchmarks/viewer.py FOLDER [SERIAL_FOLDER] --problems 500

Repeats the problems of the folders under new names until there are enough. A page counts as open
when its list and its first problem are drawn and nothing is left to load.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path

from playwright.sync_api import Page as BrowserPage
from playwright.sync_api import sync_playwright
from sprint.analysis.viewer.collecting import Collection
from sprint.analysis.viewer.page import page_parts

# After two frames, everything laid out has been painted.
PAINTED = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def write_page(folders: list[Path], problems: int, path: Path) -> None:
    collection = Collection(folders)
    rows = list(islice(cycle(collection.page.rows), problems))
    page = replace(
        collection.page,
        rows=tuple(replace(row, id=f"{row.id}_{number}") for number, row in enumerate(rows)),
    )
    texts = islice(cycle(list(collection.problems())), problems)
    path.write_text("".join(page_parts(page, texts)), encoding="utf-8")


def opening_seconds(page: BrowserPage, path: Path) -> float:
    started = time.perf_counter()
    page.goto(path.as_uri())
    page.locator("#problem h2").wait_for()
    page.evaluate(PAINTED)
    return time.perf_counter() - started


def switching_seconds(page: BrowserPage) -> float:
    """Seconds from the key press until the next problem is painted."""
    started = time.perf_counter()
    page.keyboard.press("j")
    page.evaluate(PAINTED)
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--problems", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    names = ("chromium", "chromium-browser", "google-chrome")
    chromium = next(filter(None, map(shutil.which, names)), None)
    if chromium is None:
        parser.error("this needs Chromium: install it")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = Path(folder) / "viewer.html"
        started = time.perf_counter()
        write_page(arguments.folders, arguments.problems, path)
        written = time.perf_counter() - started
        size = path.stat().st_size / 2**20
        print(f"{arguments.problems} problems: {size:.1f} MiB, written in {written:.1f} s")
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        opened, switched = [], []
        for _ in range(arguments.rounds):
            page = browser.new_page(viewport={"width": 1400, "height": 900})
            opened.append(opening_seconds(page, path))
            switched += [switching_seconds(page) for _ in range(10)]
            page.close()
        browser.close()
    print(f"opened in {statistics.median(opened):.2f} s (median), {max(opened):.2f} s (worst)")
    typical, worst = (1000 * of(switched) for of in (statistics.median, max))
    print(f"next problem in {typical:.0f} ms (median), {worst:.0f} ms (worst)")


if __name__ == "__main__":
    main()
