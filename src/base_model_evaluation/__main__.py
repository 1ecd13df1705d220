"""The command `sprint baseline`."""

from ..utils.config.cli import main_of, run_main
from .config import BaselineConfig

main = main_of(BaselineConfig)

if __name__ == "__main__":
    run_main(main)
