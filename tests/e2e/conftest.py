from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from .processes import Server, held_port

# Neither a proxy nor an emulator of the machine gets between the tests and their own processes.
for _name in list(os.environ):
    if _name.lower().endswith("_proxy") or _name == "PUBSUB_EMULATOR_HOST":
        del os.environ[_name]
os.environ["NO_PROXY"] = "*"
# A shell's background job ignores it, and so would every server that is to be ended by it.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A running server, whose port is kept for it while a test has it stopped."""
    with held_port() as port:
        running = Server(tmp_path / "data", tmp_path / "server.log", port=port).start()
        yield running
        if running.process is not None and running.process.poll() is None:
            assert running.stop() == 0, running.log.read_text()


@pytest.fixture
def refusing_service() -> Iterator[str]:
    """The URL of a service that is not there."""
    with held_port() as port:
        yield f"http://127.0.0.1:{port}"


@dataclass
class SecondService:
    """What the application under test calls, and the heads of the requests that it was sent."""

    url: str
    heads: list[Message] = field(default_factory=list)


class _SecondServer(ThreadingHTTPServer):
    heads: list[Message]


class _Handler(BaseHTTPRequestHandler):
    """Answers JSON, echoes what it was sent, or fails."""

    protocol_version = "HTTP/1.1"
    server: _SecondServer

    def parse_request(self) -> bool:
        is_valid = super().parse_request()
        if is_valid:
            self.server.heads.append(self.headers)
        return is_valid

    def do_GET(self) -> None:
        if self.path.startswith("/moved"):
            self.send_response(302)
            self.send_header("Location", "/todos/2")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self._answer(200, {"id": 2, "title": "write the tests", "token": "second-service-secret"})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self._answer(
            402 if b"declined" in body else 201,
            {"received": len(body), "card": "4111-outgoing-secret"},
        )

    def _answer(self, status: int, body: dict[str, object]) -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.send_header("Set-Cookie", "session=second-service-cookie")
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def second_service() -> Iterator[SecondService]:
    server = _SecondServer(("127.0.0.1", 0), _Handler)
    service = SecondService(f"http://127.0.0.1:{server.server_address[1]}")
    server.heads = service.heads
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield service
    server.shutdown()
    server.server_close()
