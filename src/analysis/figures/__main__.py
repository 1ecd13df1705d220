"""The command `sprint figures`."""

from __future__ import annotations

from ...utils.config import from_command_line
from ...utils.config.cli import run_main
from .config import FiguresConfig


def main() -> None:
    config = from_command_line(FiguresConfig)
    # Imported here, so that --help is fast.
    from .command import run

    run(config)


if __name__ == "__main__":
    run_main(main)
