"""httpx.AsyncClient, observed; as _httpx_sync, but a pool belongs to one event loop."""

from __future__ import annotations

import asyncio
import os
import threading
import weakref
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any, cast

import httpx

from ._call import Call, CallContext
from ._httpx_call import HttpxCall, apply_own_options, begin_call, pool_key

POOLS_MAX = 32  # of one event loop


class _LoopPools:
    """The clients of one event loop. They are closed when the loop shuts its generators down, as
    asyncio.run and Flask's async views do at their end."""

    def __init__(self) -> None:
        self.clients: dict[tuple[Any, ...], httpx.AsyncClient] = {}
        self._closer: AsyncGenerator[None, None] | None = None

    async def close_with_loop(self) -> None:
        if self._closer is None:
            self._closer = self._close_at_end()
            await self._closer.__anext__()

    async def _close_at_end(self) -> AsyncGenerator[None, None]:
        try:
            yield
        finally:
            while self.clients:
                await self.clients.popitem()[1].aclose()


_pools: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, _LoopPools] = (
    weakref.WeakKeyDictionary()
)
_lock = threading.Lock()  # of _pools: each loop runs in a thread of its own


class _Observed(httpx.AsyncClient):
    """Mixed in before the client's own type, whose __dict__ it works on."""

    _apitoolkit_context: CallContext
    _apitoolkit_pools: _LoopPools | None
    __slots__ = ("_apitoolkit_context", "_apitoolkit_pools")

    async def send(
        self, request: httpx.Request, *, stream: bool = False, **options: Any
    ) -> httpx.Response:
        if self._apitoolkit_pools is not None:
            await self._apitoolkit_pools.close_with_loop()
        call = begin_call(self._apitoolkit_context, request)
        if call is None:
            return await super().send(request, stream=stream, **options)
        return await send_recorded(call, super().send, request, stream, options)


async def send_recorded(
    call: HttpxCall, send: Any, request: httpx.Request, stream: bool, options: dict[str, Any]
) -> httpx.Response:
    """Sends the request by `send`, a client's method, and records it as `call`."""
    _tee_request(call, request)
    call.is_sent(True)
    try:
        response: httpx.Response = await send(request, stream=True, **options)
        call.responded(response)
        if not stream:
            await _read(response)
    except BaseException as error:
        call.finish(error)
        raise
    finally:
        call.is_sent(False)
    if stream:
        _tee_response(call, response)
    else:
        call.read(response)
    return response


class _OnSharedPool(_Observed):
    """The pool outlives every client on it."""

    __slots__ = ()

    async def __aenter__(self) -> _OnSharedPool:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        return

    async def aclose(self) -> None:
        return


async def _read(response: httpx.Response) -> None:
    try:
        await response.aread()
    except BaseException:
        await response.aclose()
        raise


class _RequestTee(httpx.AsyncByteStream):
    def __init__(self, call: Call, stream: httpx.AsyncByteStream) -> None:
        self._call = call
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self._call.request_body.clear()  # a redirect sends the body again
        async for chunk in self._stream:
            self._call.request_body.add(chunk)
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


class _ResponseTee(httpx.AsyncByteStream):
    def __init__(self, call: Call, stream: httpx.AsyncByteStream) -> None:
        self._call = call
        self._stream = stream
        self._ended = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._stream:
                self._call.response_body.add(chunk)
                yield chunk
        except GeneratorExit:
            raise
        except BaseException as error:
            self._call.finish(error)
            raise
        self._ended = True

    async def aclose(self) -> None:
        try:
            await self._stream.aclose()
        finally:
            self._call.finish(aborted=not self._ended)

    def __del__(self) -> None:
        self._call.finish(aborted=not self._ended)


def _tee_request(call: Call, request: httpx.Request) -> None:
    if not hasattr(request, "_content") and isinstance(request.stream, httpx.AsyncByteStream):
        request.stream = _RequestTee(call, request.stream)


def _tee_response(call: Call, response: httpx.Response) -> None:
    if isinstance(response.stream, httpx.AsyncByteStream) and not response.is_closed:
        response.stream = _ResponseTee(call, response.stream)
    else:
        call.finish()


_observed_types: dict[type, type[httpx.AsyncClient]] = {httpx.AsyncClient: _Observed}


def _observed_type(client_type: type[httpx.AsyncClient]) -> type[httpx.AsyncClient]:
    if issubclass(client_type, _Observed):
        return client_type
    observed_type = _observed_types.get(client_type)
    if observed_type is None:
        name = "Observed" + client_type.__name__
        observed_type = type(name, (_Observed, client_type), {"__slots__": ()})
        _observed_types[client_type] = observed_type
    return observed_type


def _view(
    view_type: type[httpx.AsyncClient],
    state: dict[str, Any],
    context: CallContext,
    pools: _LoopPools | None = None,
) -> httpx.AsyncClient:
    view = cast("_Observed", object.__new__(view_type))
    view.__dict__ = state
    view._apitoolkit_context = context
    view._apitoolkit_pools = pools
    return view


def _pools_of_this_loop() -> _LoopPools | None:
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:  # another kind of loop, or none yet
        return None
    with _lock:
        for other in list(_pools):
            if other.is_closed():
                del _pools[other]
        return _pools.setdefault(loop, _LoopPools())


def observed(
    context: CallContext, client: httpx.AsyncClient | None, options: dict[str, Any]
) -> httpx.AsyncClient:
    if client is not None:
        if not isinstance(client, httpx.AsyncClient):
            raise TypeError(f"client: expected httpx.AsyncClient, got {type(client).__name__}")
        if options:
            raise TypeError(f"{min(options)}: not possible together with client")
        pools = client._apitoolkit_pools if isinstance(client, _Observed) else None
        return _view(_observed_type(type(client)), client.__dict__, context, pools)
    key = pool_key(options)
    pools = None if key is None else _pools_of_this_loop()
    if (
        key is None
        or pools is None
        or (key not in pools.clients and len(pools.clients) >= POOLS_MAX)
    ):
        return _view(_Observed, httpx.AsyncClient(**options).__dict__, context)
    if key not in pools.clients:
        pools.clients[key] = httpx.AsyncClient(**dict(key))
    view = _view(_OnSharedPool, dict(pools.clients[key].__dict__), context, pools)
    apply_own_options(view, options)
    return view


def _renew_lock() -> None:
    global _lock
    _lock = threading.Lock()  # whoever held the one before is not there to release it


# The pools stay where they are: they belong to the parent's event loops, as does closing them.
os.register_at_fork(after_in_child=_renew_lock)
