"""The configuration of the demo."""

from __future__ import annotations

from typing import ClassVar, Self

from pydantic import model_validator

from ..config import ServingConfig


class DemoConfig(ServingConfig):
    """A page that solves a problem in parallel and serially, side by side and live.

    Serves the page at /demo, beside all that `sprint serve` serves, and opens it where there is a
    display. With --no_browser it solves in the terminal and serves nothing.
    """

    command: ClassVar[str] = "demo"

    no_browser: bool = False
    """Solve in the terminal: print plans, executions and answers as they come."""
    question: str = ""
    """With --no_browser: the problem to solve. By default problems are read from the terminal."""

    @model_validator(mode="after")
    def _require_a_terminal(self) -> Self:
        if self.question and not self.no_browser:
            raise ValueError("--question needs --no_browser: add it, or remove --question.")
        return self
