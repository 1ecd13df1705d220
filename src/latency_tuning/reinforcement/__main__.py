"""The command `sprint reinforce`."""

from ...utils.config.cli import main_of, run_main
from .config import ReinforceConfig

main = main_of(ReinforceConfig)

if __name__ == "__main__":
    run_main(main)
