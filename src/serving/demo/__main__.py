"""The command `sprint demo`."""

from ...utils.config.cli import main_of, run_main
from .config import DemoConfig

main = main_of(DemoConfig)

if __name__ == "__main__":
    run_main(main, when_stopped="The same command starts the demo again.")
