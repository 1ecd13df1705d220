"""The stage of fine-tuning where processes share a model as they do on GPUs, on a CPU.

As a command, started by accelerate's launcher with one of the stage's configurations: its flags are
those of the stage. accelerate takes several processes without a GPU for plain data parallelism; it
is told that they have devices, which are the CPU.
"""

from __future__ import annotations

import os
from typing import Any

from accelerate import PartialState
from accelerate.utils import DistributedType
from sprint.finetuning import tag_tokens, training
from sprint.finetuning.__main__ import main
from torch import distributed
from trl.trainer.sft_config import SFTConfig


def on_devices(**options: Any) -> SFTConfig:
    return SFTConfig(**(options | {"use_cpu": False}))


def on_the_cpu(*_: Any, **__: Any) -> tuple[str, DistributedType]:
    return "gloo", DistributedType.MULTI_GPU


if __name__ == "__main__":
    os.environ["ACCELERATE_TORCH_DEVICE"] = "cpu"
    PartialState._prepare_backend = on_the_cpu
    training.LOGGING_STEPS = 1
    tag_tokens.FEWEST = 1
    training.bfloat16_is_fast = lambda *_: False
    if os.environ.get("ACCELERATE_USE_DEEPSPEED") == "true":
        training.SFTConfig = on_devices  # type: ignore[misc, assignment]
    else:
        distributed.init_process_group("gloo")
    main()
