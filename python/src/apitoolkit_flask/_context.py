"""From a request to what is being recorded of it, and by which APIToolkit."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from flask import has_request_context, request

from ._native import ENVIRON_KEY, Recording

if TYPE_CHECKING:
    from ._toolkit import APIToolkit

_toolkits: weakref.WeakSet[APIToolkit] = weakref.WeakSet()
_newest: weakref.ref[APIToolkit] | None = None

# The recording of the WSGI middleware; Flask has a context of its own.
_of_middleware: ContextVar[Recording | None] = ContextVar("apitoolkit_recording", default=None)
_paused: ContextVar[bool] = ContextVar("apitoolkit_paused", default=False)


def recording_of(request: Any) -> Recording | None:
    """The recording in progress for `request`: Flask's proxy, a request object, anything with an
    environ. None outside of a request, for a request that is not recorded, for other objects."""
    try:
        recording = request.environ.get(ENVIRON_KEY)
    except Exception:  # a proxy outside of its context raises; None has no environ
        return None
    return recording if isinstance(recording, Recording) else None


def current_recording() -> Recording | None:
    """That of the request which this code serves, also in threads and tasks that carry its context:
    Flask's request, else the one in the WSGI middleware."""
    if has_request_context():
        return recording_of(request)
    return _of_middleware.get()


def enter_middleware(recording: Recording) -> None:
    _of_middleware.set(recording)


def leave_middleware(recording: Recording) -> None:
    if _of_middleware.get() is recording:
        _of_middleware.set(None)


@contextmanager
def paused() -> Iterator[None]:
    """Within it no outgoing call is recorded: for the application's code that takes part in
    delivering, whose own calls would otherwise be delivered too, and so on without an end."""
    token = _paused.set(True)
    try:
        yield
    finally:
        _paused.reset(token)


def is_paused() -> bool:
    return _paused.get()


def register(toolkit: APIToolkit) -> None:
    global _newest
    _toolkits.add(toolkit)
    _newest = weakref.ref(toolkit)


def toolkits() -> list[APIToolkit]:
    return list(_toolkits)


def toolkit_of(recording: Recording | None) -> APIToolkit | None:
    """Whose recording it is; without one, the APIToolkit that was made last."""
    if recording is None:
        return None if _newest is None else _newest()
    client = recording.client
    for toolkit in _toolkits:
        if toolkit._client is client:
            return toolkit
    return None
