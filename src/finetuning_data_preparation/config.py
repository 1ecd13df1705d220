"""The configuration of stage 3."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from pydantic import model_validator

from ..utils.annotation.config import DagModel, PackingConfig, SeparationModel
from ..utils.config.shared import LogsConfig, ScaleConfig
from ..utils.config.values import NotNegative, Positive, Seed, Share
from ..utils.data.config import ThoughtsConfig

NO_SETTINGS = ("logs_dir", "shard", "num_processes", "merge", "push_to_hub", "private")
"""Fields that do not change what is made."""
RECORDED = {"data_hub_path": "hub_path", "range": "rows"}
"""What the report calls fields, where it is something else."""


class PreparationConfig(
    PackingConfig, SeparationModel, DagModel, ThoughtsConfig, ScaleConfig, LogsConfig
):
    """Stage 3: pack components and DAGs into trajectories, filter them, and write fine-tuning data.

    Reads what stages 1 and 2 wrote. Writes trajectory_data/D, finetuning_data/D (train and test,
    for SPRINT and RFT alike, with a card) and curation_report.json with its picture below the logs
    folder, anew each time. With --shard it sets its share aside; --merge makes the same of all the
    shares.
    """

    command: ClassVar[str] = "prepare"

    parallelization_threshold: NotNegative = 1.5
    """Components a phase that a trajectory has at least."""
    max_phases: Positive = 12
    """Rounds of inference; a trajectory has one less at most."""
    max_prompts: Positive = 8
    """Prompts in one plan of a trajectory at most."""
    max_length: Positive | None = None
    """Tokens that training takes: longer rows are left out; needs --tokenizer."""
    tokenizer: str | None = None
    """Name or path of the tokenizer that counts; without one the report counts words."""
    test_fraction: Share = 0.05
    """Share of the rows that test training."""
    seed: Seed = 0
    """Seed that chooses the test rows."""
    merge: bool = False
    """Merge what runs with --shard have set aside, instead of curating."""
    push_to_hub: str | None = None
    """Push the dataset and its card to this name on the hub, with HF_TOKEN."""
    private: bool = False
    """A dataset that is new on the hub is private."""

    @model_validator(mode="after")
    def _require_what_goes_together(self) -> Self:
        if self.test_fraction >= 1:
            raise ValueError(f"--test_fraction is {self.test_fraction}: give 0 up to below 1.")
        if self.merge and not self.shard.is_whole:
            raise ValueError("--merge is for all shares together: leave out --shard.")
        if self.push_to_hub is not None and not self.shard.is_whole:
            raise ValueError("A share is not pushed: give --push_to_hub together with --merge.")
        if self.max_length is not None and self.tokenizer is None:
            raise ValueError(
                "--max_length and --tokenizer go together: the length is counted in tokens of that "
                "tokenizer. Give both, or leave out --max_length."
            )
        return self

    @property
    def settings(self) -> dict[str, Any]:
        """What decides on what is made, by the names of the report."""
        values = self.model_dump(mode="json", exclude=set(NO_SETTINGS))
        return dict(sorted((RECORDED.get(name, name), value) for name, value in values.items()))
