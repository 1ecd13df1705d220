"""A run of fine-tuning, in one process of several or alone."""

from __future__ import annotations

import logging
import os

from accelerate import PartialState

from ..utils.precision import denormals_flushed
from .config import FinetuneConfig
from .training import train

log = logging.getLogger(__name__)


def run(config: FinetuneConfig) -> None:
    """Fine-tune, and log the metrics. Raises SprintError where it cannot be done."""
    if os.environ.get("RANK", "0") != "0":  # one of several processes tells
        logging.getLogger().setLevel(logging.WARNING)
    try:
        with denormals_flushed():
            metrics = train(config)
    finally:
        # Several processes that just end may tear the connections of those still at work.
        PartialState().destroy_process_group()
    log.info("%s", {key: round(value, 4) for key, value in metrics.items()})
    log.info("Model: %s", config.output)
