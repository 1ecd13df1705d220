"""The configuration fields that the curation stages share."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from ..api.urls import ServerUrl
from ..config import Config
from ..config.shared import LogsConfig, ScaleConfig
from ..config.values import NotNegative, Positive, ServedName
from ..data.config import ThoughtsConfig
from ..defaults import ATTEMPTS

RULES = "rules"
"""The built-in annotator, which needs no model and no key."""
MAX_REQUESTS = 50_000
"""The maximum number of requests in one batch."""


ServerField = Annotated[
    ServerUrl | None,
    Field(
        description="OpenAI-compatible server of the model, such as http://localhost:8000/v1. "
        "Default: the OpenAI API, with OPENAI_API_KEY."
    ),
]
KeyField = Annotated[
    str | None,
    Field(
        description="Environment variable with the server's key. Default: OPENAI_API_KEY for the "
        "OpenAI API, SERVER_API_KEY for any other server."
    ),
]


def cost_limit(one: str) -> Any:
    """The field for the money that may be spent on `one` store of answers."""
    return Field(
        default=None,
        description=f"Maximum cost in US dollars of all answers stored for {one}, including "
        "earlier and concurrent runs. The run stops before a request whose longest answer could "
        "exceed it. A request without a stored answer, because its run was killed, counts with its "
        "maximum cost.",
    )


def price_of(tokens: str, more: str = "") -> Any:
    """The field for the price of the prompt's or the answer's tokens."""
    return Field(
        default=None,
        description=f"US dollars per million {tokens} tokens, if the price table lacks the "
        f"model or is wrong{more}.",
    )


class SeparationModel(Config):
    """The annotator of stage 1."""

    component_separation_model: ServedName = RULES
    """Annotator of stage 1: a model, or rules, which needs no model."""


class DagModel(Config):
    """The annotator of stage 2."""

    dag_creation_model: ServedName = RULES
    """Annotator of stage 2: a model, or rules, which needs no model."""


class PackingConfig(Config):
    """Packing components into phases."""

    min_execution_lines: Positive = 4
    """Executions with fewer lines are merged into their plan (the published data merged executions
    of up to three lines)."""


@dataclass(frozen=True)
class NamedAnnotator:
    """The annotator of a stage, as named in its configuration."""

    stage: str
    model: str
    server_url: str | None = None
    key_variable: str | None = None


class AnnotationConfig(ThoughtsConfig, ScaleConfig, LogsConfig):
    """How the model annotates, and its cost limit."""

    num_workers: Positive = 8
    """Rows in flight at a time; reduced while the server answers 429."""
    max_attempts: Positive = ATTEMPTS
    """Answers requested before a row fails."""
    max_tokens: Positive = 8192
    """Maximum tokens of an answer."""
    max_cost: NotNegative | None = cost_limit("this stage and model")
    price_in: NotNegative | None = price_of("prompt", "; --batch halves it")
    price_out: NotNegative | None = price_of("answer", "; --batch halves it")
    dry_run: bool = False
    """Send and write nothing; print what would be sent and its price."""
    batch: bool = False
    """Use the Batch API: half the price, results within a day. A stopped run resumes with the
    batches it submitted."""
    batch_poll: NotNegative = 60.0
    """Seconds between checks of a batch."""
    batch_size: Positive = MAX_REQUESTS
    """Requests in one batch; fewer if the server limits the tokens in its queue."""

    @property
    @abstractmethod
    def annotator(self) -> NamedAnnotator:
        """The annotator of this stage."""
