"""Reads the folders of a configuration, with its judge."""

from __future__ import annotations

import logging

from ...utils.annotation.prices import JUDGE, find_price
from ...utils.latency.priced_path import TimePrices
from ..answer_tables import load_references
from ..config import JudgeConfig, ReadingConfig
from ..judge import Judge, judge_table
from .folder_reading import Regrade, read_methods
from .outcomes import MethodResults

log = logging.getLogger(__name__)


def read_folders(config: ReadingConfig, prices: TimePrices | None = None) -> list[MethodResults]:
    """The results in the given folders, judged if a judge is configured, and priced."""
    references = load_references(config.test_hub_path)
    return read_methods(config.folders, config.tokenizer, references, regrade_from(config), prices)


def regrade_from(config: JudgeConfig) -> Regrade | None:
    """The configured judge's grading of a graded table; None without a judge."""
    judge = judge_from(config)
    if judge is None:
        return None
    return lambda graded, folder: judge_table(graded, judge, folder)


def judge_from(config: JudgeConfig) -> Judge | None:
    """The configured judge, or None. InputError for a cost limit without a price."""
    model, url = config.judge_model, config.judge_server_url
    if model is None:
        if config.judge_max_cost is not None:
            log.warning("%s has no effect without --judge_model.", JUDGE.max_cost)
        return None
    price = find_price(model, url, False, config.judge_price_in, config.judge_price_out, JUDGE)
    return Judge(model, url, config.judge_key_variable, config.judge_max_cost, price)
