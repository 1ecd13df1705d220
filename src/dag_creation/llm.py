"""The request to a language model for DAG creation."""

from __future__ import annotations

from ..utils.prompts import load_prompt
from ..utils.thoughts.inline import render_texts
from .rows import ComponentsOfThought

PROMPT = "dag_creation_prompt"


def request(row: ComponentsOfThought) -> str:
    components = render_texts(row.components)
    return f"{load_prompt(PROMPT)}\n\nProblem:\n{row.question}\n\nComponents:\n{components}"
