"""Settings that several commands reading result folders share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from ..utils.annotation.config import KeyField, cost_limit, price_of
from ..utils.api.urls import OPENAI_URL, ServerUrl
from ..utils.config import Config, Positional
from ..utils.config.values import NotNegative, ServedName
from ..utils.latency.price_list import time_prices_of
from ..utils.latency.priced_path import TimePrices


class JudgeConfig(Config):
    """A judge for answers that the grader cannot read."""

    judge_model: ServedName | None = None
    """Model that judges answers the grader cannot read. Its verdicts are counted separately; its
    replies are stored in judge_responses_MODEL in the result folder and paid for once."""
    judge_server_url: ServerUrl = OPENAI_URL
    """OpenAI-compatible chat server of the judge."""
    judge_key_variable: KeyField = None
    judge_max_cost: NotNegative | None = cost_limit("one result folder and this judge")
    judge_price_in: NotNegative | None = price_of("prompt")
    judge_price_out: NotNegative | None = price_of("answer")


class PricedConfig(Config):
    """Seconds at given prices."""

    prices: str | None = None
    """Price list (a file from 'sprint prices', or the name of an assumed one): also shows the
    critical path in seconds at these prices. Default: none."""

    @property
    def time_prices(self) -> TimePrices | None:
        """The prices, if any. InputError if there is no such list."""
        return time_prices_of(self.prices)


class ReadingConfig(JudgeConfig):
    """The result folders."""

    folders: Annotated[tuple[Path, ...], Positional("FOLDER")]
    """Result folders."""
    tokenizer: str | None = None
    """Name or path of the tokenizer. Default: the tokenizer in each run.json."""
    test_hub_path: tuple[str, ...] = ()
    """Test set with answers (name on the hub, folder or file), for folders without a CSV. Can be
    given several times."""
