"""Defaults that several commands share. Every other default stands in its command's configuration.

Functions below a configuration take values, and have no defaults of their own.
"""

from __future__ import annotations

from typing import Final, Literal

SILENCE: Final = 600.0
"""Seconds without new text before a call to a model server fails."""
ATTEMPTS: Final = 3
"""Replies requested before an unusable one counts as missing."""
MAX_PHASES: Final = 12
"""Rounds of inference; curation keeps the trajectories that fit."""
COMPLETIONS: Final[Literal["completions"]] = "completions"
"""The API used by default."""
CHAT_PLANNING: Final = 0.1
"""The temperature of chat models that plan without training: that of Skeleton-of-Thought."""
LOOPBACK: Final = "127.0.0.1"
"""The address that servers listen on by default: other machines cannot reach them."""
DEFAULT: Final = "default"
"""The subset and the split of a dataset: the only one, or the one that the dataset calls so."""
ALL_ROWS: Final = ":"
"""The range of all rows."""
