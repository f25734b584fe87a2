from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from .processes import Server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    data = tmp_path / "data"
    running = Server(data, tmp_path / "server.log").start()
    yield running
    if running.process is not None and running.process.poll() is None:
        assert running.stop() == 0, running.log.read_text()


class _SecondService(BaseHTTPRequestHandler):
    """What the application under test calls: answers JSON, echoes what it was sent, or fails."""

    protocol_version = "HTTP/1.1"

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
def second_service() -> Iterator[str]:
    service = ThreadingHTTPServer(("127.0.0.1", 0), _SecondService)
    thread = Thread(target=service.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{service.server_address[1]}"
    service.shutdown()
    service.server_close()
