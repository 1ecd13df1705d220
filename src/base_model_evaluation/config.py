"""The configurations of the methods that SPRINT is compared with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal, Self, cast

from pydantic import model_validator

from ..utils.api.urls import Api, ServerUrls
from ..utils.config import Config
from ..utils.config.values import Positive, Seed, ServedName, Temperature, TopP
from ..utils.methods.config import EvaluationConfig

MethodName = Literal["RFT", "base", "self-consistency", "SoT-chat", "SoT-reasoning"]


class Settings(Config):
    """What decides on a problem's result.

    The defaults are the paper's (arXiv 2506.05745) for serial reasoning. Where the paper names no
    temperature or length for a method, it has these.
    """

    max_tokens: Positive = 36000
    """Tokens of one reply; what is longer is cut, marked, and counts as wrong."""
    temperature: Temperature = 0.6
    """Sampling temperature; 0 is greedy."""
    top_p: TopP = 0.95
    """Share of the probability that tokens are drawn from."""
    max_attempts: Positive = 3
    """Replies without use after which one counts as missing; failed calls count apart."""
    seed: Seed | None = None
    """Seeds the server's sampling, each call in its own way; by default no seed is sent."""


class SamplingSettings(Settings):
    """Self-consistency: samples and temperature are the paper's for Qwen2.5-7B-Instruct.

    The length is ours: a chat model's answers are short, and its context is 32,768 tokens.
    """

    max_tokens: Positive = 8000
    temperature: Temperature = 0.3
    samples: Positive = 20
    """Answers to one problem, of which the majority counts."""


class SkeletonSettings(Settings):
    """Skeleton-of-Thought (arXiv 2307.15337) with a reasoning model."""

    max_points: Positive = 16
    """Points of one skeleton; one with more is asked for again."""


class ChatSkeletonSettings(SkeletonSettings):
    """Skeleton-of-Thought with a chat model: the temperature is the paper's, the length ours."""

    max_tokens: Positive = 8000
    temperature: Temperature = 0.1


class BaselineConfig(Settings, EvaluationConfig):
    """The methods that SPRINT is compared with, on the problems of a dataset.

    Serial reasoning (RFT, or the base model), self-consistency, and Skeleton-of-Thought with a chat
    or a reasoning model; --help shows the defaults of the --method that is given with it. Writes
    LOGS_DIR_base_model/base_model_output_<model>/<dataset>/ (of a parallel method
    base_model_output_<model>_<method>): the model's text a problem, the CSV, the ledger calls.jsonl
    and run.json. The same command again does only what is missing.
    """

    command: ClassVar[str] = "baseline"
    settings_class: ClassVar[type[Settings]] = Settings

    method: MethodName = "RFT"
    """RFT and base are the same, serial reasoning, under different names."""
    model: ServedName
    """Name that the server knows the model by."""
    server_url: ServerUrls
    """http://host:port/v1; several with commas between: a problem stays on one of them."""
    api: Api = "completions"
    """chat: the model's own chat template, as chat models need."""

    @classmethod
    def variant(cls, given: Mapping[str, object]) -> type[Self]:
        return cast(type[Self], CONFIGS.get(str(given.get("method", "RFT")), cls))

    @model_validator(mode="after")
    def _require_own_class(self) -> Self:
        if not isinstance(self, kind := CONFIGS[self.method]):
            raise ValueError(f"the method {self.method} has the configuration {kind.__name__}")
        return self

    @property
    def settings(self) -> Settings:
        """What decides on a problem's result."""
        kind = self.settings_class
        return kind(**self.model_dump(include=set(kind.model_fields)))


class SelfConsistencyConfig(SamplingSettings, BaselineConfig):
    __doc__ = BaselineConfig.__doc__
    settings_class = SamplingSettings
    method: MethodName = "self-consistency"
    api: Api = "chat"


class SkeletonConfig(SkeletonSettings, BaselineConfig):
    __doc__ = BaselineConfig.__doc__
    settings_class = SkeletonSettings
    method: MethodName = "SoT-reasoning"


class ChatSkeletonConfig(ChatSkeletonSettings, BaselineConfig):
    __doc__ = BaselineConfig.__doc__
    settings_class = ChatSkeletonSettings
    method: MethodName = "SoT-chat"
    api: Api = "chat"


CONFIGS: Mapping[str, type[BaselineConfig]] = {
    "RFT": BaselineConfig,
    "base": BaselineConfig,
    "self-consistency": SelfConsistencyConfig,
    "SoT-chat": ChatSkeletonConfig,
    "SoT-reasoning": SkeletonConfig,
}
"""Self-consistency and SoT-chat are those that the paper runs with chat models."""
