"""A receiver of OTLP over HTTP on the loopback, which reads with OpenTelemetry's own classes."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Callable

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, Span

Answer = tuple[int, bytes, dict[str, str]]

METADATA = {
    "project_id": "11111111-2222-3333-4444-555555555555",
    "topic_id": "topic",
    "pubsub_project_id": "project",
    "pubsub_push_service_account": {
        "type": "service_account",
        "project_id": "project",
        "private_key_id": "k1",
        "private_key": "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n",
        "client_email": "x@project.iam.gserviceaccount.com",
    },
}


def value_of(value: AnyValue) -> Any:
    kind = value.WhichOneof("value")
    assert kind is not None, "an attribute without a value"
    if kind == "array_value":
        return [value_of(item) for item in value.array_value.values]
    return getattr(value, kind)


def attributes_of(pairs: Any) -> dict[str, Any]:
    """By name; none may be there twice."""
    found: dict[str, Any] = {}
    pair: KeyValue
    for pair in pairs:
        assert pair.key not in found, pair.key
        found[pair.key] = value_of(pair.value)
    return found


class Receiver:
    """Accepts what comes, or answers as `answer`, which is given the request, says."""

    def __init__(self) -> None:
        self.url = ""
        self.lock = threading.Lock()
        self.accepted: list[ExportTraceServiceRequest] = []
        self.bodies: list[bytes] = []  # of the accepted ones, not compressed
        self.headers: list[dict[str, str]] = []  # of all, names in lower case
        self.paths: list[str] = []  # of all
        self.answer: Callable[[ExportTraceServiceRequest], Answer] = lambda _: accept()
        self.metadata: Callable[[], Answer] = lambda: (200, json.dumps(METADATA).encode(), {})

    def resources(self) -> list[ResourceSpans]:
        with self.lock:
            return [spans for request in self.accepted for spans in request.resource_spans]

    def spans(self) -> list[Span]:
        return [
            span
            for resource in self.resources()
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    def receive(self, path: str, headers: dict[str, str], body: bytes) -> Answer:
        if headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        request = ExportTraceServiceRequest.FromString(body)
        with self.lock:
            self.paths.append(path)
            self.headers.append(headers)
            answer = self.answer(request)
            if answer[0] == 200:
                self.accepted.append(request)
                self.bodies.append(body)
        return answer


def accept(rejected: int = 0, message: str = "") -> Answer:
    response = ExportTraceServiceResponse()
    if rejected:
        response.partial_success.rejected_spans = rejected
        response.partial_success.error_message = message
    return 200, response.SerializeToString(), {"Content-Type": "application/x-protobuf"}


@contextmanager
def running_receiver() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            return

        def _send(self, answer: Answer) -> None:
            status, body, headers = answer
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            with receiver.lock:
                receiver.paths.append(self.path)
                receiver.headers.append({k.lower(): v for k, v in self.headers.items()})
            self._send(receiver.metadata())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            self._send(receiver.receive(self.path, headers, body))

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
