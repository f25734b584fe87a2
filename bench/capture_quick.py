"""What recording adds to a request, in one process: bare Flask and ours, interleaved.

    python bench/capture_quick.py [ROUNDS]

A 1 KB JSON request and response, 5 + 5 paths, the memory transport. Prints the medians in µs, the
difference, and its parts. The worker's own work is not on the request's thread, but shares the
machine: the figure is what a request waits for.
"""

from __future__ import annotations

import io
import json
import statistics
import sys
import time
from typing import Any, Callable

from flask import Flask, request

from apitoolkit_flask import APIToolkit

REQUESTS = 400  # a round and form
PATHS = ["$.user.password", "$.user.card.number", "$.items[*].secret", "$.token", "$.a.b.c"]


def body() -> bytes:
    value: dict[str, Any] = {
        "user": {"name": "ann", "password": "s3cret", "card": {"number": "4111", "cvv": 1}},
        "token": "t",
        "items": [],
    }
    while len(json.dumps(value)) < 1000:
        value["items"].append({"id": len(value["items"]), "secret": "x", "text": "lorem ipsum"})
    return json.dumps(value).encode()


BODY = body()


def bare() -> Flask:
    app = Flask("bench")

    @app.post("/users/<int:user_id>")
    def view(user_id: int) -> Any:
        request.get_json()
        return app.response_class(BODY, mimetype="application/json")

    return app


def with_init_app() -> Flask:
    app = bare()
    APIToolkit(app, transport="memory", redact_request_body=PATHS, redact_response_body=PATHS)
    return app


def with_hooks() -> Flask:
    app = bare()
    toolkit = APIToolkit(transport="memory", redact_request_body=PATHS, redact_response_body=PATHS)

    @app.before_request
    def before_request() -> None:
        toolkit.beforeRequest()

    @app.after_request
    def after_request(response: Any) -> Any:
        return toolkit.afterRequest(response)

    return app


def environ() -> dict[str, Any]:
    return {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/users/7",
        "RAW_URI": "/users/7?page=2",
        "QUERY_STRING": "page=2",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(BODY)),
        "HTTP_HOST": "shop.example",
        "HTTP_ACCEPT": "application/json",
        "HTTP_USER_AGENT": "bench/1.0",
        "HTTP_AUTHORIZATION": "Bearer abc",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(BODY),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }


def start_response(*_: Any) -> Any:
    return None


def round_us(app: Callable[..., Any]) -> float:
    """The median time of one request, as a server runs it."""
    times = []
    for _ in range(REQUESTS):
        env = environ()
        begin = time.perf_counter_ns()
        result = app(env, start_response)
        for _chunk in result:
            pass
        result.close()
        times.append(time.perf_counter_ns() - begin)
    return statistics.median(times) / 1000


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    apps = {"bare": bare(), "init_app": with_init_app(), "hooks": with_hooks()}
    results: dict[str, list[float]] = {name: [] for name in apps}
    for _ in range(rounds):
        for name, app in apps.items():
            results[name].append(round_us(app))
    medians = {name: statistics.median(values) for name, values in results.items()}
    for name, median in medians.items():
        added = median - medians["bare"]
        print(f"{name:9} {median:7.1f} µs  added {added:6.1f} µs  x{median / medians['bare']:.3f}")


if __name__ == "__main__":
    main()
