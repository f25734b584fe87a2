"""One outgoing HTTPX call while it happens: what the sync and the async client share."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import httpx

from . import _context, _log
from ._call import NOTHING_RECEIVED, Body, Call, CallContext, Received, Sent, captured

if TYPE_CHECKING:
    from ._toolkit import APIToolkit

# Stands in a request's __dict__ while it is sent by a client that records it: what this client is
# made of need not.
_IS_RECORDED = "__apitoolkit_recorded__"

# The options of httpx.Client that a client on a shared pool can have of its own.
OWN_OPTIONS = (
    "auth",
    "base_url",
    "cookies",
    "event_hooks",
    "follow_redirects",
    "headers",
    "max_redirects",
    "params",
    "timeout",
)
# Those that bring a pool with them.
UNSHARED_OPTIONS = frozenset({"app", "mounts", "transport"})


def pool_key(options: dict[str, Any]) -> tuple[Any, ...] | None:
    """What a pool is shared by; None where the options ask for one of their own."""
    if UNSHARED_OPTIONS & options.keys():
        return None
    key = tuple(sorted((name, options[name]) for name in options.keys() - set(OWN_OPTIONS)))
    try:
        hash(key)
    except TypeError:
        return None
    return key


def apply_own_options(client: Any, options: dict[str, Any]) -> None:
    """Gives a copy of a pool's client state of its own: nothing of one call shows in another."""
    client.cookies = options.get("cookies")
    client.headers = options.get("headers")
    client.params = options.get("params")
    client.event_hooks = options.get("event_hooks") or {}
    for name in OWN_OPTIONS:
        if name in options and name not in ("cookies", "headers", "params", "event_hooks"):
            setattr(client, name, options[name])


class HttpxCall(Call):
    def __init__(self, context: CallContext, toolkit: APIToolkit, request: httpx.Request) -> None:
        super().__init__(context, toolkit, request.headers)
        self.request = request
        self.response: httpx.Response | None = None

    def is_sent(self, yes: bool) -> None:
        """Whether the request is on its way, with this call to record it."""
        if yes:
            self.request.__dict__[_IS_RECORDED] = True
        else:
            self.request.__dict__.pop(_IS_RECORDED, None)

    def responded(self, response: httpx.Response) -> None:
        self.ttfb_ns = time.perf_counter_ns() - self.began_ns
        self.response = response

    def read(self, response: httpx.Response) -> None:
        """The body is in memory: HTTPX has undone its Content-Encoding."""
        try:
            self.decoded = True
            self.response_body.add(response.content)
            self.response_body.size = max(response.num_bytes_downloaded, len(response.content))
        except Exception:
            _log.failure("recording an outgoing call")
        self.finish()

    def _sent(self) -> Sent:
        url = self.request.url
        return Sent(
            self.request.method,
            url.netloc.decode("ascii", "replace"),
            url.raw_path.decode("ascii", "replace"),
            self.request.headers.raw,
            self._request_body(),
        )

    def _request_body(self) -> Body:
        try:
            content = self.request.content
        except httpx.RequestNotRead:
            return self.request_body.body()  # a stream, which was teed
        return captured(content, self.request_body.bytes_max).body()

    def _received(self) -> Received:
        response = self.response
        if response is None:
            return NOTHING_RECEIVED
        return Received(response.status_code, response.http_version, response.headers.raw)


def begin_call(context: CallContext | None, request: httpx.Request) -> HttpxCall | None:
    """None where there is nothing to record it with, or where it is recorded already."""
    if context is None or context.toolkit is None:
        return None
    if _IS_RECORDED in request.__dict__ or _context.is_paused():
        return None
    try:
        return HttpxCall(context, context.toolkit, request)
    except Exception:
        _log.failure("recording an outgoing call")
        return None
