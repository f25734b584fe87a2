"""The option `before_send`: the application's last word on a message that is about to leave."""

from __future__ import annotations

import json
from typing import Any, Callable

from . import _context, _log


class BeforeSend:
    """What the core asks about each message: its bytes in, the bytes to send or None out.

    Fails closed: what raises, or gives something else than a dict that JSON can say, sends nothing.
    """

    def __init__(self, change: Callable[[dict[str, Any]], dict[str, Any] | None]) -> None:
        self._change = change

    def __call__(self, message: bytes) -> bytes | None:
        try:
            with _context.paused():
                changed: object = self._change(json.loads(message))
            if changed is None:
                return None
            if not isinstance(changed, dict):
                raise TypeError(f"before_send: expected a dict or None, got {_kind(changed)}")
            return json.dumps(changed, allow_nan=False).encode()
        except Exception:
            _log.failure("the option before_send, whose message is dropped,")
            return None


def _kind(value: object) -> str:
    return type(value).__name__
