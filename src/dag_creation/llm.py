"""DAG creation by a language model."""

from __future__ import annotations

from ..utils.curation.annotation import Annotation, Chat, ask_until_sound
from ..utils.curation.dag import CheckedDag, parse_dag_answer
from ..utils.curation.files import Separated
from ..utils.curation.inline import render_inline
from ..utils.prompts import load_prompt

PROMPT = "dag_creation_prompt"


async def annotate(
    chat: Chat, question: str, separated: Separated, max_attempts: int
) -> Annotation[CheckedDag]:
    """A model's answer that passes the checks. Raises FormatError when none of them does."""
    prompt = load_prompt(PROMPT)
    components = render_inline(separated.components, separated.lines)
    request = f"{prompt}\n\nProblem:\n{question}\n\nComponents:\n{components}"
    numbers = [component.number for component in separated.components]
    return await ask_until_sound(
        chat, request, lambda answer: parse_dag_answer(answer, numbers), max_attempts
    )
