"""The command `sprint demo`."""

from __future__ import annotations

from ...utils.config import from_command_line
from ...utils.config.cli import run_main
from .config import DemoConfig


def main() -> None:
    config = from_command_line(DemoConfig)
    # Here, so that --help is quick.
    from .stage import run

    run(config)


if __name__ == "__main__":
    run_main(main, when_stopped="The same command starts the demo again.")
