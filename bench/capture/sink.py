"""What everybody exports to: a server on the loopback that reads, says yes, and forgets.

It answers client_metadata and publishes (wire/README.md), and an empty 200 to all else, which OTLP
over HTTP and Sentry's envelopes take for success. Since it shares the machine with what is
measured, it does no more than that, in a process of its own: `with Sink() as sink: … sink.url`.

    python bench/capture/sink.py        prints its URL, serves until its standard input ends
"""

from __future__ import annotations

import json
import re
import socketserver
import subprocess
import sys
import threading
import zlib
from pathlib import Path
from types import TracebackType

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_GZIPPED = re.compile(rb"\r\ncontent-encoding: *gzip", re.IGNORECASE)


def _metadata(url: str) -> bytes:
    key = subprocess.run(
        ["openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    account = {
        "type": "service_account",
        "project_id": "bench",
        "private_key_id": "k1",
        "private_key": key,
        "client_email": "bench@bench.iam.gserviceaccount.com",
        "client_id": "1",
        "auth_uri": url,
        "token_uri": url,
    }
    answer = {
        "project_id": "11111111-2222-3333-4444-555555555555",
        "topic_id": "bench",
        "pubsub_project_id": "bench",
        "pubsub_push_service_account": account,
        "apitoolkit": {"pubsub_endpoint": url, "redact": {}, "refresh_s": 3600},
    }
    return json.dumps(answer).encode()


def _published(body: bytes) -> bytes:
    """One id a message, as Pub/Sub answers: the SDK counts them."""
    ids = ["1"] * body.count(b'"data":')
    return json.dumps({"messageIds": ids}).encode()


class _Handler(socketserver.StreamRequestHandler):
    rbufsize = 1 << 20
    server: _Server

    def handle(self) -> None:
        try:
            while self._answer_one():
                pass
        except ConnectionError:
            pass

    def _answer_one(self) -> bool:
        head = bytearray()
        while not head.endswith(b"\r\n\r\n"):
            line = self.rfile.readline()
            if not line:
                return False
            head += line
        length = _LENGTH.search(head)
        body = self.rfile.read(int(length[1])) if length else b""
        target = head.split(b" ", 2)[1]
        answer = b""
        if target.endswith(b"/api/client_metadata"):
            answer = self.server.metadata
        elif target.endswith(b":publish"):
            answer = _published(zlib.decompress(body, 31) if _GZIPPED.search(head) else body)
        self.wfile.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
            % (len(answer), answer)
        )
        return True


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.metadata = _metadata(self.url)


class Sink:
    """The server as a child process, until the block ends."""

    def __enter__(self) -> Sink:
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()
        if not self.url:
            raise RuntimeError("the sink did not start")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate()  # closes its standard input


def main() -> None:
    with _Server() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(server.url, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
