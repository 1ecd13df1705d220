"""Metrics of the server for Prometheus."""

from __future__ import annotations

import asyncio

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from .queueing import Places
from .usage import AnswerUsage

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000)
FIRST_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """The metrics of one server, in its own registry."""

    def __init__(self, places: Places) -> None:
        self._registry = registry = CollectorRegistry()
        self._requests = Counter(
            "sprint_requests",
            "Requests by model and HTTP status.",
            ["model", "status"],
            registry=registry,
        )
        self._gone = Counter(
            "sprint_clients_gone", "Requests whose client disconnected.", registry=registry
        )
        self._broken = Counter(
            "sprint_streams_failed",
            "Streams that ended with an error after their status 200.",
            registry=registry,
        )
        self._tokens = Counter(
            "sprint_tokens",
            "Tokens of answered requests, in all their calls, by kind.",
            ["kind"],
            registry=registry,
        )
        self._seconds = Histogram(
            "sprint_request_seconds",
            "Seconds to the complete answer.",
            ["model"],
            buckets=SECONDS,
            registry=registry,
        )
        self._first = Histogram(
            "sprint_first_text_seconds",
            "Seconds to the first text.",
            ["model"],
            buckets=FIRST_SECONDS,
            registry=registry,
        )
        running = Gauge("sprint_problems_running", "Running problems.", registry=registry)
        running.set_function(lambda: places.taken)
        waiting = Gauge("sprint_requests_waiting", "Requests in the queue.", registry=registry)
        waiting.set_function(lambda: places.waiting)
        tasks = Gauge("sprint_tasks", "Tasks of the server's event loop.", registry=registry)
        tasks.set_function(lambda: len(asyncio.all_tasks()))

    def responded(self, model: str, status: int) -> None:
        """`model` is "" if the request names no served model."""
        self._requests.labels(model or "unknown", str(status)).inc()

    def left(self) -> None:
        self._gone.inc()

    def stream_failed(self) -> None:
        self._broken.inc()

    def first_text(self, model: str, seconds: float) -> None:
        self._first.labels(model).observe(seconds)

    def answered(self, model: str, seconds: float, usage: AnswerUsage) -> None:
        self._seconds.labels(model).observe(seconds)
        self._tokens.labels("prompt").inc(usage.prompt)
        self._tokens.labels("cached_prompt").inc(usage.cached)
        self._tokens.labels("completion").inc(usage.completion)

    def text(self) -> bytes:
        """Runs in the server's event loop."""
        return generate_latest(self._registry)
