"""The command `sprint serve`."""

from __future__ import annotations

from ..utils.config import from_command_line
from ..utils.config.cli import run_main
from .config import ServingConfig


def main() -> None:
    config = from_command_line(ServingConfig)
    # Here, so that --help is quick.
    from .stage import run

    run(config)


if __name__ == "__main__":
    run_main(main, when_stopped="The same command starts the server again.")
