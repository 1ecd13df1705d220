"""Runs the demo: in the terminal, or as a server with its page."""

from __future__ import annotations

import os
import time
import webbrowser
from threading import Thread

from ..stage import run as serve
from .config import DemoConfig
from .page import demo_route, root_route
from .side_by_side import solve_in_terminal


def run(config: DemoConfig) -> None:
    """Show the demo until a signal ends it. Raises SprintError if it fails."""
    if config.no_browser:
        solve_in_terminal(config)
        return
    begun = time.monotonic()

    def ready(url: str) -> None:
        page = f"{url.removesuffix('/v1')}/demo"
        print(f"Ready after {time.monotonic() - begun:.0f} s: {page} (Ctrl-C ends it)", flush=True)
        # Without a display it could be a browser in this terminal.
        if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
            # Some browsers let their caller wait until they are closed.
            Thread(target=webbrowser.open, args=(page,), daemon=True).start()

    serve(config, ready, [demo_route(config.models), root_route()])
