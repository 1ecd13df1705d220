"""Fine-tuning in float32, whatever the processor is good at; as a command, with its flags."""

from __future__ import annotations

from sprint.finetuning import training
from sprint.finetuning.__main__ import main

if __name__ == "__main__":
    training.bfloat16_is_fast = lambda *_: False
    main()
