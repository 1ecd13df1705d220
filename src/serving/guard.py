"""Middleware for all endpoints: checks the key, handles errors and counts requests."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Callable, Collection

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..utils.api.urls import is_loopback_host
from .api_errors import ApiError
from .faults import error_of
from .metrics import Metrics

OWN_NAMES = ("host.docker.internal", "host.containers.internal")
"""Names of this machine within a container on it."""

log = logging.getLogger(__name__)


class Guard:
    """An ASGI middleware that turns exceptions into error responses."""

    def __init__(
        self,
        app: ASGIApp,
        answered: Collection[str],
        key: str,
        metrics: Metrics,
        ended: Callable[[], None],
        log_requests: bool,
        only_local: bool,
    ) -> None:
        """`answered`: the paths whose requests are counted. `only_local`: see `_require_host`."""
        self.app, self.metrics, self.log_requests = app, metrics, log_requests
        self._ended, self._answered = ended, answered
        self._key, self._only_local = key.encode(), only_local

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        status, answers = 0, scope["path"] in self._answered

        async def counted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                if answers:  # before the client can see it
                    self.metrics.responded(scope["state"].get("model", ""), status)
            await send(message)

        scope.setdefault("state", {})
        try:
            self._require_host(scope)
            self._require_key(scope)
            await self.app(scope, receive, counted)
        except Exception as error:  # noqa: BLE001 - fails this request only
            api_error = error_of(error)
            if not status:
                await api_error.response()(scope, receive, counted)
        finally:
            if answers:
                self._ended()
            if self.log_requests:
                log.info("%s %s: %d", scope["method"], scope["path"], status)

    def _require_host(self, scope: Scope) -> None:
        """Raise ApiError if a server for this machine alone is reached by another name.

        Otherwise any web page could use it: through a name of its own that leads to this machine.
        """
        if not self._only_local:
            return
        given = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
        name = given.rpartition(":")[0] if given.rpartition(":")[2].isdecimal() else given
        if name and name.lower() not in OWN_NAMES and not is_loopback_host(name.strip("[]")):
            raise ApiError(
                403,
                "Without an API key, this server only answers requests for localhost. Use "
                "http://127.0.0.1, or set SPRINT_API_KEY.",
                "permission_error",
                code="host_not_allowed",
            )

    def _require_key(self, scope: Scope) -> None:
        """Raise ApiError for an invalid key. Paths outside /v1, such as /health, need no key."""
        if not self._key or not scope["path"].startswith("/v1"):
            return
        given = dict(scope["headers"]).get(b"authorization", b"")
        scheme, _, key = given.partition(b" ")
        if scheme.lower() != b"bearer" or not hmac.compare_digest(key.strip(), self._key):
            raise ApiError(
                401,
                "The API key is missing or invalid. Send it as 'Authorization: Bearer KEY'.",
                "authentication_error",
                code="invalid_api_key",
                headers={"WWW-Authenticate": "Bearer"},
            )
