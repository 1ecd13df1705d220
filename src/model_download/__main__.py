"""The command `sprint download`."""

from ..utils.config.cli import main_of, run_main
from .config import ModelDownloadConfig

main = main_of(ModelDownloadConfig)

if __name__ == "__main__":
    run_main(main)
