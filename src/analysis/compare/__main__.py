"""The command `sprint compare`."""

from ...utils.config.cli import main_of, run_main
from .config import CompareConfig

main = main_of(CompareConfig)

if __name__ == "__main__":
    run_main(main)
