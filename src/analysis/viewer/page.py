"""The page: one HTML file that makes no network requests.

Data is stored as JSON that no tag can end, in blocks that are not executed, and the page's scripts
insert it as text; a policy lists the hashes of the scripts that may run. So no text from a model or
a dataset becomes part of the page's markup.
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
"""In dependency order."""

_ESCAPED = {ord(character): f"\\u{ord(character):04x}" for character in "<>&"}


def page_parts(page: Page, problems: Iterable[OpenProblem]) -> Iterator[str]:
    """The text of the file, one part at a time; `problems` in the order of the page's rows."""
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
    # ASCII only, so that line separators and lone surrogates are escaped as well. Redacted again:
    # a server's tag inside a key is gone by now, so redacting the files was not enough.
    text = redacted(json.dumps(value, separators=(",", ":"), allow_nan=False)).translate(_ESCAPED)
    return f'<script type="application/json" id="{name}">{text}</script>\n'


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _static(*names: str) -> str:
    return resources.files(__package__).joinpath("static", *names).read_text(encoding="utf-8")
