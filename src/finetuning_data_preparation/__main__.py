"""The command `sprint prepare`."""

from ..utils.config.cli import main_of, run_main
from .config import PreparationConfig

main = main_of(PreparationConfig)

if __name__ == "__main__":
    run_main(main)
