"""An application with every kind of exchange, which runs bare or with the package.

FIDELITY_VARIANT is "bare", "init_app", "hooks" or "wsgi"; the package is configured by its own
variables. FIDELITY_FILE is what /file sends. In FIDELITY_FOLDER stands who came ("entered", a line
a request: its X-Case header), and the views and the tests signal each other there: each signal is
an empty file, named after the case.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, abort, request, send_file
from werkzeug.middleware.dispatcher import DispatcherMiddleware

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

VARIANT = os.environ["FIDELITY_VARIANT"]
FOLDER = Path(os.environ["FIDELITY_FOLDER"])
FILE = Path(os.environ["FIDELITY_FILE"])
SIGNAL_TIMEOUT_S = 60.0
BLOCK = b"0123456789abcdef" * 4096  # 64 KiB
LARGE_BLOCKS = 320  # of 64 KiB: 20 MiB


class TeapotError(Exception):
    pass


def signal(what: str) -> None:
    (FOLDER / f"{request.headers['X-Case']}.{what}").touch()


def wait_for(path: Path) -> None:
    deadline = time.monotonic() + SIGNAL_TIMEOUT_S
    while not path.exists():
        if time.monotonic() > deadline:
            raise TimeoutError(path.name)
        time.sleep(0.002)


class Entered:
    """Writes down each request that comes, before anything else sees it."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app
        self._log = os.open(FOLDER / "entered", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        os.write(self._log, environ.get("HTTP_X_CASE", "?").encode() + b"\n")
        return self._app(environ, start_response)


def make_app(name: str) -> Flask:
    app = Flask(name)

    @app.before_request
    def refuse() -> None:
        if "X-Refuse" in request.headers:
            abort(401)

    @app.errorhandler(TeapotError)
    def handle_teapot(error: TeapotError) -> tuple[str, int]:
        return f"handled: {error}", 418

    add_requests(app)
    add_responses(app)
    add_errors(app)
    return app


def add_requests(app: Flask) -> None:
    @app.get("/plain")
    def plain() -> Response:
        response = Response("plain text", mimetype="text/plain")
        response.headers.add("X-Part", "one")
        response.headers.add("X-Part", "two")
        response.headers.add("Set-Cookie", "a=1; Path=/")
        response.headers.add("Set-Cookie", "b=2; Path=/")
        response.headers["X-Latin"] = request.headers.get("X-Latin", "na\xefve")
        return response

    @app.get("/users/<int:id>")
    def user(id: int) -> dict[str, Any]:
        return {"id": id, "query": request.args.to_dict(flat=False), "token": "secret-response"}

    @app.route("/json", methods=["GET", "POST"])
    def get_json() -> dict[str, Any]:
        if request.method == "GET":
            return {"json": request.get_json(silent=True)}
        return {"json": request.get_json(), "token": "secret-response"}

    @app.post("/echo")
    def echo() -> Response:
        return Response(request.get_data(), content_type=request.content_type)

    @app.post("/form")
    def form() -> dict[str, Any]:
        return {
            "fields": request.form.to_dict(flat=False),
            "files": [
                [name, file.filename, hashlib.sha256(file.read()).hexdigest()]
                for name, file in request.files.items(multi=True)
            ],
        }

    @app.post("/digest")
    def digest() -> dict[str, Any]:
        """As a view stores an upload: piece by piece, never as a whole."""
        total, digest = 0, hashlib.sha256()
        while chunk := request.stream.read(1 << 16):
            total += len(chunk)
            digest.update(chunk)
        return {"bytes": total, "sha256": digest.hexdigest()}

    @app.post("/lines/<how>")
    def lines(how: str) -> dict[str, Any]:
        stream = request.environ["wsgi.input"]
        length = request.content_length or 0
        if how == "readline":
            found = [stream.readline(), stream.readline(), stream.read(length - 8)]
        elif how == "readlines":
            found = stream.readlines(length)
        elif how == "iteration":
            found = list(request.stream)
        else:
            found = [stream.read(3), stream.read(0), stream.read(length - 3)]
        return {"lines": [line.decode() for line in found]}

    @app.post("/unread")
    def unread() -> str:
        return "unread"

    @app.post("/read-some")
    def read_some() -> bytes:
        return request.environ["wsgi.input"].read(10)  # type: ignore[no-any-return]

    @app.post("/refused")
    def refused() -> tuple[str, int]:
        return "too large", 413

    @app.post("/gated-upload")
    def gated_upload() -> bytes:
        """Tells when the first bytes are here, before it asks for more."""
        stream = request.stream
        first = stream.read(5)
        signal("first")
        return first + b"|%d" % len(stream.read())

    @app.post("/abandoned-upload")
    def abandoned_upload() -> bytes:
        try:
            return request.get_data()
        finally:
            signal("closed")

    @app.post("/async")
    async def async_view() -> dict[str, Any]:
        return {"async": request.get_json()}


def add_responses(app: Flask) -> None:
    @app.get("/stream")
    def stream() -> Response:
        return Response((f"chunk {i}\n" for i in range(5)), mimetype="text/plain")

    @app.get("/gated")
    def gated() -> Response:
        """The second chunk is not made before the client has said that it has the first."""
        proof = FOLDER / f"{request.headers['X-Case']}.received"

        def chunks() -> Iterator[bytes]:
            yield b"first\n"
            wait_for(proof)
            yield b"second\n"

        return Response(chunks(), mimetype="text/plain")

    @app.get("/events")
    def events() -> Response:
        return Response(endless(b"data: tick\n\n"), mimetype="text/event-stream")

    @app.get("/endless-download")
    def endless_download() -> Response:
        return Response(endless(BLOCK), mimetype="application/octet-stream")

    def endless(chunk: bytes) -> Iterator[bytes]:
        closed = FOLDER / f"{request.headers['X-Case']}.closed"
        deadline = time.monotonic() + SIGNAL_TIMEOUT_S

        def chunks() -> Iterator[bytes]:
            try:
                while time.monotonic() < deadline:
                    yield chunk
                    time.sleep(0.002)
            finally:
                closed.touch()

        return chunks()

    @app.get("/file")
    def file() -> Response:
        return send_file(FILE, mimetype="application/octet-stream", conditional=True)

    @app.get("/empty")
    def empty() -> tuple[str, int]:
        return "", 204

    @app.get("/unchanged")
    def unchanged() -> tuple[str, int, dict[str, str]]:
        return "", 304, {"ETag": '"pinned"'}

    @app.get("/large")
    def large() -> Response:
        return Response(BLOCK * LARGE_BLOCKS, mimetype="application/octet-stream")

    @app.get("/large-stream")
    def large_stream() -> Response:
        return Response((BLOCK for _ in range(LARGE_BLOCKS)), mimetype="text/plain")

    @app.get("/sized-stream")
    def sized_stream() -> Response:
        response = Response(iter([b"abc", b"def"]), mimetype="text/plain")
        response.content_length = 6
        return response


def add_errors(app: Flask) -> None:
    @app.get("/boom")
    def boom() -> str:
        raise ZeroDivisionError("nobody catches this")

    @app.get("/teapot")
    def teapot() -> str:
        raise TeapotError("short and stout")

    @app.get("/broken-stream")
    def broken_stream() -> Response:
        def chunks() -> Iterator[bytes]:
            yield b"all is well\n"
            raise ZeroDivisionError("in the middle")

        return Response(chunks(), mimetype="text/plain")


app = make_app("main")
strict = make_app("strict")
strict.config["PROPAGATE_EXCEPTIONS"] = True

if VARIANT != "bare":
    from apitoolkit_flask import APIToolkit

    toolkit = APIToolkit(
        redact_headers=["Authorization", "X-Mine"],
        redact_request_body=["$.password", "$.card.cvv", "$.items[*].secret"],
        redact_response_body=["$.token", "$.json.password", "$..pin"],
    )
    for each in (app, strict):
        if VARIANT == "init_app":
            toolkit.init_app(each)
        elif VARIANT == "wsgi":
            each.wsgi_app = toolkit.wsgi(each.wsgi_app)  # type: ignore[method-assign]
        else:
            each.before_request(toolkit.beforeRequest)
            each.after_request(toolkit.afterRequest)

app.wsgi_app = Entered(  # type: ignore[method-assign]
    DispatcherMiddleware(app.wsgi_app, {"/strict": strict})
)
