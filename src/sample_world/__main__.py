"""The command `sprint sample`."""

from ..utils.config.cli import main_of, run_main
from .config import SampleWorldConfig

main = main_of(SampleWorldConfig)

if __name__ == "__main__":
    run_main(main)
