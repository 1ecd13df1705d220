"""The command `sprint figures`."""

from ...utils.config.cli import main_of, run_main
from .config import FiguresConfig

main = main_of(FiguresConfig)

if __name__ == "__main__":
    run_main(main)
