"""The page: one HTML file that asks the network for nothing.

Data lies in it as JSON that no tag can end, in blocks that are no scripts, and the page's scripts
set it as text; a policy names the scripts that may run by their hashes. So nothing a model or a
dataset says becomes a part of the page's own text.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from importlib import resources
from typing import Any

from ...utils.redaction import redacted
from .model import OpenProblem, Page

SCRIPTS = (
    "dom.js",
    "math.js",
    "calls.js",
    "timeline.js",
    "texts.js",
    "problem.js",
    "list.js",
    "main.js",
)
"""In the order in which they need each other."""

_ESCAPED = {ord(character): f"\\u{ord(character):04x}" for character in "<>&"}


def page_parts(page: Page, problems: Iterable[OpenProblem]) -> Iterator[str]:
    """The text of the file, a part at a time; `problems` in the order of the page's rows."""
    style = _static("viewer.css")
    katex = _static("katex", "katex.min.js")
    scripts = "\n".join(_static(name) for name in SCRIPTS)
    viewer = f"(() => {{\n'use strict';\n{scripts}}})();\n"
    policy = (
        f"default-src 'none'; script-src {_hash(katex)} {_hash(viewer)}; "
        f"style-src {_hash(style)}; base-uri 'none'; form-action 'none'"
    )
    before, after = _static("viewer.html").split("<!-- data -->")
    yield before.replace("<!-- policy -->", policy).replace("/* style */", style)
    yield _data("page", asdict(page))
    for number, problem in enumerate(problems):
        yield _data(f"problem-{number}", asdict(problem))
    yield after.replace("/* katex */", katex).replace("/* viewer */", viewer)


def _data(name: str, value: Any) -> str:
    # ASCII alone, so that line separators and halves of characters are escaped as well. A tag that
    # a server put within a key is gone by now, so the files' redaction was not enough.
    text = redacted(json.dumps(value, separators=(",", ":"), allow_nan=False)).translate(_ESCAPED)
    return f'<script type="application/json" id="{name}">{text}</script>\n'


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _static(*names: str) -> str:
    return resources.files(__package__).joinpath("static", *names).read_text(encoding="utf-8")
