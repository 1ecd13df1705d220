"""How a conversation becomes a question.

The user's only message is the question, exactly. What the system says goes before it. Earlier turns
stand between the two, each with who speaks, and then the last one has it, too:

    Answer in one sentence.

    User: What is 2*3?

    Assistant: It is 6.

    User: And half of it?

Tags of the grammar in what people write are content: they get a blank after their `<`.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..utils.grammar import escaped_content
from .api_errors import of_field
from .requests import Message

SPEAKERS = {"user": "User", "assistant": "Assistant"}


def question_of(messages: Sequence[Message], most: int, longest: int) -> str:
    """The question of a conversation of at most `most` messages and `longest` characters.

    Raises ApiError where it has more, or does not end with a user's words.
    """
    if len(messages) > most:
        raise of_field("messages", f"messages has over {most} messages: send fewer.")
    if sum(len(message.text) for message in messages) > longest:
        raise of_field("messages", f"messages has over {longest} characters: send fewer.")
    if messages[-1].role != "user":
        raise of_field("messages", "The last message should be the user's: add the question.")
    if not escaped_content(messages[-1].text):
        raise of_field("messages", "The last message is empty: add the question.")
    system = [one.text for one in messages if one.role not in SPEAKERS]
    turns = [(SPEAKERS[one.role], one.text) for one in messages if one.role in SPEAKERS]
    said = (
        [text for _, text in turns]
        if len(turns) == 1
        else [f"{speaker}: {text.strip()}" for speaker, text in turns if text.strip()]
    )
    return escaped_content("\n\n".join(text for text in (*system, *said) if text.strip()))
