"""`instrument_httpx`: the clients' one method that every call goes through, replaced."""

from __future__ import annotations

import functools
from typing import Any

import httpx

from . import _httpx_async, _httpx_sync, _log
from ._call import CallContext
from ._httpx_call import begin_call
from ._instrumentation import Instrumentation, Patch


def _context() -> CallContext | None:
    try:
        return instrumentation.context()
    except Exception:
        _log.failure("recording an outgoing call")
        return None


def _wrap_send(original: Any) -> Any:
    @functools.wraps(original)
    def send(
        self: httpx.Client, request: httpx.Request, *, stream: bool = False, **options: Any
    ) -> Any:
        call = begin_call(_context(), request)
        if call is None:
            return original(self, request, stream=stream, **options)
        bound = functools.partial(original, self)
        return _httpx_sync.send_recorded(call, bound, request, stream, options)

    return send


def _wrap_async_send(original: Any) -> Any:
    @functools.wraps(original)
    async def send(
        self: httpx.AsyncClient, request: httpx.Request, *, stream: bool = False, **options: Any
    ) -> Any:
        call = begin_call(_context(), request)
        if call is None:
            return await original(self, request, stream=stream, **options)
        bound = functools.partial(original, self)
        return await _httpx_async.send_recorded(call, bound, request, stream, options)

    return send


instrumentation = Instrumentation(
    lambda: [
        Patch(httpx.Client, "send", _wrap_send),
        Patch(httpx.AsyncClient, "send", _wrap_async_send),
    ]
)
