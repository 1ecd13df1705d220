"""The command `sprint finetune`."""

from __future__ import annotations

from ..utils.config import from_command_line
from ..utils.config.cli import run_main
from .config import FinetuneConfig


def main() -> None:
    config = from_command_line(FinetuneConfig)
    # Imported here, so that --help is fast.
    from .stage import run

    run(config)


if __name__ == "__main__":
    run_main(main, "Add --resume to continue from its last checkpoint, if it has written one.")
