r"""LaTeX commands whose backslash was lost when JSON or Python unescaped them, or was doubled.

`"\boxed{\frac{1}{2}}"` in a string literal not meant as one gives a backspace, "oxed", a form feed,
"rac".
"""

from __future__ import annotations

import re

_LETTERS = {"\a": "a", "\b": "b", "\t": "t", "\n": "n", "\v": "v", "\f": "f", "\r": "r"}
# These characters precede a letter for no other reason. A form feed begins pages.
_NEVER_TEXT = r"[\a\b\v](?=[a-zA-Z])|\f(?=(?:rac|box|orall|lat|rown|loor)(?![a-z]))"
# Tabs and line breaks do: they are a command only if no English word follows.
_COMMANDS = (
    r"\t(?=(?:ext(?:bf|it|rm|tt|sf|style|normal|up)?\s?\{|imes(?![a-z])|heta(?![a-z])|frac(?![a-z])"
    r"|riangle(?![a-z])|herefore(?![a-z])|au(?![a-z])|binom(?![a-z])|an(?=\s?[({\\^]|\s\w(?!\w))))"
    r"|\n(?=(?:eq|abla|otin|subseteq|ewline)(?![a-z]))"
    r"|\r(?=(?:ight|floor|ceil|ho|brace|vert)(?![a-z])|angle\s?[.,$\\)}]|m\{)"
)
_LOST = re.compile(f"{_NEVER_TEXT}|{_COMMANDS}")
_DOUBLED = re.compile(r"\\\\(?:boxed|fbox)(?![a-zA-Z])")
_SINGLE = re.compile(r"(?<!\\)\\[a-zA-Z]")


def restore_escapes(text: str) -> str:
    r"""`text` with the backslash restored in each command that lost it, and none doubled.

    Doubled ones are halved only if a `\\boxed` shows that they are, and there is no single one.
    """
    text = _LOST.sub(lambda found: "\\" + _LETTERS[found[0]], text)
    if _DOUBLED.search(text) and not _SINGLE.search(text):
        text = text.replace("\\\\", "\\")
    return text
