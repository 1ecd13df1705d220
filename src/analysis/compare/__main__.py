"""The command `sprint compare`."""

from __future__ import annotations

from ...utils.config import from_command_line
from ...utils.config.cli import run_main
from .config import CompareConfig


def main() -> None:
    config = from_command_line(CompareConfig)
    # Imported here, so that --help is fast.
    from .command import run

    run(config)


if __name__ == "__main__":
    run_main(main)
