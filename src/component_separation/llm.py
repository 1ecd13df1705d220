"""The request to a language model for component separation."""

from __future__ import annotations

from ..utils.prompts import load_prompt
from .rows import NumberedThought

PROMPT = "component_separation_prompt"


def request(row: NumberedThought) -> str:
    return f"{load_prompt(PROMPT)}\n\nProblem:\n{row.question}\n\nReasoning:\n{row.text}"
