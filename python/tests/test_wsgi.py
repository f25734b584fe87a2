"""The WSGI middleware, around applications of no framework."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import Any, Callable
from wsgiref.util import FileWrapper

import pytest
from werkzeug.test import Client, EnvironBuilder

from apitoolkit_flask import APIToolkit
from conftest import body_of

Start = Callable[..., Any]


def echo(environ: dict[str, Any], start_response: Start) -> list[bytes]:
    body: bytes = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    start_response("201 Created", [("Content-Type", "text/plain"), ("X-A", "1"), ("X-A", "2")])
    return [body, b"!"]


def stream(_: dict[str, Any], start_response: Start) -> Iterator[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    yield b"a"
    yield b"b"


def crash(_: dict[str, Any], start_response: Start) -> Iterable[bytes]:
    raise ValueError("broken")


def writer(_: dict[str, Any], start_response: Start) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])(b"written ")
    return []


@pytest.fixture
def toolkit(make_toolkit: Callable[..., APIToolkit]) -> APIToolkit:
    return make_toolkit()


def test_a_list_is_passed_by_identity_and_recorded(toolkit: APIToolkit) -> None:
    response = Client(toolkit.wsgi(echo)).post("/a/b?c=1", data=b"body", content_type="text/plain")
    assert (response.status_code, response.data) == (201, b"body!")
    (message,) = toolkit.take_messages()
    assert (message["status_code"], message["url_path"]) == (201, "/a/b")
    assert body_of(message, "request_body") == b"body"
    assert body_of(message, "response_body") == b"body!"
    assert message["response_headers"]["X-A"] == ["1", "2"]


def test_a_stream_is_recorded_at_its_end(toolkit: APIToolkit) -> None:
    with Client(toolkit.wsgi(stream)).get("/") as response:
        assert toolkit.stats()["captured"] == 0
        assert response.data == b"ab"
    (message,) = toolkit.take_messages()
    assert body_of(message, "response_body") == b"ab"
    assert "aborted" not in message


def test_an_error_is_recorded_and_goes_on(toolkit: APIToolkit) -> None:
    with pytest.raises(ValueError, match="broken"):
        Client(toolkit.wsgi(crash)).get("/")
    (message,) = toolkit.take_messages()
    assert (message["status_code"], message["errors"][0]["error_type"]) == (500, "ValueError")


def test_what_is_written_is_recorded(toolkit: APIToolkit) -> None:
    written: list[bytes] = []
    environ = EnvironBuilder("/").get_environ()
    result = toolkit.wsgi(writer)(environ, lambda *_: written.append)
    assert (list(result), written) == ([], [b"written "])
    (message,) = toolkit.take_messages()
    assert body_of(message, "response_body") == b"written "


def test_the_servers_file_wrapper_is_passed_by_identity(toolkit: APIToolkit) -> None:
    wrapper = FileWrapper(io.BytesIO(b"file"))

    def app(_: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Length", "4")])
        return wrapper

    environ = EnvironBuilder("/", environ_base={"wsgi.file_wrapper": FileWrapper}).get_environ()
    assert toolkit.wsgi(app)(environ, lambda *_: bytes) is wrapper
    assert toolkit.stats()["captured"] == 0
    wrapper.close()
    (message,) = toolkit.take_messages()
    assert message["response_body_size"] == 4


def test_two_layers_of_middleware_record_once(toolkit: APIToolkit) -> None:
    with Client(toolkit.wsgi(toolkit.wsgi(echo))).get("/"):
        pass
    assert len(toolkit.take_messages()) == 1
