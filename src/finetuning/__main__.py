"""The command `sprint finetune`."""

from ..utils.config.cli import main_of, run_main
from .config import FinetuneConfig

main = main_of(FinetuneConfig)

if __name__ == "__main__":
    run_main(main, "Add --resume to continue from its last checkpoint, if it has written one.")
