"""The configurations of the commands that read result folders."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, ClassVar, Literal

from ...utils.annotation.config import KeyField, cost_limit, price_of
from ...utils.api.urls import OPENAI_URL, ServerUrl
from ...utils.config import Config, Positional
from ...utils.config.values import NotNegative, ServedName

By = Literal["level", "subject", "none"]
BY: By = "level"
"""The usual grouping, also in a notebook."""


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


class ReadingConfig(JudgeConfig):
    """The result folders."""

    folders: Annotated[tuple[Path, ...], Positional("FOLDER")]
    """Result folders."""
    tokenizer: str | None = None
    """Name or path of the tokenizer. Default: the tokenizer in each run.json."""
    test_hub_path: tuple[str, ...] = ()
    """Test set with answers (name on the hub, folder or file), for folders without a CSV. Can be
    given several times."""


class CompareConfig(ReadingConfig):
    """Compare result folders: accuracy, tokens and wall clock of each, overall and by level.

    Prints Markdown. Differences are to the first folder, on common problems, with 95 % intervals
    from a paired bootstrap. Folders of the published logs hold no answers: give the test set and a
    tokenizer. – means that the folder does not hold the value.
    """

    command: ClassVar[str] = "compare"

    by: By = BY
    """How to group the second table."""
    output: Path | None = None
    """Also write the tables to this Markdown file."""
