"""GET /demo: one HTML page that sends requests only to this server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from ...analysis.page import data_block, page_around_data
from .problems import demo_problems

SCRIPTS = ("live.js", "panes.js", "stream.js", "demo.js")
"""In the order in which they need each other."""
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def demo_page(models: Sequence[str]) -> str:
    """The page for a server with these models: the one in parallel, and the serial one."""
    before, after = page_around_data(
        __package__, "demo.html", "demo.css", SCRIPTS, also_allowed="connect-src 'self'; "
    )
    problems = [asdict(problem) for problem in demo_problems()]
    return before + data_block("demo", {"models": [*models], "problems": problems}) + after


def demo_route(models: Sequence[str]) -> Route:
    """The route of the page. It contains no secrets and needs no key."""
    page = demo_page(models)

    async def respond(_: Request) -> Response:
        return HTMLResponse(page, headers=HEADERS)

    return Route("/demo", respond)


def root_route() -> Route:
    """GET / leads to the page."""

    async def respond(_: Request) -> Response:
        return RedirectResponse("/demo")

    return Route("/", respond)
