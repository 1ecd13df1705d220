"""A fine-tuning run, in a single process or one of several."""

from __future__ import annotations

import logging
import os

from accelerate import PartialState

from ..utils.precision import denormals_flushed
from .config import FinetuneConfig
from .training import train

log = logging.getLogger(__name__)


def run(config: FinetuneConfig) -> None:
    """Fine-tune and log the metrics. Raises SprintError if it fails."""
    if os.environ.get("RANK", "0") != "0":  # only the first of several processes reports
        logging.getLogger().setLevel(logging.WARNING)
    try:
        with denormals_flushed():
            metrics = train(config)
    finally:
        # If several processes simply exit, they may break the connections of those still working.
        PartialState().destroy_process_group()
    log.info("%s", {key: round(value, 4) for key, value in metrics.items()})
    log.info("Model: %s", config.output)
