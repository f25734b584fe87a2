"""One outgoing call while it happens: what the calls of every HTTP library have in common."""

from __future__ import annotations

import os
import time
from collections.abc import MutableMapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from . import _errors, _log

if TYPE_CHECKING:
    from ._native import Recording, Rules
    from ._toolkit import APIToolkit

Body = tuple[bytes, int, bool]
"""What was captured, the size on the wire (-1: not known), whether the first is only a prefix."""


class CallContext:
    """What is the same for every call of one client."""

    __slots__ = ("recording", "rules", "toolkit", "url_wildcard")

    def __init__(
        self,
        toolkit: APIToolkit | None,
        recording: Recording | None,
        rules: Rules | None = None,
        url_wildcard: str | None = None,
    ) -> None:
        self.toolkit = toolkit
        self.recording = recording
        self.rules = rules
        self.url_wildcard = url_wildcard


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

    def body(self) -> Body:
        return bytes(self.kept), self.size, self.bytes_max > 0 and len(self.kept) < self.size


def captured(content: bytes, bytes_max: int) -> Captured:
    body = Captured(bytes_max)
    body.add(content)
    return body


class Sent(NamedTuple):
    """What a library says of the request."""

    method: str
    host: str  # with the port where the URL has one, without user information
    raw_url: str  # path and query
    headers: Sequence[tuple[bytes, bytes]]
    body: Body


class Received(NamedTuple):
    """And of the response."""

    status: int
    http_version: str
    headers: Sequence[tuple[bytes, bytes]]


NOTHING_RECEIVED = Received(0, "HTTP/1.1", ())


class Call:
    """Every method is guarded: a failure of ours is logged and the application's call goes on."""

    def __init__(
        self, context: CallContext, toolkit: APIToolkit, headers: MutableMapping[str, Any]
    ) -> None:
        options = toolkit._options
        self.context = context
        self.toolkit = toolkit
        self.start_ns = time.time_ns()
        self.began_ns = time.perf_counter_ns()
        self.ttfb_ns = -1
        self.request_body = Captured(options.body_bytes_max if options.capture_request_body else 0)
        self.response_body = Captured(
            options.body_bytes_max if options.capture_response_body else 0
        )
        self.decoded = False  # response_body is without its Content-Encoding
        self.finished = False
        self.trace_id, self.span_id, self.parent_span_id = self._trace(headers)

    def _sent(self) -> Sent:
        raise NotImplementedError

    def _received(self) -> Received:
        raise NotImplementedError

    def _trace(self, headers: MutableMapping[str, Any]) -> tuple[str, str, str]:
        """Puts W3C trace context into the request, unless there is one already: that of the
        incoming request, if it had one, with what its caller decided about sampling."""
        present = headers.get("traceparent")
        recording = self.context.recording
        parent_span_id = "" if recording is None else recording.span_id
        if present is not None:
            parts = str(present).split("-")
            return (parts[1], parts[2], parent_span_id) if len(parts) >= 4 else ("", "", "")
        trace_id = os.urandom(16).hex() if recording is None else recording.trace_id
        span_id = os.urandom(8).hex()
        flags = "01" if recording is None else recording.trace_flags
        headers["traceparent"] = f"00-{trace_id}-{span_id}-{flags}"
        if recording is not None and recording.tracestate:
            headers.setdefault("tracestate", recording.tracestate)
        return trace_id, span_id, parent_span_id

    def finish(self, error: BaseException | None = None, aborted: bool = False) -> None:
        if self.finished:
            return
        self.finished = True
        try:
            self._push(error, aborted)
        except Exception:
            _log.failure("recording an outgoing call")

    def _push(self, error: BaseException | None, aborted: bool) -> None:
        duration_ns = time.perf_counter_ns() - self.began_ns
        sent = self._sent()
        received = self._received()
        headers = received.headers
        if self.decoded:
            headers = [pair for pair in headers if pair[0].lower() != b"content-encoding"]
        publishes = self.toolkit._publishes_itself
        message = self.toolkit._client.push_outgoing(
            parent=self.context.recording,
            start_ns=self.start_ns,
            duration_ns=duration_ns,
            ttfb_ns=self.ttfb_ns,
            method=sent.method,
            host=sent.host,
            raw_url=sent.raw_url,
            url_path=self.context.url_wildcard or sent.raw_url.partition("?")[0],
            status=received.status,
            http_version=received.http_version,
            request_headers=sent.headers,
            response_headers=headers,
            request_body=sent.body,
            response_body=self.response_body.body(),
            error=None if error is None else _errors.describe(error, self.toolkit),
            trace_id=self.trace_id,
            span_id=self.span_id,
            parent_span_id=self.parent_span_id,
            aborted=aborted,
            rules=self.context.rules,
            deliver=not publishes,
        )
        if message:
            self.toolkit._publish(message)
