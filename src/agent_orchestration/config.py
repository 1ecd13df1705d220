"""The configuration of SPRINT inference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal, Self

from pydantic import model_validator

from ..utils.api.urls import Api, ServerUrls
from ..utils.config import Config
from ..utils.config.values import NotNegative, Positive, ServedName, Temperature, Whole
from ..utils.defaults import CHAT_PLANNING, COMPLETIONS, MAX_PHASES
from ..utils.methods.config import MethodConfig, SamplingConfig

ExecutorContext = Literal["prefix", "published"]
Dispatch = Literal["eager", "barrier"]
SprintMethod = Literal["SPRINT", "SPRINT-prompted"]


class SprintSettings(SamplingConfig):
    """Settings that affect results.

    The defaults are the paper's (arXiv 2506.05745) for a 7B reasoning model.
    """

    max_phases: Positive = MAX_PHASES
    """Maximum planner calls per problem. The last call is forced to give the final answer."""
    plan_tokens: Positive = 8000
    """Maximum tokens per plan. A longer plan counts as malformed."""
    execution_tokens: Positive = 8000
    """Maximum tokens per execution. A longer execution is cut and the problem is marked."""
    executor_context: ExecutorContext = "prefix"
    """What an executor sees. prefix: the planner's own text up to the prompt; published: the text
    as rearranged by the published code."""
    dispatch: Dispatch = "eager"
    """When executors start. eager: when their prompt closes; barrier: when the plan ends."""
    max_prompts: Positive = 16
    """Maximum prompts per plan. A plan with more counts as malformed."""
    call_deadline: NotNegative = 0.0
    """Seconds before a call fails; 0 means no limit."""
    executor_deadline: NotNegative = 0.0
    """Seconds after a prompt closes before its execution is cut; 0 means no limit."""
    problem_deadline: NotNegative = 0.0
    """Seconds before a problem ends without an answer; 0 means no limit."""
    problem_tokens: Whole = 0
    """Maximum tokens of all calls of a problem, including discarded ones. Then it ends as it does
    at its deadline; 0 means no limit."""
    reuse_tokens: bool = True
    """Send the token ids of earlier calls again, if server and tokenizer support it."""


class ModelsConfig(Config):
    """The models and their servers."""

    planner_model: ServedName
    """Name under which the server serves the planner."""
    executor_model: ServedName | None = None
    """Name under which the server serves the executors. Default: the planner's."""
    planner_server_url: ServerUrls
    """http://host:port/v1, or several separated by commas; each problem stays on one server."""
    executor_server_url: ServerUrls | None = None
    """The same for the executors. Default: the planner's."""
    planner_api: Api = COMPLETIONS
    """chat: for servers without a completions API; the prompt asks the model to continue a text."""
    executor_api: Api | None = None
    """The same for the executors. Default: the planner's."""


class PromptedSettings(SprintSettings):
    """Settings for a model that has not been trained."""

    temperature: Temperature = CHAT_PLANNING


class SprintConfig(SprintSettings, ModelsConfig, MethodConfig):
    """SPRINT inference: a planner and its executors solve the problems of a dataset.

    SPRINT-prompted is the same with any instruct model, without training: few-shot prompts through
    the chat API. --help with --method shows its defaults. Writes trajectories, the CSV, the ledger
    calls.jsonl and run.json to LOGS_DIR_full_trajectory/<planner>/<dataset>/
    (<planner>_SPRINT-prompted). The same command again does only what is missing.
    """

    command: ClassVar[str] = "orchestrate"
    settings_class: ClassVar[type[SprintSettings]] = SprintSettings

    method: SprintMethod = "SPRINT"
    """SPRINT: a model trained for it; SPRINT-prompted: an instruct model and few-shot prompts."""
    record_tokens: bool = False
    """Write the token ids of each call and their log-probabilities to the folder tokens/."""

    @classmethod
    def configs(cls) -> Mapping[str, type[SprintConfig]]:
        return CONFIGS

    @property
    def settings(self) -> SprintSettings:
        """Settings that affect results."""
        kind = self.settings_class
        return kind(**self.model_dump(include=set(kind.model_fields)))


class PromptedConfig(PromptedSettings, SprintConfig):
    __doc__ = SprintConfig.__doc__
    settings_class = PromptedSettings
    method: SprintMethod = "SPRINT-prompted"
    planner_api: Api = "chat"

    @model_validator(mode="after")
    def _require_chat(self) -> Self:
        if {self.planner_api, self.executor_api or self.planner_api} != {"chat"}:
            raise ValueError("the method SPRINT-prompted needs the API chat for both models")
        if self.executor_context != "prefix":
            raise ValueError(
                "the method SPRINT-prompted needs the executor context prefix: published is for "
                "models of the published code"
            )
        return self


CONFIGS: Mapping[str, type[SprintConfig]] = {
    "SPRINT": SprintConfig,
    "SPRINT-prompted": PromptedConfig,
}
