"""A small stand-in for the server: answers client_metadata, takes what is published, keeps it."""

from __future__ import annotations

import base64
import contextlib
import gzip
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

METADATA = {
    "project_id": "11111111-2222-4333-8444-555555555555",
    "topic_id": "at-fidelity",
    "pubsub_project_id": "fidelity",
    # Nothing is signed: the client is told that this is an emulator.
    "pubsub_push_service_account": {
        "type": "service_account",
        "project_id": "fidelity",
        "private_key_id": "k",
        "private_key": "none",
        "client_email": "x@fidelity.iam.gserviceaccount.com",
    },
}


class Sink:
    """`messages` are those that were published, decoded, in the order in which they came.

    While `gate` is cleared nothing is answered; `waiting` says that a request is held there.
    """

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.gate = threading.Event()
        self.gate.set()
        self.waiting = threading.Event()
        sink = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._answer(METADATA)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                published = json.loads(body)["messages"]
                sink.messages += [json.loads(base64.b64decode(m["data"])) for m in published]
                self._answer({"messageIds": [str(i) for i in range(len(published))]})

            def _answer(self, content: dict[str, Any]) -> None:
                sink.waiting.set()
                sink.gate.wait()
                text = json.dumps(content).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(
            target=self._server.serve_forever,
            args=(0.05,),
            daemon=True,  # seconds between looks
        ).start()

    @property
    def environment(self) -> dict[str, str]:
        """What an application is configured by to send here."""
        address = f"127.0.0.1:{self._server.server_address[1]}"
        return {
            "APITOOLKIT_API_KEY": "key",
            "APITOOLKIT_ROOT_URL": f"http://{address}",
            "PUBSUB_EMULATOR_HOST": address,
            # A slow machine may need more than the default to deliver what is left at the end.
            "APITOOLKIT_FLUSH_TIMEOUT_S": "30",
        }

    def close(self) -> None:
        self.gate.set()
        self._server.shutdown()
        self._server.server_close()


@contextlib.contextmanager
def standing_sink() -> Iterator[Sink]:
    sink = Sink()
    try:
        yield sink
    finally:
        sink.close()
