"""The configuration of the server."""

from __future__ import annotations

from typing import Annotated, ClassVar, Self

from pydantic import BeforeValidator, model_validator

from ..agent_orchestration import ModelsConfig, SprintConfig, SprintSettings
from ..base_model_evaluation import SERIAL_TOKENS, BaselineConfig
from ..utils.api.urls import ServerUrls
from ..utils.config import Config, Variable
from ..utils.config.values import AboveZero, Bounds, NotNegative, Positive, ServedName, Whole
from ..utils.defaults import LOOPBACK, SILENCE

SERIAL = "serial"
"""Name of the model that answers serially."""

_PORT = Bounds("a port from 0 to 65535", 0, (1 << 16) - 1)


class LimitsConfig(Config):
    """Limits of the server.

    A request above a limit is rejected with the given HTTP status.
    """

    max_running: Positive = 64
    """Maximum problems solved at once. A request with n choices counts as n; others wait."""
    max_queue: Whole = 256
    """Maximum requests in the queue. Further requests get status 429."""
    max_choices: Positive = 8
    """Maximum n of a request (status 400)."""
    request_deadline: NotNegative = 3600.0
    """Seconds before a request ends without an answer, including time in the queue; 0 means no
    limit."""
    max_body_bytes: Positive = 1 << 20
    """Maximum bytes of a request body (status 413)."""
    max_messages: Positive = 256
    """Maximum messages of a conversation (status 400)."""
    max_characters: Positive = 400_000
    """Maximum characters of a conversation (status 400)."""
    drain_timeout: NotNegative = 60.0
    """Seconds that requests have to finish after SIGTERM. A second signal stops at once."""


class ServingConfig(SprintSettings, ModelsConfig, LimitsConfig):
    """An OpenAI-compatible server that answers with a planner and executors.

    POST /v1/chat/completions and /v1/responses, GET /v1/models, /health, /metrics and
    /openapi.json. The model `sprint` plans and executes in parallel; the model `serial` answers
    serially. The inference settings apply to every request. A request can override temperature,
    top_p, seed and lengths.
    """

    command: ClassVar[str] = "serve"

    host: str = LOOPBACK
    """Address to listen on; 0.0.0.0 means all network interfaces."""
    port: Annotated[int, BeforeValidator(_PORT.whole), _PORT] = 8080
    """Port to listen on; 0 picks a free port."""
    api_key: Annotated[str, Variable("SPRINT_API_KEY")] = ""
    """Key that clients must send. Set SPRINT_API_KEY in the environment or .env, so that process
    lists do not show it. Default: no key."""
    served_model_name: ServedName = "sprint"
    """Model name for parallel answers."""
    serial_model: ServedName | None = None
    """Name under which its server serves the model behind `serial`. Default: the planner's."""
    serial_server_url: ServerUrls | None = None
    """Server of the model behind `serial`. Default: the planner's."""
    serial_tokens: Positive = SERIAL_TOKENS
    """Maximum tokens per reply of `serial`."""
    tokenizer: str | None = None
    """Name or path of the tokenizer that counts tokens. Default: the planner's."""
    timeout: AboveZero = SILENCE
    """Seconds without text from a model server before a call fails."""
    log_requests: bool = False
    """Log each request with its question. By default, requests are not logged."""

    @model_validator(mode="after")
    def _require_two_names(self) -> Self:
        if self.served_model_name == SERIAL:
            raise ValueError(
                f"--served_model_name is {SERIAL!r}, the serial model: choose another name."
            )
        return self

    @property
    def models(self) -> tuple[str, str]:
        """Names of the served models: the parallel one, then the serial one."""
        return self.served_model_name, SERIAL

    @property
    def sprint(self) -> SprintConfig:
        """The configuration of a batch run that solves in parallel."""
        shared = {*SprintSettings.model_fields, *ModelsConfig.model_fields, "tokenizer", "timeout"}
        return SprintConfig(**self.model_dump(include=shared))

    @property
    def serial(self) -> BaselineConfig:
        """The configuration of a batch run that solves serially."""
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
