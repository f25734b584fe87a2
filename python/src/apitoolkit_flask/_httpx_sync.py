"""httpx.Client, observed. `send` is the one method that every call goes through."""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Iterator
from typing import Any, cast

import httpx

from ._call import Call, CallContext
from ._httpx_call import HttpxCall, apply_own_options, begin_call, pool_key

POOLS_MAX = 32  # sets of options that have a pool; more take one for themselves

_pools: dict[tuple[Any, ...], httpx.Client] = {}
_lock = threading.Lock()


class _Observed(httpx.Client):
    """Mixed in before the client's own type, whose __dict__ it works on."""

    _apitoolkit_context: CallContext
    __slots__ = ("_apitoolkit_context",)

    def send(
        self, request: httpx.Request, *, stream: bool = False, **options: Any
    ) -> httpx.Response:
        call = begin_call(self._apitoolkit_context, request)
        if call is None:
            return super().send(request, stream=stream, **options)
        return send_recorded(call, super().send, request, stream, options)


def send_recorded(
    call: HttpxCall, send: Any, request: httpx.Request, stream: bool, options: dict[str, Any]
) -> httpx.Response:
    """Sends the request by `send`, a client's method, and records it as `call`."""
    _tee_request(call, request)
    call.is_sent(True)
    try:
        response: httpx.Response = send(request, stream=True, **options)
        call.responded(response)
        if not stream:
            _read(response)
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

    def __enter__(self) -> _OnSharedPool:
        return self

    def __exit__(self, *exc_info: object) -> None:
        return

    def close(self) -> None:
        return


def _read(response: httpx.Response) -> None:
    try:
        response.read()
    except BaseException:
        response.close()
        raise


class _RequestTee(httpx.SyncByteStream):
    def __init__(self, call: Call, stream: httpx.SyncByteStream) -> None:
        self._call = call
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        self._call.request_body.clear()  # a redirect sends the body again
        for chunk in self._stream:
            self._call.request_body.add(chunk)
            yield chunk

    def close(self) -> None:
        self._stream.close()


class _ResponseTee(httpx.SyncByteStream):
    def __init__(self, call: Call, stream: httpx.SyncByteStream) -> None:
        self._call = call
        self._stream = stream
        self._ended = False

    def __iter__(self) -> Iterator[bytes]:
        try:
            for chunk in self._stream:
                self._call.response_body.add(chunk)
                yield chunk
        except GeneratorExit:
            raise
        except BaseException as error:
            self._call.finish(error)
            raise
        self._ended = True

    def close(self) -> None:
        try:
            self._stream.close()
        finally:
            self._call.finish(aborted=not self._ended)

    def __del__(self) -> None:
        self._call.finish(aborted=not self._ended)


def _tee_request(call: Call, request: httpx.Request) -> None:
    if not hasattr(request, "_content") and isinstance(request.stream, httpx.SyncByteStream):
        request.stream = _RequestTee(call, request.stream)


def _tee_response(call: Call, response: httpx.Response) -> None:
    if isinstance(response.stream, httpx.SyncByteStream) and not response.is_closed:
        response.stream = _ResponseTee(call, response.stream)
    else:
        call.finish()


_observed_types: dict[type, type[httpx.Client]] = {httpx.Client: _Observed}


def _observed_type(client_type: type[httpx.Client]) -> type[httpx.Client]:
    if issubclass(client_type, _Observed):
        return client_type
    observed_type = _observed_types.get(client_type)
    if observed_type is None:
        name = "Observed" + client_type.__name__
        observed_type = type(name, (_Observed, client_type), {"__slots__": ()})
        _observed_types[client_type] = observed_type
    return observed_type


def _view(
    view_type: type[httpx.Client], state: dict[str, Any], context: CallContext
) -> httpx.Client:
    view = cast("_Observed", object.__new__(view_type))
    view.__dict__ = state
    view._apitoolkit_context = context
    return view


def _pool(key: tuple[Any, ...]) -> httpx.Client | None:
    with _lock:
        client = _pools.get(key)
        if client is None and len(_pools) < POOLS_MAX:
            client = _pools[key] = httpx.Client(**dict(key))
        return client


def observed(
    context: CallContext, client: httpx.Client | None, options: dict[str, Any]
) -> httpx.Client:
    if client is not None:
        if not isinstance(client, httpx.Client):
            raise TypeError(f"client: expected httpx.Client, got {type(client).__name__}")
        if options:
            raise TypeError(f"{min(options)}: not possible together with client")
        return _view(_observed_type(type(client)), client.__dict__, context)
    key = pool_key(options)
    pool = None if key is None else _pool(key)
    if pool is None:
        return _view(_Observed, httpx.Client(**options).__dict__, context)
    view = _view(_OnSharedPool, dict(pool.__dict__), context)
    apply_own_options(view, options)
    return view


def _forget_pools() -> None:
    global _lock
    _lock = threading.Lock()  # whoever held the one before is not there to release it
    _pools.clear()


@atexit.register
def _close_pools() -> None:
    for client in _pools.values():
        client.close()


# A connection of the parent is not the child's to use.
os.register_at_fork(after_in_child=_forget_pools)
