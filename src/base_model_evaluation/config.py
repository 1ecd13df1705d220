"""The configurations of the baseline methods."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from ..utils.api.urls import Api, ServerUrls
from ..utils.config.values import Positive, ServedName, Temperature
from ..utils.defaults import CHAT_PLANNING, COMPLETIONS
from ..utils.methods.config import MethodConfig, SamplingConfig

MethodName = Literal["RFT", "base", "self-consistency", "SoT-chat", "SoT-reasoning"]

SERIAL_TOKENS = 36000
"""Maximum tokens of a serial reply."""


class BaselineSettings(SamplingConfig):
    """Settings that affect results.

    The defaults are the paper's (arXiv 2506.05745) for serial reasoning, also if the paper gives no
    temperature or length for a method.
    """

    max_tokens: Positive = SERIAL_TOKENS
    """Maximum tokens per reply. A longer reply is cut, marked and graded as wrong."""


class ChatSettings(BaselineSettings):
    """A method with a chat model.

    The length is our choice: a chat model's answers are short, and its context is 32,768 tokens.
    """

    max_tokens: Positive = 8000


class SelfConsistencySettings(ChatSettings):
    """Self-consistency: samples and temperature are the paper's for Qwen2.5-7B-Instruct."""

    temperature: Temperature = 0.3
    samples: Positive = 20
    """Answers sampled per problem; the majority wins."""


class SkeletonSettings(BaselineSettings):
    """Skeleton-of-Thought (arXiv 2307.15337) with a reasoning model."""

    max_points: Positive = 16
    """Maximum points in a skeleton. A skeleton with more is requested again."""


class ChatSkeletonSettings(ChatSettings, SkeletonSettings):
    """Skeleton-of-Thought with a chat model: the paper's temperature."""

    temperature: Temperature = CHAT_PLANNING


class BaselineConfig(BaselineSettings, MethodConfig):
    """Run a baseline method on the problems of a dataset.

    Methods: serial reasoning (RFT or the base model), self-consistency, and Skeleton-of-Thought
    with a chat or a reasoning model; --help with --method shows the defaults of that method. Writes
    the model's text for each problem, the CSV, the ledger calls.jsonl and run.json to
    LOGS_DIR_base_model/base_model_output_<model>/<dataset>/ (base_model_output_<model>_<method> for
    a parallel method). Run the same command again to do only what is missing.
    """

    command: ClassVar[str] = "baseline"
    settings_class: ClassVar[type[BaselineSettings]] = BaselineSettings

    method: MethodName = "RFT"
    """RFT and base both run serial reasoning; only the name differs."""
    model: ServedName
    """Name under which the server serves the model."""
    server_url: ServerUrls
    """http://host:port/v1, or several separated by commas; each problem stays on one server."""
    api: Api = COMPLETIONS
    """chat: apply the model's own chat template, as chat models need."""

    @classmethod
    def configs(cls) -> Mapping[str, type[BaselineConfig]]:
        return CONFIGS

    @property
    def settings(self) -> BaselineSettings:
        """Settings that affect results."""
        kind = self.settings_class
        return kind(**self.model_dump(include=set(kind.model_fields)))


class _ChatConfig(BaselineConfig):
    __doc__ = BaselineConfig.__doc__
    api: Api = "chat"


class SelfConsistencyConfig(SelfConsistencySettings, _ChatConfig):
    __doc__ = BaselineConfig.__doc__
    settings_class = SelfConsistencySettings
    method: MethodName = "self-consistency"


class SkeletonConfig(SkeletonSettings, BaselineConfig):
    __doc__ = BaselineConfig.__doc__
    settings_class = SkeletonSettings
    method: MethodName = "SoT-reasoning"


class ChatSkeletonConfig(ChatSkeletonSettings, _ChatConfig):
    __doc__ = BaselineConfig.__doc__
    settings_class = ChatSkeletonSettings
    method: MethodName = "SoT-chat"


CONFIGS: Mapping[str, type[BaselineConfig]] = {
    "RFT": BaselineConfig,
    "base": BaselineConfig,
    "self-consistency": SelfConsistencyConfig,
    "SoT-chat": ChatSkeletonConfig,
    "SoT-reasoning": SkeletonConfig,
}
"""The paper runs self-consistency and SoT-chat with chat models."""
