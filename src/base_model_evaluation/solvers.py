"""The methods by name: what each sends, and its solver."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from ..utils.api.protocols import Servers
from ..utils.api.urls import Api
from ..utils.prompt_files import load_prompt
from ..utils.records import Problem, Result
from ..utils.results.writing import PARALLEL_BASELINE_LAYOUT, SERIAL_LAYOUT, FolderLayout
from .asking import SERIAL_PROMPT
from .config import BaselineSettings, MethodName, SelfConsistencySettings, SkeletonSettings
from .self_consistency import SelfConsistencySolver
from .serial import SerialSolver
from .skeleton_of_thought import CONCLUSION_PROMPT, POINT_PROMPT, SKELETON_PROMPT, SkeletonSolver

SERIAL: tuple[MethodName, ...] = ("RFT", "base")


class Solver(Protocol):
    async def solve(self, problem: Problem) -> Result: ...


def load_prompts(method: MethodName) -> dict[str, str]:
    """The instructions that a method sends, by name."""
    skeleton = (SKELETON_PROMPT, POINT_PROMPT, CONCLUSION_PROMPT, SERIAL_PROMPT)
    names = skeleton if method.startswith("SoT") else (SERIAL_PROMPT,)
    return {name: load_prompt(name) for name in names}


def layout_of(method: MethodName) -> FolderLayout:
    return SERIAL_LAYOUT if method in SERIAL else PARALLEL_BASELINE_LAYOUT


def folder_suffix(method: MethodName) -> str:
    """The suffix of a parallel method's folder: one model may be run with several methods."""
    return "" if method in SERIAL else f"_{method}"


def calls_at_once(settings: BaselineSettings) -> int:
    """Concurrent calls of one problem."""
    match settings:
        case SelfConsistencySettings():
            return settings.samples
        case SkeletonSettings():
            return settings.max_points
    return 1


def opens_thought(method: MethodName, api: Api) -> bool:
    """Whether the prompt opens the thought. In a chat the server does; SoT-chat has none."""
    return api == "completions" and method != "SoT-chat"


def make_solver(
    method: MethodName,
    servers: Servers,
    prompts: Mapping[str, str],
    settings: BaselineSettings,
    api: Api,
) -> Solver:
    """The method's solver."""
    think = opens_thought(method, api)
    match settings:
        case SelfConsistencySettings():
            return SelfConsistencySolver(servers, prompts, settings, think=think)
        case SkeletonSettings():
            return SkeletonSolver(servers, prompts, settings, think=think)
    return SerialSolver(servers, prompts, settings, think=think)
