"""The configuration of stage 3."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal, Self

from pydantic import model_validator

from ..utils.annotation.config import DagModel, PackingConfig, SeparationModel
from ..utils.config import Config
from ..utils.config.shared import LogsConfig, ScaleConfig
from ..utils.config.values import NotNegative, Positive, Seed, SmallShare
from ..utils.data.config import ThoughtsConfig
from ..utils.data.source import DataSource
from ..utils.defaults import MAX_PHASES
from ..utils.grammar import contains_tag
from ..utils.latency.price_list import time_prices_of
from ..utils.latency.priced_path import TimePrices
from .structures import CURATED, StructureChoice

PromptOrder = Literal["original", "longest_first"]

NO_SETTINGS = ("logs_dir", "shard", "num_processes", "merge", "push_to_hub", "private")
"""Fields that do not affect the output."""
RECORDED = {"data_hub_path": "hub_path", "range": "rows"}
"""The report's names for fields, if they differ."""
OF_THOUGHTS = (
    "component_separation_model",
    "dag_creation_model",
    "min_execution_lines",
    "parallelization_threshold",
    "prompt_order",
    "structure",
    "prices",
    "serial_opening",
)
"""Fields without effect on finished trajectories."""
OF_STRUCTURE = ("structure", "prices", "serial_opening", "second_plans")
"""Fields that are recorded if they differ from their defaults, which change nothing."""


class Limits(Config):
    """Limits for a trajectory."""

    parallelization_threshold: NotNegative = 1.5
    """Minimum components per phase of a trajectory."""
    max_phases: Positive = MAX_PHASES
    """Maximum rounds of inference; a trajectory may have one less, because the last round gives the
    final answer."""
    max_prompts: Positive = 8
    """Maximum prompts in one plan of a trajectory."""
    max_length: Positive | None = None
    """Maximum tokens of the trajectory, and of the serial thought, with prompt and question; longer
    rows are dropped. Needs --tokenizer."""


class PreparationConfig(
    Limits, PackingConfig, SeparationModel, DagModel, ThoughtsConfig, ScaleConfig, LogsConfig
):
    """Stage 3: pack components and DAGs into trajectories, filter them, and write fine-tuning data.

    Reads the output of stages 1 and 2, or finished trajectories (--trajectory_column). Writes
    trajectory_data/D, finetuning_data/D (train and test, for both SPRINT and RFT, with a card) and
    curation_report.json with its picture to the logs folder, and replaces them on each run. With
    --shard it writes only its share; --merge combines all shares into the same output.
    """

    command: ClassVar[str] = "prepare"

    trajectory_column: str = ""
    """Column with finished trajectories: they are checked and filtered as they are, without stages
    1 and 2. Default: trajectories are made from the thoughts."""
    prompt_order: PromptOrder = "original"
    """Order within a plan: that of the thought, or the longest executions first, as far as
    dependencies allow, in plans where that is faster."""
    structure: StructureChoice = CURATED
    """Structure of the trajectories to keep: as curated; fastest, the cheapest by --prices of
    curated, inlined (executions that run beside no other are written into the plan) and serial (the
    final answer holds the whole thought); or mixed, a row for each of them."""
    prices: str | None = None
    """Price list in seconds (a file from 'sprint prices', or the name of an assumed one): prices
    the structures of each row, also for the report. Needs --tokenizer."""
    serial_opening: str = ""
    """First line of serial answers, so that a model tells them from the answers after a plan.
    Default: none."""
    second_plans: SmallShare = 0.0
    """Minimum share of another plan among the planner's choices after a round, reached by
    repeating training rows with several plans up to 10 times."""
    tokenizer: str | None = None
    """Name or path of the tokenizer that counts tokens. Default: the report counts words."""
    test_fraction: SmallShare = 0.05
    """Fraction of the rows that go to the test set."""
    seed: Seed = 0
    """Random seed for choosing the test rows."""
    merge: bool = False
    """Merge the output of all --shard runs instead of curating."""
    push_to_hub: str | None = None
    """Push the dataset and its card to this hub repository, with HF_TOKEN."""
    private: bool = False
    """Make a newly created hub repository private."""

    @model_validator(mode="after")
    def _require_what_goes_together(self) -> Self:
        if self.merge and not self.shard.is_whole:
            raise ValueError("--merge combines all shares: leave out --shard.")
        if self.push_to_hub is not None and not self.shard.is_whole:
            raise ValueError("--shard cannot push: give --push_to_hub together with --merge.")
        if self.max_length is not None and self.tokenizer is None:
            raise ValueError(
                "--max_length and --tokenizer go together: --max_length counts tokens of that "
                "tokenizer. Give both, or leave out --max_length."
            )
        if self.structure != CURATED and self.prices is None:
            raise ValueError(
                f"--structure {self.structure} needs --prices: 'sprint prices FOLDER' writes a "
                "price list from a run, or name an assumed one."
            )
        if self.prices is not None and self.tokenizer is None:
            raise ValueError("--prices are for tokens: give the model's --tokenizer, too.")
        if self.serial_opening != self.serial_opening.strip() or contains_tag(self.serial_opening):
            raise ValueError(
                "--serial_opening should be a line without tags of the grammar and without white "
                f"space at its ends, not {self.serial_opening[:80]!r}."
            )
        if self.trajectory_column and self.prices is not None:
            raise ValueError(
                "--prices and --structure need the components of a thought: leave them out with "
                "--trajectory_column, because a finished trajectory is kept as it is."
            )
        if self.trajectory_column and self.prompt_order != "original":
            raise ValueError(
                "--prompt_order longest_first needs the components of a thought: leave it out with "
                "--trajectory_column, because the order of a finished trajectory is kept."
            )
        return self

    @property
    def source(self) -> DataSource:
        """The rows that the fields select."""
        return replace(super().source, trajectory_column=self.trajectory_column)

    @property
    def time_prices(self) -> TimePrices | None:
        """The prices, if any. InputError if there is no such list."""
        return time_prices_of(self.prices)

    @property
    def limits(self) -> Limits:
        """The limits for a trajectory."""
        return Limits(**self.model_dump(include=set(Limits.model_fields)))


@dataclass(frozen=True)
class CurationSettings:
    """Everything that affects the output: the configuration, the hashes of the prompts, and the
    content of the price list."""

    config: PreparationConfig
    sprint_prompt: str
    serial_prompt: str
    prices: TimePrices | None = None

    def as_json(self) -> dict[str, Any]:
        """The settings that have an effect, by their names in the report."""
        idle = [*OF_THOUGHTS] if self.config.trajectory_column else ["trajectory_column"]
        fields = type(self.config).model_fields
        idle += [it for it in OF_STRUCTURE if getattr(self.config, it) == fields[it].default]
        values = self.config.model_dump(mode="json", exclude={*NO_SETTINGS, *idle})
        if self.prices is not None:  # of the list, whose name says little
            values["prices"] = self.prices._asdict()
        named = dict(sorted((RECORDED.get(name, name), value) for name, value in values.items()))
        return named | {"sprint_prompt": self.sprint_prompt, "serial_prompt": self.serial_prompt}
