"""The application that is measured, and the requests that it gets.

One route takes a JSON document, parses it, and answers with one of the same size: that is what an
API does, and nothing else.
"""

from __future__ import annotations

import io
import json
import sys
from typing import Any

from flask import Flask, request

SIZES = {"0.2k": 200, "1k": 1_000, "10k": 10_000, "100k": 100_000}  # bytes of each body

# In JSONPath as RFC 9535, jsonpath-ng and ours read it; each matches something in the document.
PATHS = (
    "$.user.password",
    "$.user.card.number",
    "$.items[*].secret",
    "$.token",
    "$.user.card.cvv",
)

HEADERS = {
    "Host": "shop.example",
    "Accept": "application/json",
    "User-Agent": "bench/1.0",
    "Authorization": "Bearer abc",
    "Content-Type": "application/json",
}


def body(size: int) -> bytes:
    """A JSON object of at least `size` bytes, by not more than one item."""
    value: dict[str, Any] = {
        "user": {"name": "ann", "password": "s3cret", "card": {"number": "4111", "cvv": 1}},
        "token": "t",
        "items": [],
    }
    length = len(json.dumps(value))
    while length < size:
        item = {"id": len(value["items"]), "secret": "x", "text": "lorem ipsum"}
        value["items"].append(item)
        length += len(json.dumps(item)) + len(", ")
    return json.dumps(value).encode()


BODIES = {name: body(size) for name, size in SIZES.items()}


def make_app() -> Flask:
    app = Flask("bench")

    @app.post("/orders/<name>/<int:order>")
    def order(name: str, order: int) -> Any:
        request.get_json()
        return app.response_class(BODIES[name], mimetype="application/json")

    return app


def environ(size: str) -> dict[str, Any]:
    """What a server makes of one request with a body of `size`, one of SIZES."""
    content = BODIES[size]
    path = f"/orders/{size}/7"
    env = {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "RAW_URI": path + "?page=2",
        "QUERY_STRING": "page=2",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": str(len(content)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(content),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in HEADERS.items():
        key = name.upper().replace("-", "_")
        env[key if key == "CONTENT_TYPE" else "HTTP_" + key] = value
    return env


def start_response(status: str, headers: Any, exc_info: Any = None) -> Any:
    return None


def serve(app: Any, env: dict[str, Any]) -> None:
    """One request, as a server runs it."""
    result = app(env, start_response)
    for _ in result:
        pass
    close = getattr(result, "close", None)
    if close is not None:
        close()
