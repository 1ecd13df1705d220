"""The command `sprint serve`."""

from __future__ import annotations

from ..utils.config import from_command_line
from ..utils.config.cli import run_main
from .config import ServingConfig


def main() -> None:
    config = from_command_line(ServingConfig)
    # Imported here, so that --help is fast.
    from .stage import run

    run(config)


if __name__ == "__main__":
    run_main(main, when_stopped="Run the same command to start the server again.")
