"""The page: one HTML file that makes no network requests, with all data inside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict

from ..page import data_block, page_around_data
from .model import OpenProblem, Page

SCRIPTS = ("texts.js", "problem.js", "list.js", "main.js")
"""In dependency order."""


def page_parts(page: Page, problems: Iterable[OpenProblem]) -> Iterator[str]:
    """The text of the file, one part at a time; `problems` in the order of the page's rows."""
    before, after = page_around_data(__package__, "viewer.html", "viewer.css", SCRIPTS)
    yield before
    yield data_block("page", asdict(page))
    for number, problem in enumerate(problems):
        yield data_block(f"problem-{number}", asdict(problem))
    yield after
