"""Responses that are more than a string: they pass unharmed and are recorded."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response, send_file, stream_with_context
from werkzeug.test import EnvironBuilder

from conftest import Site, body_of


def test_a_stream_is_recorded_chunk_by_chunk(site: Site) -> None:
    events: list[str] = []

    @site.app.route("/")
    def view() -> Response:
        def chunks() -> Iterator[str]:
            for chunk in "abc":
                events.append(chunk)
                yield chunk

        return Response(stream_with_context(chunks()), mimetype="text/plain")

    response = site.app.test_client().get("/")
    assert events == ["a"]  # the client has the first chunk before the second is made
    assert response.data == b"abc"
    response.close()
    message = site.message()
    assert body_of(message, "response_body") == b"abc"
    assert message["response_body_size"] == 3
    assert message["ttfb"] < message["duration"]
    assert "aborted" not in message


def test_an_endless_event_stream_sends_its_first_event_and_ends_as_aborted(site: Site) -> None:
    closed = []

    @site.app.route("/")
    def view() -> Response:
        def events() -> Iterator[bytes]:
            try:
                while True:
                    yield b"data: 1\n\n"
            finally:
                closed.append(True)

        return Response(events(), mimetype="text/event-stream")

    response = site.app.test_client().get("/")
    assert next(response.iter_encoded()) == b"data: 1\n\n"
    response.close()
    assert closed
    message = site.message()
    assert message["aborted"]
    assert body_of(message, "response_body").startswith(b"data: 1\n\n")


def test_a_stream_that_raises_is_recorded_with_its_error(site: Site) -> None:
    @site.app.route("/")
    def view() -> Response:
        def chunks() -> Iterator[bytes]:
            yield b"a"
            raise KeyError("midway")

        return Response(chunks())

    response = site.app.test_client().get("/")
    with pytest.raises(KeyError, match="midway"):
        response.get_data()
    response.close()
    message = site.message()
    assert [e["error_type"] for e in message["errors"]] == ["KeyError"]
    assert body_of(message, "response_body") == b"a"


def test_a_long_stream_is_kept_up_to_the_limit(site: Site) -> None:
    chunk = b"x" * 1024
    site.app.add_url_rule("/", view_func=lambda: Response(chunk for _ in range(2000)))
    with site.app.test_client().get("/") as response:
        assert len(response.data) == 2000 * 1024
    message = site.message()
    assert message["response_body_size"] == 2000 * 1024
    assert message["response_body_truncated"]


def _start_response(*_: Any) -> Any:
    return bytes


def test_send_file_passes_by_identity_and_is_recorded(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"\x00\x01file")
    given: list[Any] = []

    @site.app.route("/f")
    def view() -> Response:
        response = send_file(path)
        given.append(response.response)
        return response

    environ = EnvironBuilder("/f").get_environ()
    result = site.app.wsgi_app(environ, _start_response)
    assert result is given[0]
    assert b"".join(result) == b"\x00\x01file"
    assert site.toolkit.stats()["captured"] == 0
    result.close()
    assert site.toolkit.stats()["captured"] == 1
    message = site.message()
    assert message["status_code"] == 200
    assert message["response_body_size"] == 6
    assert message["response_body"] in ("", None)


def test_a_file_that_nobody_closes_is_recorded_when_it_is_collected(
    site: Site, tmp_path: Path
) -> None:
    path = tmp_path / "a.txt"
    path.write_text("text")
    site.app.add_url_rule("/f", view_func=lambda: send_file(path))
    response = site.app.test_client().get("/f")
    assert response.data == b"text"
    response.close()
    assert site.message()["response_body_size"] == 4


def test_a_file_in_memory_is_recorded(site: Site) -> None:
    site.app.add_url_rule(
        "/f", view_func=lambda: send_file(io.BytesIO(b"abc"), mimetype="text/plain")
    )
    with site.app.test_client().get("/f") as response:
        assert response.data == b"abc"
    assert site.message()["status_code"] == 200


@pytest.mark.parametrize(
    ("method", "status", "path"),
    [("HEAD", 200, "/"), ("GET", 204, "/204"), ("GET", 304, "/304"), ("HEAD", 200, "/stream")],
)
def test_a_response_without_a_body_is_recorded_as_such(
    method: str, status: int, path: str, site: Site
) -> None:
    site.app.add_url_rule("/", view_func=lambda: "body")
    site.app.add_url_rule("/204", endpoint="a", view_func=lambda: ("", 204))
    site.app.add_url_rule("/304", endpoint="b", view_func=lambda: ("", 304))
    site.app.add_url_rule("/stream", endpoint="c", view_func=lambda: Response(iter("ab")))
    with site.app.test_client().open(path, method=method) as response:
        assert response.data == b""
    message = site.message()
    assert (message["status_code"], message["response_body_size"]) == (status, 0)
    assert 0 < message["ttfb"] <= message["duration"]
    assert message["response_body"] in ("", None)
    assert "aborted" not in message


def _file() -> Response:
    return send_file(io.BytesIO(b"f"), "a/b")


@pytest.mark.parametrize("path", ["/text", "/stream", "/file", "/empty", "/json"])
def test_what_the_client_receives_is_the_same_with_and_without_us(path: str, site: Site) -> None:
    bare = Flask("bare")
    for app in (bare, site.app):
        app.add_url_rule("/text", view_func=lambda: ("text", {"X-A": "1"}))
        app.add_url_rule("/stream", endpoint="s", view_func=lambda: Response(iter("abc")))
        app.add_url_rule(
            "/file", endpoint="f", view_func=lambda: send_file(io.BytesIO(b"f"), "a/b")
        )
        app.add_url_rule("/empty", endpoint="e", view_func=lambda: ("", 204))
        app.add_url_rule("/json", endpoint="j", view_func=lambda: {"a": 1})
    answers = []
    for app in (bare, site.app):
        with app.test_client().get(path) as response:
            answers.append((response.status, response.data, list(response.headers)))
    assert answers[0] == answers[1]
