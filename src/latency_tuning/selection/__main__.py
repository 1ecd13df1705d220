"""The command `sprint select`."""

from ...utils.config.cli import main_of, run_main
from .config import SelectConfig

main = main_of(SelectConfig)

if __name__ == "__main__":
    run_main(main)
