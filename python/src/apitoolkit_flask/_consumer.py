"""Who called: the application's own answer, asked once a response is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import _log

if TYPE_CHECKING:
    from ._native import Recording
    from ._toolkit import APIToolkit

CONSUMER_CHARS_MAX = 256


def identify(toolkit: APIToolkit, recording: Recording, source: Any) -> None:
    """Asks the option `consumer`, if it is set, with Flask's request or a WSGI environ.

    Never raises: without an answer the exchange has no consumer.
    """
    find = toolkit._options.consumer
    if find is None:
        return
    try:
        consumer = find(source)
        if consumer is not None:
            recording.set_consumer(str(consumer)[:CONSUMER_CHARS_MAX])
    except Exception:
        _log.failure("the option consumer")
