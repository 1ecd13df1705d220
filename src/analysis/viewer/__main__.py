"""The command `sprint view`."""

from ...utils.config.cli import main_of, run_main
from .config import ViewerConfig

main = main_of(ViewerConfig)

if __name__ == "__main__":
    run_main(main)
