"""The command `sprint accept`."""

from ...utils.config.cli import main_of, run_main
from .config import AcceptConfig

main = main_of(AcceptConfig)

if __name__ == "__main__":
    run_main(main)
