"""Around all endpoints: keys, faults and counts."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .api_errors import ApiError
from .faults import error_of
from .metrics import Metrics

log = logging.getLogger(__name__)

CHAT = "/v1/chat/completions"


class Guard:
    """An ASGI middleware. No error but a client's own leaves it."""

    def __init__(
        self,
        app: ASGIApp,
        key: str,
        metrics: Metrics,
        ended: Callable[[], None],
        log_requests: bool,
    ) -> None:
        self.app, self.metrics, self.log_requests = app, metrics, log_requests
        self._ended = ended
        self._key = key.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        status = 0

        async def counted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        scope.setdefault("state", {})
        try:
            self._require_key(scope)
            await self.app(scope, receive, counted)
        except Exception as error:  # noqa: BLE001 - of this request alone
            told = error_of(error)
            if not status:
                await told.response()(scope, receive, counted)
        finally:
            if scope["path"] == CHAT:
                self._ended()
                if status:
                    self.metrics.responded(scope["state"].get("model", ""), status)
            if self.log_requests:
                log.info("%s %s: %d", scope["method"], scope["path"], status)

    def _require_key(self, scope: Scope) -> None:
        """Raise ApiError for a wrong key. The health and the metrics of the server need none."""
        if not self._key or not scope["path"].startswith("/v1"):
            return
        given = dict(scope["headers"]).get(b"authorization", b"")
        scheme, _, key = given.partition(b" ")
        if scheme.lower() != b"bearer" or not hmac.compare_digest(key.strip(), self._key):
            raise ApiError(
                401,
                "The key is missing or wrong: send it as 'Authorization: Bearer KEY'.",
                "authentication_error",
                code="invalid_api_key",
                headers={"WWW-Authenticate": "Bearer"},
            )
