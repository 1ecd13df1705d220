"""The configuration of the server."""

from __future__ import annotations

from typing import Annotated, ClassVar, Self

from pydantic import BeforeValidator, model_validator

from ..agent_orchestration import ModelsConfig, Settings, SprintConfig
from ..base_model_evaluation import BaselineConfig
from ..utils.api.urls import ServerUrls
from ..utils.config import Config, Variable
from ..utils.config.values import AboveZero, Bounds, NotNegative, Positive, ServedName, Whole

SERIAL = "serial"
"""The name of the model that answers serially."""

_PORT = Bounds("a port from 0 to 65535", 0, (1 << 16) - 1)


class LimitsConfig(Config):
    """Limits of the server.

    What exceeds them is refused with the status that is named.
    """

    max_running: Positive = 64
    """Problems at once; a request with n choices is n problems. Others wait."""
    max_queue: Whole = 256
    """Requests that wait; one more is refused with 429."""
    max_choices: Positive = 8
    """The largest n of a request; above it is 400."""
    request_deadline: NotNegative = 0.0
    """Seconds that a request may take, its wait included, before it ends without an answer; 0 is no
    limit."""
    max_body_bytes: Positive = 1 << 20
    """Bytes of a request; above it is 413."""
    max_messages: Positive = 256
    """Messages of a conversation; above it is 400."""
    max_characters: Positive = 400_000
    """Characters of a conversation; above it is 400."""
    drain_timeout: NotNegative = 60.0
    """Seconds that requests in flight have to end after SIGTERM; a second signal ends at once."""


class ServingConfig(Settings, ModelsConfig, LimitsConfig):
    """An OpenAI-compatible server that answers with planner and executors.

    POST /v1/chat/completions, GET /v1/models, /health, /metrics and /openapi.json. The model
    `sprint` plans and executes in parallel; the model `serial` answers serially. The settings of
    inference hold for every request; temperature, top_p, seed and lengths may be set by each.
    """

    command: ClassVar[str] = "serve"

    host: str = "127.0.0.1"
    """Address to listen on; 0.0.0.0 is every network that the machine is on."""
    port: Annotated[int, BeforeValidator(_PORT.whole), _PORT] = 8080
    """Port to listen on; 0 takes a free one."""
    api_key: Annotated[str, Variable("SPRINT_API_KEY")] = ""
    """Key that clients have to send; SPRINT_API_KEY in the environment or .env, where no list of
    processes shows it. By default none."""
    served_model_name: ServedName = "sprint"
    """Name of the model that plans and executes in parallel."""
    serial_model: ServedName | None = None
    """Name that its server knows the model behind `serial` by; by default the planner's."""
    serial_server_url: ServerUrls | None = None
    """Its server; by default the planner's."""
    serial_tokens: Positive = 36000
    """Tokens of one reply of `serial`."""
    tokenizer: str | None = None
    """Name or path of the tokenizer that counts tokens; by default that of the planner's model."""
    timeout: AboveZero = 600.0
    """Seconds without text from a model server after which a call has failed."""
    log_requests: bool = False
    """Log each request with its question; by default nothing of a request is logged."""
    demo: bool = False
    """Serve a page at /demo that solves problems with both models, side by side."""

    @model_validator(mode="after")
    def _require_two_names(self) -> Self:
        if self.served_model_name == SERIAL:
            raise ValueError(
                f"--served_model_name is {SERIAL!r}, the name of the serial model: choose another."
            )
        return self

    @property
    def sprint(self) -> SprintConfig:
        """What solves in parallel, as a batch run would."""
        shared = {*Settings.model_fields, *ModelsConfig.model_fields, "tokenizer", "timeout"}
        return SprintConfig(**self.model_dump(include=shared))

    @property
    def serial(self) -> BaselineConfig:
        """What solves serially, as a batch run would."""
        own_model = self.serial_model not in (None, self.planner_model)
        return BaselineConfig(
            model=self.serial_model or self.planner_model,
            server_url=self.serial_server_url or self.planner_server_url,
            api=self.planner_api,
            max_tokens=self.serial_tokens,
            temperature=self.temperature,
            top_p=self.top_p,
            max_attempts=self.max_attempts,
            seed=self.seed,
            tokenizer=None if own_model else self.tokenizer,
            timeout=self.timeout,
        )
