"""Solves problems with the project's own inference: ordinary result folders, which resume."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from ...agent_orchestration import SprintConfig
from ...agent_orchestration import run as orchestrate
from ...utils.config.cli import sibling_folder
from ...utils.data.loading import load_problems
from ...utils.data.source import DataSource
from ...utils.defaults import DEFAULT
from ...utils.files.atomic import writable_folder
from ...utils.methods.evaluation import test_source
from ...utils.records import Problem
from ...utils.results.writing import model_folder_name
from ..samples.command import write_samples
from .config import ReinforceConfig

PROBLEMS = "problems.jsonl"
"""In the folder of a step: what its rollouts solve."""


class Inference:
    """Inference with the settings of a run."""

    def __init__(self, config: ReinforceConfig) -> None:
        self.config = config
        self.name = config.planner_model or config.model
        self.held_out = list(load_problems(held_out_source(config), "test"))

    def solve(
        self,
        problems: Iterable[Problem],
        folder: Path,
        *,
        temperature: float,
        samples: int = 1,
        record_tokens: bool = False,
    ) -> Path:
        """Solve each problem `samples` times; returns the result folder, in `folder`.

        Solves only what is missing there. Raises what inference raises.
        """
        writable_folder(folder)
        write_samples(problems, samples, folder / PROBLEMS)
        config = SprintConfig(
            planner_model=self.name,
            planner_server_url=self.config.server_url,
            tokenizer=self.config.model,
            test_hub_path=str(folder / PROBLEMS),
            logs_dir=folder / "logs",
            temperature=temperature,
            top_p=1.0,
            num_workers=self.config.num_workers,
            record_tokens=record_tokens,
            max_phases=self.config.max_phases,
            plan_tokens=self.config.plan_tokens,
            execution_tokens=self.config.execution_tokens,
        )
        orchestrate(config)
        parent = sibling_folder(config.logs_dir, "_full_trajectory") / model_folder_name(self.name)
        return parent / test_source(config).folder_name


def held_out_source(config: ReinforceConfig) -> DataSource:
    """The held-out problems, with the columns of the training problems."""
    return replace(
        config.source_of(config.held_out),
        subset=DEFAULT,
        split=DEFAULT,
        rows=config.held_out_range,
    )
