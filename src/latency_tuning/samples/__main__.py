"""The command `sprint resample`."""

from ...utils.config.cli import main_of, run_main
from .config import ResampleConfig

main = main_of(ResampleConfig)

if __name__ == "__main__":
    run_main(main)
