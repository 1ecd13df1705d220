"""The command `sprint separate`."""

from ..utils.config.cli import main_of, run_main
from .config import SeparationConfig

main = main_of(SeparationConfig)

if __name__ == "__main__":
    run_main(main)
