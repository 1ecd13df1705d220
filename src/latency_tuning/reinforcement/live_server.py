"""New weights for a running vLLM server, by its development interface.

That interface executes any method of its workers, so a server that has it must listen on loopback
only. Its own reloading leaves the packed copy of a tied head stale on a CPU; the worker extension
`model_server/weight_loading.py` does not.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import httpx2

from ...utils.api.urls import is_loopback
from ...utils.errors import InputError, ServerError, reason_of

METHOD = "load_weights_from"
"""Of the worker extension."""
SECONDS = 600.0
"""For loading and for the answer."""
RESETS, PAUSE = 20, 0.5
"""How often the cache is reset until no request holds a part of it, with seconds in between."""
ADVICE = "start it with run/run_reinforcement.sh"


class LiveServer:
    """A server that takes new weights. `url` ends in /v1."""

    def __init__(self, url: str) -> None:
        """InputError unless it is one server on this machine."""
        if "," in url or not is_loopback(url):
            raise InputError(
                f"The server URL is {url}: expected one server on 127.0.0.1, because a server that "
                "takes new weights executes any command."
            )
        self.url = url.rstrip("/").removesuffix("/v1")

    def load(self, folder: Path) -> None:
        """Replace the weights by those in `folder`, and forget what was computed with the old ones.

        No request may be in flight. ServerError if the server cannot do it.
        """
        call = {"method": METHOD, "args": [str(folder.resolve())], "timeout": SECONDS}
        self._post("collective_rpc", call)
        for _ in range(RESETS):
            if self._post("reset_prefix_cache", {}).get("success", True):
                return
            time.sleep(PAUSE)
        raise ServerError(
            f"The server at {self.url} still works with the old weights after "
            f"{RESETS * PAUSE:g} s: let no other client use it."
        )

    def _post(self, path: str, body: dict[str, object]) -> dict[str, Any]:
        try:
            answer = httpx2.post(f"{self.url}/{path}", json=body, timeout=SECONDS, trust_env=False)
        except httpx2.HTTPError as error:
            raise ServerError(
                f"The server at {self.url} does not take new weights ({reason_of(error)}): "
                f"{ADVICE}."
            ) from error
        if answer.status_code != httpx2.codes.OK:
            raise ServerError(
                f"The server at {self.url} does not take new weights (it answers "
                f"{answer.status_code} to /{path}: {reason_of(ValueError(answer.text))}): {ADVICE}."
            )
        try:
            content = answer.json()
        except ValueError:
            return {}
        return content if isinstance(content, dict) else {}
