"""Turns a conversation into a question.

A single user message is the question, unchanged. System messages come before it. Earlier turns come
between the two; then each turn, including the last, begins with its speaker:

    Answer in one sentence.

    User: What is 2*3?

    Assistant: It is 6.

    User: And half of it?

Tags of the grammar in messages are content: a space is inserted after their `<`.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..utils.grammar import escaped_content
from .api_errors import of_field
from .request_fields import Turn

SPEAKERS = {"user": "User", "assistant": "Assistant"}


def question_of(messages: Sequence[Turn], most: int, longest: int, field: str = "messages") -> str:
    """The question of a conversation of at most `most` messages and `longest` characters.

    Raises ApiError, which names `field`, if it has more or does not end with a user message.
    """
    if len(messages) > most:
        raise of_field(field, f"{field} has more than {most} messages. Send fewer.")
    if sum(len(message.text) for message in messages) > longest:
        raise of_field(field, f"{field} has more than {longest} characters. Send fewer.")
    if not messages or messages[-1].role != "user":
        raise of_field(field, "The last message must be from the user: add the question.")
    if not escaped_content(messages[-1].text):
        raise of_field(field, "The last message is empty: add the question.")
    system = [one.text for one in messages if one.role not in SPEAKERS]
    turns = [(SPEAKERS[one.role], one.text) for one in messages if one.role in SPEAKERS]
    said = (
        [text for _, text in turns]
        if len(turns) == 1
        else [f"{speaker}: {text.strip()}" for speaker, text in turns if text.strip()]
    )
    return escaped_content("\n\n".join(text for text in (*system, *said) if text.strip()))
