"""The command `sprint orchestrate`."""

from ..utils.config.cli import main_of, run_main
from .config import SprintConfig

main = main_of(SprintConfig)

if __name__ == "__main__":
    run_main(main)
