"""The methods that are compared with SPRINT, and the settings of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

MethodName = Literal["RFT", "base", "self-consistency", "SoT-chat", "SoT-reasoning"]


@dataclass(frozen=True)
class Settings:
    """How a method asks. The defaults are the paper's (arXiv 2506.05745) for serial reasoning.

    Where the paper names no temperature or length for a method, it has these.
    """

    max_tokens: int = 36000
    """Tokens of one reply; what is longer is cut, marked, and counts as wrong."""
    temperature: float = 0.6
    top_p: float = 0.95
    max_attempts: int = 3
    """Requests for one reply before the method goes on without it."""


@dataclass(frozen=True)
class SamplingSettings(Settings):
    """Self-consistency: samples and temperature are the paper's for Qwen2.5-7B-Instruct.

    The length is ours: a chat model's answers are short, and its context is 32,768 tokens.
    """

    max_tokens: int = 8000
    temperature: float = 0.3
    samples: int = 20
    """Answers to one problem, of which the majority counts."""


@dataclass(frozen=True)
class SkeletonSettings(Settings):
    """Skeleton-of-Thought (arXiv 2307.15337) with a reasoning model."""

    max_points: int = 16
    """Points of one skeleton; one with more counts as malformed."""


@dataclass(frozen=True)
class ChatSkeletonSettings(SkeletonSettings):
    """Skeleton-of-Thought with a chat model: the temperature is the paper's, the length ours."""

    max_tokens: int = 8000
    temperature: float = 0.1


CHAT_METHODS: tuple[MethodName, ...] = ("self-consistency", "SoT-chat")
"""Those that the paper runs with chat models."""

SETTINGS: Mapping[MethodName, type[Settings]] = {
    "RFT": Settings,
    "base": Settings,
    "self-consistency": SamplingSettings,
    "SoT-chat": ChatSkeletonSettings,
    "SoT-reasoning": SkeletonSettings,
}
