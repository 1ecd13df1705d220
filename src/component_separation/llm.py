"""Component separation by a language model."""

from __future__ import annotations

from collections.abc import Sequence

from ..utils.curation.annotation import Annotation, Chat, ask_until_sound
from ..utils.curation.files import Separated, check_separation
from ..utils.curation.lines import render_numbered
from ..utils.prompts import load_prompt

PROMPT = "component_separation_prompt"


async def annotate(
    chat: Chat, question: str, lines: Sequence[str], max_attempts: int
) -> Annotation[Separated]:
    """A model's answer that passes the checks. Raises FormatError when none of them does."""
    prompt = load_prompt(PROMPT)
    request = f"{prompt}\n\nProblem:\n{question}\n\nReasoning:\n{render_numbered(lines)}"
    return await ask_until_sound(
        chat, request, lambda answer: check_separation(answer, lines), max_attempts
    )
