"""The shop's payment provider: a second service that the demo's shop calls. Plain Python."""

from __future__ import annotations

import json
import random
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Payments(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        order = json.loads(self.rfile.read(int(self.headers.get("Content-Length", "0"))) or b"{}")
        time.sleep(random.uniform(0.002, 0.03))
        if self.path == "/v1/charges" and order.get("amount", 0) > 400:
            self.answer(
                402, {"error": {"code": "card_declined", "message": "The card was declined."}}
            )
        else:
            self.answer(
                201,
                {
                    "id": f"ch_{random.getrandbits(48):x}",
                    "amount": order.get("amount"),
                    "paid": True,
                },
            )

    def do_GET(self) -> None:
        self.answer(200, {"currency": "EUR", "rates": {"USD": 1.09, "GBP": 0.85}})

    def answer(self, status: int, body: dict[str, object]) -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: object) -> None:
        pass


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Payments)
    print(f"listening on http://127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever()
