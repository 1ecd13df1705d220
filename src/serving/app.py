"""The ASGI application and its endpoints."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ..utils.api.urls import is_loopback_host
from .api_errors import ApiError, json_response, unknown_model
from .api_format import ApiEndpoint
from .backend import Backend
from .chat_api import CHAT
from .exchange import ApiServer
from .guard import Guard
from .metrics import CONTENT_TYPE, Metrics
from .openapi import openapi
from .queueing import Places
from .responses_api import RESPONSES

ENDPOINTS: tuple[ApiEndpoint[Any], ...] = (CHAT, RESPONSES)


class Application:
    """The server of one process. `places` counts running and waiting requests."""

    def __init__(
        self,
        backend: Backend,
        ended: Callable[[], None] = lambda: None,
        also: Sequence[BaseRoute] = (),
    ) -> None:
        """`ended` is called when a request for an answer ends, whether or not it succeeded.

        `also`: further routes, such as the demo's page.
        """
        config = backend.config
        self.places = Places(config.max_running, config.max_queue)
        self._metrics = Metrics(self.places)
        server = ApiServer(backend, self.places, self._metrics)
        self.backend, self._started = backend, int(time.time())
        self._openapi = openapi(backend.models, with_key=bool(config.api_key))
        guard = Middleware(
            Guard,
            answered={one.path for one in ENDPOINTS},
            key=config.api_key,
            metrics=self._metrics,
            ended=ended,
            log_requests=config.log_requests,
            only_local=not config.api_key and is_loopback_host(config.host),
        )
        self.asgi = Starlette(
            routes=[
                *(
                    Route(one.path, partial(server.answer, one), methods=["POST"])
                    for one in ENDPOINTS
                ),
                Route("/v1/models", self._models),
                Route("/v1/models/{model:path}", self._model),
                Route("/health", self._health),
                Route("/metrics", self._metrics_text),
                Route("/openapi.json", self._description),
                *also,
            ],
            middleware=[guard],
            exception_handlers={HTTPException: _no_endpoint},
        )
        self.asgi.router.redirect_slashes = False

    async def _models(self, _: Request) -> Response:
        return json_response({"object": "list", "data": [*map(self._card, self.backend.models)]})

    async def _model(self, request: Request) -> Response:
        name = request.path_params["model"]
        if name not in self.backend.models:
            raise unknown_model("GET /v1/models lists the models.")
        return json_response(self._card(name))

    async def _health(self, _: Request) -> Response:
        self.places.require_open()
        return json_response({"status": "ok"})

    async def _metrics_text(self, _: Request) -> Response:
        return Response(self._metrics.text(), media_type=CONTENT_TYPE)

    async def _description(self, _: Request) -> Response:
        return json_response(self._openapi)

    def _card(self, name: str) -> dict[str, object]:
        return {"id": name, "object": "model", "created": self._started, "owned_by": "sprint"}


async def _no_endpoint(http: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    what = f"does not accept {http.method[:20]}" if error.status_code == 405 else "does not exist"
    said = f"The endpoint {what}. GET /openapi.json lists the endpoints."
    return ApiError(error.status_code, said, headers=error.headers).response()
