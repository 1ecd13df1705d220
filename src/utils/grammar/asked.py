"""What a context asks for, told to a model that cannot continue a text but can follow a request.

The contexts of inference end where a part begins, so their last tag says which part that is.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from ..errors import FormatError
from .tags import TagKind, close_tag, find_tags, open_tag

PartName = Literal["plan", "execution", "answer"]

_QUESTION_ENDS = f"{close_tag(TagKind.QUESTION)}\n\n"
_THINK_LINE = f"{open_tag(TagKind.THINK)}\n"


class Asked(NamedTuple):
    """The part that a context asks for: a plan (or the final answer instead), the execution of
    prompt `number`, or the final answer.

    `text` is the context without the tags that open the part, and without the `<think>` line.
    """

    text: str
    part: PartName
    phase: int = 0
    number: int = 0


def asked_of(context: str) -> Asked:
    """What a context of this package asks for. Raises FormatError for any other text."""
    text = context.replace(f"{_QUESTION_ENDS}{_THINK_LINE}", _QUESTION_ENDS)
    tags = [*find_tags(text)][-2:]
    match [(tag.kind, tag.closing) for tag in tags]:
        case [*_, (TagKind.QUESTION, True)]:
            return Asked(text.strip(), "plan", 1)
        case [*_, (TagKind.EXECUTION_BLOCK, True)]:
            return Asked(text.strip(), "plan", 1 + (tags[-1].phase or 0))
        case [*_, (TagKind.FINAL_ANSWER, False)]:
            return Asked(text[: tags[-1].start].strip(), "answer")
        case [(TagKind.EXECUTION_BLOCK, False), (TagKind.EXECUTION, False)]:
            phase, number = tags[-1].phase or 0, tags[-1].number or 0
            return Asked(text[: tags[0].start].strip(), "execution", phase, number)
    raise FormatError(f"The context asks for no part: it ends with {context[-80:]!r}.")
