"""What the tests share: an application with its toolkit, and a local HTTP service to call."""

from __future__ import annotations

import base64
import json
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Callable

import pytest
from flask import Flask

from apitoolkit_flask import APIToolkit, _log

MARKER = "[CLIENT_REDACTED]"

Message = dict[str, Any]


def body_of(message: Message, name: str) -> bytes:
    return base64.b64decode(message[name] or "")


def json_of(message: Message, name: str) -> Any:
    return json.loads(body_of(message, name))


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No option or proxy of the machine that the tests run on gets into them."""
    for name in list(os.environ):
        is_option = name.startswith(("APITOOLKIT_", "OTEL_")) or name == "PUBSUB_EMULATOR_HOST"
        if is_option or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setattr(_log, "_last_failure_s", {})  # what one test logged, the next may again


@pytest.fixture
def make_toolkit() -> Iterator[Callable[..., APIToolkit]]:
    made: list[APIToolkit] = []

    def make(*args: Any, **options: Any) -> APIToolkit:
        options.setdefault("transport", "memory")
        made.append(APIToolkit(*args, **options))
        return made[-1]

    yield make
    for toolkit in made:
        toolkit.close()


@dataclass
class Site:
    """An application that records in memory."""

    app: Flask
    toolkit: APIToolkit

    def messages(self) -> list[Message]:
        return self.toolkit.take_messages()

    def message(self) -> Message:
        """The only one that was sent."""
        messages = self.messages()
        assert len(messages) == 1, messages
        return messages[0]


@pytest.fixture
def make_site(make_toolkit: Callable[..., APIToolkit]) -> Callable[..., Site]:
    def make(hooks: bool = False, **options: Any) -> Site:
        app = Flask("site")
        toolkit = make_toolkit(**options)
        if hooks:
            use_hooks(app, toolkit)
        else:
            toolkit.init_app(app)
        return Site(app, toolkit)

    return make


def use_hooks(app: Flask, toolkit: APIToolkit) -> None:
    @app.before_request
    def before_request() -> None:
        toolkit.beforeRequest()

    @app.after_request
    def after_request(response: Any) -> Any:
        toolkit.afterRequest(response)
        return response


@pytest.fixture
def site(make_site: Callable[..., Site]) -> Site:
    return make_site()


class _Service(BaseHTTPRequestHandler):
    """/json answers JSON, /echo the request's body, /stream chunks, /to/X redirects to /X."""

    protocol_version = "HTTP/1.1"
    connections = 0

    def setup(self) -> None:
        type(self).connections += 1
        super().setup()

    def log_message(self, *_: Any) -> None:
        return

    def _answer(self, body: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        if self.path.startswith("/to/"):
            self._answer(b"", 302, Location=self.path[3:])
        elif self.path.startswith("/stream"):
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for chunk in (b"one ", b"two ", b"three"):
                self.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
            self.wfile.write(b"0\r\n\r\n")
        elif self.path.startswith("/cookie"):
            self._answer(self.headers.get("Cookie", "").encode(), Set_Cookie="seen=yes")
        else:
            traceparent = self.headers.get("traceparent")
            body = json.dumps({"path": self.path, "traceparent": traceparent, "token": "s3cret"})
            self._answer(body.encode(), Content_Type="application/json")

    def do_POST(self) -> None:
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._answer(body, Content_Type=self.headers.get("Content-Type", "text/plain"))


@dataclass
class Service:
    url: str

    @property
    def connections(self) -> int:
        return _Service.connections


@pytest.fixture
def service() -> Iterator[Service]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Service)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    _Service.connections = 0
    try:
        yield Service(f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
