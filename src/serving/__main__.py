"""The command `sprint serve`."""

from ..utils.config.cli import main_of, run_main
from .config import ServingConfig

main = main_of(ServingConfig)

if __name__ == "__main__":
    run_main(main, when_stopped="Run the same command to start the server again.")
