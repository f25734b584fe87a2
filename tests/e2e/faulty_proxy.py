"""An HTTP proxy before the server that misbehaves on demand and remembers what was published."""

from __future__ import annotations

import base64
import gzip
import http.client
import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

Mode = Literal["pass", "hang", "reset", "401", "404", "429", "500", "garbage", "half"]


class FaultyProxy:
    """Listens on `port` from start() on; `mode` may change at any time."""

    def __init__(self, target_port: int) -> None:
        self.target_port = target_port
        self.mode: Mode = "pass"
        self.seen: dict[str, int] = {}
        self.published: list[dict[str, Any]] = []
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                proxy._handle(self, b"")

            def do_POST(self) -> None:
                proxy._handle(self, self.rfile.read(int(self.headers.get("Content-Length", "0"))))

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._released = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._released.set()
        self._server.shutdown()
        self._server.server_close()

    def _handle(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        mode = self.mode
        self.seen[mode] = self.seen.get(mode, 0) + 1
        handler.close_connection = mode != "pass"
        if mode == "pass":
            self._forward(handler, body)
        elif mode == "hang":
            self._released.wait(120)
        elif mode == "reset":
            linger = (1).to_bytes(4, "little") + (0).to_bytes(4, "little")
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            handler.connection.close()
        elif mode == "garbage":
            handler.wfile.write(b"\x00\xffnot http at all\r\n\r\n")
        elif mode == "half":
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")
        else:
            extra = "Retry-After: 0\r\n" if mode == "429" else ""
            handler.wfile.write(f"HTTP/1.1 {mode} No\r\nContent-Length: 0\r\n{extra}\r\n".encode())

    def _forward(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        if handler.path.endswith(":publish"):
            text = (
                gzip.decompress(body) if handler.headers.get("Content-Encoding") == "gzip" else body
            )
            self.published += [
                json.loads(base64.b64decode(m["data"])) for m in json.loads(text)["messages"]
            ]
        connection = http.client.HTTPConnection("127.0.0.1", self.target_port, timeout=30)
        connection.request(handler.command, handler.path, body, dict(handler.headers))
        answer = connection.getresponse()
        content = answer.read()
        handler.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in (
                "content-length",
                "transfer-encoding",
                "connection",
                "date",
                "server",
            ):
                handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)
        connection.close()


def decoded_text(message: dict[str, Any]) -> str:
    """Everything a published message says, with its bodies decoded."""
    bodies = [
        base64.b64decode(message.get(name) or "") for name in ("request_body", "response_body")
    ]
    return json.dumps(message, ensure_ascii=False) + "".join(
        b.decode(errors="replace") for b in bodies
    )


def wait_until_seen(proxy: FaultyProxy, mode: str, times: int, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while proxy.seen.get(mode, 0) < times:
        assert time.monotonic() < deadline, (
            f"the proxy saw {proxy.seen}, waited for {times} × {mode}"
        )
        time.sleep(0.02)
