"""The configuration of `sprint select`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, ClassVar

from ...utils.config import Config, Positional


class SelectConfig(Config):
    """Keep the fastest right trajectory of each problem: sampled, or that of the training data.

    A sample counts if its answer is right and nothing went wrong on the way: no fault, no discarded
    attempt, a trajectory in the grammar. A problem without such a sample keeps its trajectory, so
    that nothing that was taught is lost. Writes a .jsonl file that stage 3 reads with
    --trajectory_column trajectory.
    """

    command: ClassVar[str] = "select"

    folder: Annotated[Path, Positional("FOLDER")]
    """Result folder of inference on the output of 'sprint resample'."""
    data: Path
    """Fine-tuning data of the same problems, from stage 3. Of several rows of a problem, such as of
    --structure mixed, the fastest counts."""
    prices: str
    """Price list in seconds: a file from 'sprint prices', or the name of an assumed one."""
    tokenizer: str
    """Name or path of the model's tokenizer, which counts the tokens."""
    output: Path
    """.jsonl file to write."""
