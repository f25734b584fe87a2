"""From a request to what is being recorded of it, and by which APIToolkit."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

from ._native import ENVIRON_KEY, Recording

if TYPE_CHECKING:
    from ._toolkit import APIToolkit

_toolkits: weakref.WeakSet[APIToolkit] = weakref.WeakSet()
_newest: weakref.ref[APIToolkit] | None = None


def recording_of(request: Any) -> Recording | None:
    """The recording in progress for `request`: Flask's proxy, a request object, anything with an
    environ. None outside of a request, for a request that is not recorded, for other objects."""
    try:
        recording = request.environ.get(ENVIRON_KEY)
    except Exception:  # a proxy outside of its context raises; None has no environ
        return None
    return recording if isinstance(recording, Recording) else None


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
