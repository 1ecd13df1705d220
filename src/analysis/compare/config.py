"""The configurations of those who read result folders."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, ClassVar, Literal

from ...utils.annotation.config import KeyField, cost_limit, price_of
from ...utils.api.urls import OPENAI_URL, ServerUrl
from ...utils.config import Config, Positional
from ...utils.config.values import NotNegative, ServedName

By = Literal["level", "subject", "none"]


class JudgeConfig(Config):
    """A judge of answers that the grader cannot read."""

    judge_model: ServedName | None = None
    """Model that decides on answers the grader cannot read; its verdicts are counted apart, its
    replies kept in judge_responses_MODEL in the result folder and paid once."""
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
    """Name or path of the tokenizer to count with; by default the one in each run.json."""
    test_hub_path: tuple[str, ...] = ()
    """Test set with answers (name on the hub, folder or file), for folders without a CSV; may be
    given several times."""


class CompareConfig(ReadingConfig):
    """Compare result folders: accuracy, tokens and wall clock of each, overall and by level.

    Prints Markdown. Differences are to the first folder, on common problems, with 95 % intervals by
    a paired bootstrap. Folders of the published logs work too: give the test set, since they hold
    no answers, and a tokenizer. What a folder does not hold is shown as –.
    """

    command: ClassVar[str] = "compare"

    by: By = "level"
    """Groups of the second table."""
    output: Path | None = None
    """Also write the tables to this Markdown file."""
