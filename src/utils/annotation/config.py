"""The fields that stages of curation share."""

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

RULES = "rules"
"""The built-in annotator, which needs no model and no key."""
MAX_REQUESTS = 50_000
"""The most requests that one batch may hold."""


ServerField = Annotated[
    ServerUrl | None,
    Field(
        description="OpenAI-compatible server of the model, such as http://localhost:8000/v1; "
        "without it the OpenAI API is asked, with OPENAI_API_KEY."
    ),
]
KeyField = Annotated[
    str | None,
    Field(
        description="Environment variable that holds the server's key; without it OPENAI_API_KEY "
        "for the OpenAI API, SERVER_API_KEY for any other server."
    ),
]


def cost_limit(one: str) -> Any:
    """The field for the money that may be spent on `one` store of answers."""
    return Field(
        default=None,
        description=f"US dollars that all answers stored for {one} may cost, earlier runs and "
        "those under way included; stops before the request that could exceed it (its longest "
        "answer counts). A request that has no answer, since a run was killed, counts with the "
        "most it may cost.",
    )


def price_of(tokens: str, more: str = "") -> Any:
    """The field for the price of the prompt's or the answer's tokens."""
    return Field(
        default=None,
        description=f"US dollars per million {tokens} tokens, where the price table lacks the "
        f"model or is wrong{more}.",
    )


class SeparationModel(Config):
    """The annotator of stage 1."""

    component_separation_model: ServedName = RULES
    """Annotator of stage 1: a model, or rules, the built-in one without a model."""


class DagModel(Config):
    """The annotator of stage 2."""

    dag_creation_model: ServedName = RULES
    """Annotator of stage 2: a model, or rules, the built-in one without a model."""


class PackingConfig(Config):
    """Packing components into phases."""

    min_execution_lines: Positive = 4
    """Executions with fewer lines are merged into their plan (the published data merged executions
    of up to three lines)."""


@dataclass(frozen=True)
class NamedAnnotator:
    """The annotator of a stage, as its configuration names it."""

    stage: str
    model: str
    server_url: str | None = None
    key_variable: str | None = None


class AnnotationConfig(ThoughtsConfig, ScaleConfig, LogsConfig):
    """How the model annotates, and what it may cost."""

    num_workers: Positive = 8
    """Rows asked at a time, fewer while the server answers 429."""
    max_attempts: Positive = 3
    """Answers asked for before a row fails."""
    max_tokens: Positive = 8192
    """Longest answer, in tokens."""
    max_cost: NotNegative | None = cost_limit("this stage and model")
    price_in: NotNegative | None = price_of("prompt", "; --batch halves it")
    price_out: NotNegative | None = price_of("answer", "; --batch halves it")
    dry_run: bool = False
    """Send and write nothing: say what would be sent and its price."""
    batch: bool = False
    """Ask through the Batch API: half the price, within a day; a run that was stopped goes on with
    the batches under way."""
    batch_poll: NotNegative = 60.0
    """Seconds between looks at a batch."""
    batch_size: Positive = MAX_REQUESTS
    """Requests in one batch; fewer where the server limits the tokens in its queue."""

    @property
    @abstractmethod
    def annotator(self) -> NamedAnnotator:
        """The annotator of this stage."""
