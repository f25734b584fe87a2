"""An HTTP proxy before the server that misbehaves on demand and remembers what was published."""

from __future__ import annotations

import base64
import contextlib
import gzip
import http.client
import json
import select
import socket
import ssl
import sys
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

Mode = Literal["pass", "hang", "reset", "401", "403", "404", "429", "500", "garbage", "half"]


@dataclass(frozen=True)
class Seen:
    """A request that came in, and when: the two clocks' seconds."""

    what: Literal["metadata", "publish"]
    mode: Mode
    steady: float
    unix: float


class FaultyProxy:
    """Forwards, or fails as `mode` says, which may change at any time; only publish requests where
    `fails_publish_only`. `retry_after` is said with 429. With `tls` it speaks HTTPS.

    Between hold() and release() it reads requests and answers none of them; `held` is how many
    wait now, `given_up` how many clients left meanwhile.
    """

    def __init__(self, target_port: int, tls: ssl.SSLContext | None = None) -> None:
        self.target_port = target_port
        self.mode: Mode = "pass"
        self.fails_publish_only = False
        self.retry_after = "0"
        self.seen: dict[str, int] = {}
        self.requests: list[Seen] = []
        self.published: list[dict[str, Any]] = []
        self.held = 0
        self.given_up = 0
        self._authorizations: list[str] = []
        self._lock = threading.Lock()
        self._gate = threading.Event()
        self._gate.set()
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                proxy._handle(self, b"")

            def do_POST(self) -> None:
                proxy._handle(self, self.rfile.read(int(self.headers.get("Content-Length", "0"))))

            def log_message(self, format: str, *args: object) -> None:
                pass

        class ProxyServer(ThreadingHTTPServer):
            def handle_error(self, request: Any, client_address: Any) -> None:
                # A client that leaves, or that trusts no certificate, is what the tests are about.
                if not isinstance(sys.exc_info()[1], OSError):
                    super().handle_error(request, client_address)

        self._released = threading.Event()
        self._scheme = "https" if tls else "http"
        self._server = ProxyServer(("127.0.0.1", 0), Handler)
        if tls is not None:
            # Not in the thread that accepts, where one client would hold up all others.
            self._server.socket = tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self._server.server_address[1]}"

    def hold(self) -> None:
        self._gate.clear()

    def release(self) -> None:
        self._gate.set()

    def assert_every_publish_was_signed(self) -> None:
        """With a JSON Web Token for Pub/Sub, whatever became of the publish."""
        for authorization in self._authorizations:
            scheme, _, token = authorization.partition(" ")
            parts = token.split(".")
            assert scheme == "Bearer" and len(parts) == 3 and all(parts), authorization
            header, claims = (
                json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
                for part in parts[:2]
            )
            assert header["alg"] == "RS256"
            assert claims["aud"] == "https://pubsub.googleapis.com/"
            assert claims["iss"] == claims["sub"] != ""
        assert self._authorizations or not self.published

    def close(self) -> None:
        self._gate.set()
        self._released.set()
        self._server.shutdown()
        self._server.server_close()

    def _handle(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        is_publish = handler.path.endswith(":publish")
        mode = self.mode if is_publish or not self.fails_publish_only else "pass"
        with self._lock:
            self.seen[mode] = self.seen.get(mode, 0) + 1
            what: Literal["metadata", "publish"] = "publish" if is_publish else "metadata"
            self.requests.append(Seen(what, mode, time.monotonic(), time.time()))
            if is_publish:
                self._authorizations.append(handler.headers.get("Authorization", ""))
        handler.close_connection = mode != "pass"
        if not self._pass_gate(handler):
            handler.close_connection = True
            return
        if mode == "pass":
            self._forward(handler, body)
        elif mode == "hang":
            while not self._released.wait(0.05) and not has_left(handler.connection):
                pass
        elif mode == "reset":
            linger = (1).to_bytes(4, "little") + (0).to_bytes(4, "little")
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            handler.connection.close()
        elif mode == "garbage":
            handler.wfile.write(b"\x00\xffnot http at all\r\n\r\n")
        elif mode == "half":
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")
        else:
            extra = f"Retry-After: {self.retry_after}\r\n" if mode == "429" else ""
            handler.wfile.write(f"HTTP/1.1 {mode} No\r\nContent-Length: 0\r\n{extra}\r\n".encode())

    def _pass_gate(self, handler: BaseHTTPRequestHandler) -> bool:
        """Waits while requests are held; false if the client did not wait as long."""
        with self._lock:
            self.held += 1
        is_patient = True
        while is_patient and not self._gate.wait(0.02):
            is_patient = not has_left(handler.connection)
        with self._lock:
            self.held -= 1
            self.given_up += not is_patient
        return is_patient

    def _forward(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        if handler.path.endswith(":publish"):
            text = (
                gzip.decompress(body) if handler.headers.get("Content-Encoding") == "gzip" else body
            )
            self.published += [
                json.loads(base64.b64decode(m["data"])) for m in json.loads(text)["messages"]
            ]
        target = http.client.HTTPConnection("127.0.0.1", self.target_port, timeout=30)
        with contextlib.closing(target) as connection:
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


def has_left(connection: socket.socket) -> bool:
    """Whether the client closed its end."""
    try:
        readable, _, _ = select.select([connection], [], [], 0)
        return bool(readable) and connection.recv(1, socket.MSG_PEEK) == b""
    except OSError:
        return True


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
