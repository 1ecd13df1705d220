"""The configuration of `sprint reinforce`."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from ...agent_orchestration.config import SprintSettings
from ...utils.api.urls import ServerUrl
from ...utils.config.values import (
    AboveZero,
    NotNegative,
    Positive,
    Seed,
    ServedName,
    Share,
)
from ...utils.data.config import RowsConfig
from ...utils.data.source import DataSource
from ...utils.defaults import ALL_ROWS, MAX_PHASES
from .rewards import RewardRule
from .stop_rules import StopRules

_INFERENCE = SprintSettings.model_fields


class ReinforceConfig(RowsConfig):
    """Reinforcement: a SPRINT model learns from its own rollouts to be right and fast.

    Each step samples problems several times at temperature 1 on a running vLLM server, rewards
    right rollouts by their priced path, updates the model once, and loads it into the server. Stops
    by itself where the model gets worse or no longer hands out work, and says why. The same command
    continues.
    """

    command: ClassVar[str] = "reinforce"

    model: str
    """Folder of the SPRINT model to start from."""
    planner_model: ServedName | None = None
    """Name under which the server serves it. Default: the folder."""
    server_url: ServerUrl
    """http://127.0.0.1:PORT/v1, a server of run/run_reinforcement.sh."""
    data_hub_path: str
    """Training problems: a name on the hub, a folder, or a .jsonl, .json, .parquet, .csv or .tsv
    file."""
    held_out: str
    """Held-out problems, which decide whether accuracy fell: a name on the hub, a folder or a file.
    They are solved greedily."""
    held_out_range: str = ALL_ROWS
    """Rows of the held-out problems; ":" selects all."""
    prices: str
    """Price list in seconds: a file from 'sprint prices', or the name of an assumed one."""
    output: Path
    """Folder of the steps, the state and the trained model."""
    steps: Positive = 100
    """Updates of the model."""
    problems: Positive = 8
    """Problems in a step."""
    samples: Positive = 8
    """Rollouts of each problem."""
    learning_rate: AboveZero = 1e-6
    """Learning rate, constant."""
    gradient_checkpointing: bool = True
    """Compute activations again in the backward pass, which saves memory."""
    time_weight: NotNegative = 0.5
    """Weight of the time saved in the reward of a right rollout."""
    time_bound: NotNegative = 0.5
    """The most that counts of the time saved or lost, as a fraction of the mean."""
    time_share: Share = 0.875
    """Fraction of a problem's rollouts that must be right for time to count."""
    max_faults: Share = 0.05
    """Stop if more of the first step's rollouts have faults."""
    max_serial: Share = 0.95
    """Stop if more of a step's rollouts have no plan."""
    max_mismatch: AboveZero = 0.01
    """Stop if the divergence from server to trainer is larger, in nats a token."""
    max_loss: Share = 0.03
    """Stop if accuracy on the held-out problems falls by more, as a fraction."""
    eval_steps: Positive = 10
    """Steps between evaluations on the held-out problems."""
    save_steps: Positive = 1
    """Steps between saved states, from which an interrupted run continues."""
    max_phases: Positive = MAX_PHASES
    """Maximum planner calls per problem."""
    plan_tokens: Positive = _INFERENCE["plan_tokens"].default
    """Maximum tokens per plan."""
    execution_tokens: Positive = _INFERENCE["execution_tokens"].default
    """Maximum tokens per execution."""
    num_workers: Positive = 16
    """Problems in flight."""
    seed: Seed = 0
    """Seed of the order of the problems."""

    @property
    def source(self) -> DataSource:
        """The training problems."""
        return self.source_of(self.data_hub_path)

    @property
    def reward_rule(self) -> RewardRule:
        return RewardRule(self.time_weight, self.time_bound, self.time_share)

    @property
    def stop_rules(self) -> StopRules:
        return StopRules(self.max_faults, self.max_serial, self.max_mismatch, self.max_loss)
