r"""Answers that LaTeX lays out in rows: `\begin{aligned} x &= 3 \end{aligned}` is `x = 3`."""

from __future__ import annotations

import re
from itertools import pairwise

_LAYOUT = (
    r"(?:aligned|align|alignat|alignedat|gathered|gather|split|multline|multlined|eqnarray"
    r"|equation|flalign|cases|dcases|rcases|array|displaymath|math)\*?"
)
_WHOLE = re.compile(
    rf"\A\s*(?:\\left\s*(?:\\\{{|\.)\s*)?\\begin\s*\{{(?P<name>{_LAYOUT})\}}\s*(?:\[[a-z]\])?"
    r"(?:\{[^{}]{0,40}\})?(?P<body>.*)\\end\s*\{(?P=name)\}\s*(?:\\right\s*(?:\.|\\\}))?\s*[.,;]?\s*\Z",
    re.DOTALL,
)
_ROW_BREAK = re.compile(r"\\\\\*?(?:\s*\[[^\[\]]{0,12}\])?|\\cr(?![a-zA-Z])|\\newline(?![a-zA-Z])")
_MARK = re.compile(r"(?<!\\)&")
_RELATION = (
    r"(?:[=<>≤≥≈]|:="
    r"|\\(?:leq?|geq?|lt|gt|neq?|approx|equiv|in|implies|iff|Rightarrow|to)(?![a-zA-Z]))"
)
_BEFORE_MARK = re.compile(rf"(?:\A|{_RELATION}|\{{\}})\s*\Z")
_BEHIND_MARK = re.compile(rf"\s*(?:{_RELATION}|\{{\}}|\Z)")
_BARE_RELATION = re.compile(rf"\s*{_RELATION}")
_IMPLIED = re.compile(r"\s*\\(?:implies|iff|Rightarrow)(?![a-zA-Z])\s*")


def plain_rows(answer: str) -> str:
    r"""An answer that is one layout environment, as a line of text; otherwise unchanged.

    Alignment marks are removed. A row that begins with a relation continues the row before it;
    others become a list. A table, a matrix or a function by cases stays unchanged, because its
    cells are separate for a reason.
    """
    found = _WHOLE.match(answer)
    if found is None or "\\begin" in found["body"]:
        return answer
    rows = list[str]()
    for written in _ROW_BREAK.split(found["body"]):
        pieces = _MARK.split(written)
        for before, behind in pairwise(pieces):
            if not (_BEFORE_MARK.search(before) or _BEHIND_MARK.match(behind)):
                return answer
        row = re.sub(r"\\(?:nonumber|notag|label\{[^{}]*\}|hline)(?![a-zA-Z])", "", "".join(pieces))
        row = row.replace("{}", " ").strip().rstrip(".,;").strip()
        if not row:
            continue
        if rows and (implied := _IMPLIED.match(row)):
            rows[-1] = row[implied.end() :]
        elif rows and _BARE_RELATION.match(row):
            rows[-1] += f" {row}"
        else:
            rows.append(row)
    return ", ".join(rows) or answer
