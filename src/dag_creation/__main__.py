"""The command `sprint dag`."""

from ..utils.config.cli import main_of, run_main
from .config import DagConfig

main = main_of(DagConfig)

if __name__ == "__main__":
    run_main(main)
