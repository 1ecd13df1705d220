"""The command `sprint report`."""

from ...utils.config.cli import main_of, run_main
from .config import ReportConfig

main = main_of(ReportConfig)

if __name__ == "__main__":
    run_main(main)
