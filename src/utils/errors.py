"""The one hierarchy of errors. Each says what was expected, what came, and what to do."""

from __future__ import annotations


class SprintError(Exception):
    """Base of every error that this package raises on purpose."""


class InputError(SprintError, ValueError):
    """The user gave something that cannot work: a flag, a dataset, a column, a range, a folder."""


class FormatError(SprintError, ValueError):
    """A text does not have the form that was asked for: a plan, a component answer, a DAG."""


class ServerError(SprintError, ConnectionError):
    """A model server cannot be reached, or refused the request for good."""


class CallError(SprintError, RuntimeError):
    """One call failed after its retries; the server itself may be well."""


class RefusedError(CallError):
    """The server refuses this very request (too long, say): asking again would not help."""


def first_leaf(error: BaseException) -> BaseException:
    """The first exception in a group of groups, or `error` itself where it is no group."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
