"""Pages in one self-contained file: the viewer's and the demo's, with the timeline they share.

A page's scripts insert data and model output as text only, and its policy allows only scripts with
known hashes. So nothing that is shown can become code of the page.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from importlib import resources
from typing import Any

from ...utils.redaction import redacted

SCRIPTS = ("dom.js", "math.js", "calls.js", "timeline.js")
"""What every page has, in the order in which they need each other."""

_ESCAPED = {ord(character): f"\\u{ord(character):04x}" for character in "<>&"}


def page_around_data(
    package: str, html: str, style: str, scripts: Sequence[str], also_allowed: str = ""
) -> tuple[str, str]:
    """The page before and after its data, of files in the package's folder `static`.

    `also_allowed`: what its policy allows in addition to its own scripts and style.
    """
    styles = _static(__package__, "page.css") + _static(package, style)
    katex = _static(__package__, "katex", "katex.min.js")
    shared = [_static(__package__, name) for name in SCRIPTS]
    own = "\n".join([*shared, *(_static(package, name) for name in scripts)])
    script = f"(() => {{\n'use strict';\n{own}}})();\n"
    policy = (
        f"default-src 'none'; script-src {_hash(katex)} {_hash(script)}; "
        f"style-src {_hash(styles)}; {also_allowed}base-uri 'none'; form-action 'none'"
    )
    before, after = _static(package, html).split("<!-- data -->")
    return (
        before.replace("<!-- policy -->", policy).replace("/* style */", styles),
        after.replace("/* katex */", katex).replace("/* page */", script),
    )


def data_block(name: str, value: Any) -> str:
    """Data as JSON that no tag can end, in a block that is no script."""
    # ASCII alone, so that line separators and halves of characters are escaped as well. A tag that
    # a server put within a key is gone by now, so the files' redaction was not enough.
    text = redacted(json.dumps(value, separators=(",", ":"), allow_nan=False)).translate(_ESCAPED)
    return f'<script type="application/json" id="{name}">{text}</script>\n'


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _static(package: str, *names: str) -> str:
    return resources.files(package).joinpath("static", *names).read_text(encoding="utf-8")
