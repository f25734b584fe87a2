"""`instrument_requests`: every call of the library `requests`, recorded.

`Session.send` is the one method that every call goes through, and each redirect once more.
"""

from __future__ import annotations

import functools
import io
import time
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests

from . import _log
from ._call import NOTHING_RECEIVED, Call, CallContext, Received, Sent, captured
from ._instrumentation import Instrumentation, Patch
from ._requests_tee import BodyTee, RawTee

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ._toolkit import APIToolkit

_VERSIONS = {10: "HTTP/1.0", 20: "HTTP/2"}  # as http.client has them; 11 is the rest

_current: ContextVar[RequestsCall | None] = ContextVar("apitoolkit_requests_call", default=None)


def _bytes(text: Any) -> bytes:
    return text if isinstance(text, bytes) else str(text).encode("utf-8", "replace")


def _pairs(items: Iterable[tuple[Any, Any]]) -> list[tuple[bytes, bytes]]:
    return [(_bytes(name), _bytes(value)) for name, value in items]


class RequestsCall(Call):
    def __init__(
        self,
        context: CallContext,
        toolkit: APIToolkit,
        session: requests.Session,
        request: requests.PreparedRequest,
    ) -> None:
        super().__init__(context, toolkit, request.headers)
        self.session = session
        self.request = request
        self.body = request.body
        self.traceparent = request.headers.get("traceparent")
        self.response: requests.Response | None = None

    def has_step(self, session: requests.Session, request: requests.PreparedRequest) -> bool:
        """Whether `request` is a redirect of this call: they have its headers."""
        return session is self.session and request.headers.get("traceparent") == self.traceparent

    def tee_request(self) -> None:
        body: Any = self.body
        if body is None or isinstance(body, (str, bytes, bytearray, io.TextIOBase)):
            return  # text is encoded by whoever sends it, who must see what it is
        self.request.body = BodyTee(self, body)

    def sent(self) -> None:
        self.request.body = self.body

    def responded(self, response: requests.Response, stream: bool) -> None:
        try:
            self.response = response
            if stream and not response._content_consumed:
                self.ttfb_ns = time.perf_counter_ns() - self.began_ns
                if hasattr(response.raw, "read"):
                    RawTee(self, response.raw)
                else:  # made by hand
                    self.finish()
                return
            took = sum((step.elapsed for step in response.history), response.elapsed)
            self.ttfb_ns = int(took.total_seconds() * 1e9)
            self.decoded = True
            self.response_body.add(response.content)
            received = getattr(response.raw, "tell", int)()
            self.response_body.size = max(received, len(response.content))
        except Exception:
            _log.failure("recording an outgoing call")
        self.finish()

    def _sent(self) -> Sent:
        request = self.request
        if isinstance(self.body, (str, bytes)):
            body = captured(_bytes(self.body), self.request_body.bytes_max).body()
        else:
            body = self.request_body.body()
        return Sent(
            request.method or "",
            urlsplit(request.url or "").netloc.rpartition("@")[2],
            request.path_url,
            _pairs(request.headers.items()),
            body,
        )

    def _received(self) -> Received:
        response = self.response
        if response is None:
            return NOTHING_RECEIVED
        # Those of urllib3 keep repeated names apart.
        headers = getattr(response.raw, "headers", None) or response.headers
        version = getattr(response.raw, "version", 11)
        return Received(
            response.status_code, _VERSIONS.get(version, "HTTP/1.1"), _pairs(headers.items())
        )


def _begin(session: requests.Session, request: requests.PreparedRequest) -> RequestsCall | None:
    try:
        outer = _current.get()
        if outer is not None and outer.has_step(session, request):
            return None
        context = instrumentation.context()
        if context is None or context.toolkit is None:
            return None
        call = RequestsCall(context, context.toolkit, session, request)
        call.tee_request()
        return call
    except Exception:
        _log.failure("recording an outgoing call")
        return None


def _wrap_send(original: Any) -> Any:
    @functools.wraps(original)
    def send(self: requests.Session, request: requests.PreparedRequest, **options: Any) -> Any:
        call = _begin(self, request)
        if call is None:
            return original(self, request, **options)
        token = _current.set(call)
        try:
            response = original(self, request, **options)
        except BaseException as error:
            call.finish(error)
            raise
        finally:
            _current.reset(token)
            call.sent()
        call.responded(response, options.get("stream", self.stream))
        return response

    return send


instrumentation = Instrumentation(lambda: [Patch(requests.Session, "send", _wrap_send)])
