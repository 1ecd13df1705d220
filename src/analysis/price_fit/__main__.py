"""The command `sprint prices`."""

from ...utils.config.cli import main_of, run_main
from .config import PricesConfig

main = main_of(PricesConfig)

if __name__ == "__main__":
    run_main(main)
