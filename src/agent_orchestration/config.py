"""The configuration of SPRINT inference."""

from __future__ import annotations

from typing import ClassVar, Literal

from ..utils.api.urls import Api, ServerUrls
from ..utils.config import Config
from ..utils.config.values import NotNegative, Positive, Seed, ServedName, Temperature, TopP, Whole
from ..utils.methods.config import EvaluationConfig

ExecutorContext = Literal["prefix", "published"]
Dispatch = Literal["eager", "barrier"]


class Settings(Config):
    """What decides on a problem's result.

    Defaults are the paper's (arXiv 2506.05745) for a 7B reasoning model.
    """

    max_phases: Positive = 12
    """Planner calls a problem; at the last one the final answer is put in the planner's mouth."""
    plan_tokens: Positive = 8000
    """Tokens that one plan may generate; what is longer counts as malformed."""
    execution_tokens: Positive = 8000
    """Tokens that one execution may generate; what is longer is cut and the problem marked."""
    temperature: Temperature = 0.6
    """Sampling temperature; 0 is greedy."""
    top_p: TopP = 0.95
    """Share of the probability that tokens are drawn from."""
    executor_context: ExecutorContext = "prefix"
    """What an executor sees. prefix: the planner's own text up to the prompt; published: as the
    published code rearranges it."""
    dispatch: Dispatch = "eager"
    """When executors start. eager: as their prompts close; barrier: when the plan has ended."""
    max_attempts: Positive = 3
    """Replies without use after which a plan or an execution counts as missing; failed calls count
    apart."""
    max_prompts: Positive = 16
    """Prompts in one plan; a plan with more counts as malformed."""
    call_deadline: NotNegative = 0.0
    """Seconds that one call may take before it counts as failed; 0 is no limit."""
    executor_deadline: NotNegative = 0.0
    """Seconds from a prompt's closing tag after which its execution is cut; 0 is no limit."""
    problem_deadline: NotNegative = 0.0
    """Seconds that one problem may take before it ends without an answer; 0 is no limit."""
    problem_tokens: Whole = 0
    """Tokens that one problem may generate over all of its calls, discarded ones too, before it
    ends as it does at its deadline; 0 is no limit."""
    seed: Seed | None = None
    """Seeds the server's sampling, each call in its own way; by default no seed is sent."""
    reuse_tokens: bool = True
    """Send the token ids of earlier calls again, where server and tokenizer allow it."""


class ModelsConfig(Config):
    """The models and their servers."""

    planner_model: ServedName
    """Name that the server knows the planner by."""
    executor_model: ServedName | None = None
    """Name that the server knows the executors by; by default the planner's."""
    planner_server_url: ServerUrls
    """http://host:port/v1; several with commas between: a problem stays on one of them."""
    executor_server_url: ServerUrls | None = None
    """The same for the executors; by default the planner's."""
    planner_api: Api = "completions"
    """chat: for servers that have nothing else; the model is asked to continue a text."""
    executor_api: Api | None = None
    """The same for the executors; by default the planner's."""


class SprintConfig(Settings, ModelsConfig, EvaluationConfig):
    """SPRINT inference: a planner and its executors solve the problems of a dataset.

    Writes LOGS_DIR_full_trajectory/<planner>/<dataset>/: a trajectory a problem, the CSV, the
    ledger calls.jsonl and run.json. The same command again does only what is missing.
    """

    command: ClassVar[str] = "orchestrate"

    @property
    def settings(self) -> Settings:
        """What decides on a problem's result."""
        return Settings(**self.model_dump(include=set(Settings.model_fields)))
