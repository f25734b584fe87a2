"""One outgoing HTTPX call while it happens: what the sync and the async client share."""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING, Any

import httpx

from . import _errors, _log

if TYPE_CHECKING:
    from ._outgoing_calls import CallContext
    from ._toolkit import APIToolkit

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


class Captured:
    """The first bytes of a body, and how many there were."""

    __slots__ = ("bytes_max", "kept", "size")

    def __init__(self, bytes_max: int) -> None:
        self.bytes_max = bytes_max
        self.kept = bytearray()
        self.size = 0

    def add(self, chunk: bytes) -> None:
        room = self.bytes_max - len(self.kept)
        if room > 0:
            self.kept += chunk[:room]
        self.size += len(chunk)

    def clear(self) -> None:
        self.kept.clear()
        self.size = 0

    def body(self) -> tuple[bytes, int, bool]:
        return bytes(self.kept), self.size, self.bytes_max > 0 and len(self.kept) < self.size


def captured(content: bytes, bytes_max: int) -> Captured:
    body = Captured(bytes_max)
    body.add(content)
    return body


class Call:
    """Every method is guarded: a failure of ours is logged and the application's call goes on."""

    def __init__(self, context: CallContext, toolkit: APIToolkit, request: httpx.Request) -> None:
        options = toolkit._options
        self.context = context
        self.toolkit = toolkit
        self.request = request
        self.start_ns = time.time_ns()
        self.began_ns = time.perf_counter_ns()
        self.ttfb_ns = -1
        self.response: httpx.Response | None = None
        self.request_body = Captured(options.body_bytes_max if options.capture_request_body else 0)
        self.response_body = Captured(
            options.body_bytes_max if options.capture_response_body else 0
        )
        self.decoded = False
        self.finished = False
        self.trace_id, self.span_id, self.parent_span_id = self._trace()

    def _trace(self) -> tuple[str, str, str]:
        """Puts W3C trace context into the request, unless there is one already: that of the
        incoming request, if it had one, with what its caller decided about sampling."""
        present = self.request.headers.get("traceparent")
        recording = self.context.recording
        parent_span_id = "" if recording is None else recording.span_id
        if present is not None:
            parts = present.split("-")
            return (parts[1], parts[2], parent_span_id) if len(parts) >= 4 else ("", "", "")
        trace_id = os.urandom(16).hex() if recording is None else recording.trace_id
        span_id = os.urandom(8).hex()
        flags = "01" if recording is None else recording.trace_flags
        self.request.headers["traceparent"] = f"00-{trace_id}-{span_id}-{flags}"
        if recording is not None and recording.tracestate:
            self.request.headers.setdefault("tracestate", recording.tracestate)
        return trace_id, span_id, parent_span_id

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

    def finish(self, error: BaseException | None = None, aborted: bool = False) -> None:
        if self.finished:
            return
        self.finished = True
        try:
            self._push(error, aborted)
        except Exception:
            _log.failure("recording an outgoing call")

    def _request_body(self) -> tuple[bytes, int, bool]:
        try:
            content = self.request.content
        except httpx.RequestNotRead:
            return self.request_body.body()  # a stream, which was teed
        return captured(content, self.request_body.bytes_max).body()

    def _push(self, error: BaseException | None, aborted: bool) -> None:
        url = self.request.url
        raw_url = url.raw_path.decode("ascii", "replace")
        response = self.response
        headers = [] if response is None else response.headers.raw
        if self.decoded:
            headers = [pair for pair in headers if pair[0].lower() != b"content-encoding"]
        publishes = self.toolkit._publishes_itself
        message = self.toolkit._client.push_outgoing(
            parent=self.context.recording,
            start_ns=self.start_ns,
            duration_ns=time.perf_counter_ns() - self.began_ns,
            ttfb_ns=self.ttfb_ns,
            method=self.request.method,
            host=url.netloc.decode("ascii", "replace"),
            raw_url=raw_url,
            url_path=self.context.url_wildcard or raw_url.partition("?")[0],
            status=0 if response is None else response.status_code,
            http_version="HTTP/1.1" if response is None else response.http_version,
            request_headers=self.request.headers.raw,
            response_headers=headers,
            request_body=self._request_body(),
            response_body=self.response_body.body(),
            error=None if error is None else _errors.describe(error),
            trace_id=self.trace_id,
            span_id=self.span_id,
            parent_span_id=self.parent_span_id,
            aborted=aborted,
            rules=self.context.rules,
            deliver=not publishes,
        )
        if message:
            self.toolkit.publish_message(json.loads(message))


def begin_call(context: CallContext, request: httpx.Request) -> Call | None:
    """None where there is nothing to record it with."""
    if context.toolkit is None:
        return None
    try:
        return Call(context, context.toolkit, request)
    except Exception:
        _log.failure("recording an outgoing call")
        return None
