"""A recording is ended once, whoever else ends it meanwhile and whatever code runs in it."""

from __future__ import annotations

import io
import socket
import sys
import threading
from collections.abc import Iterator
from typing import Any, Callable

import pytest
from gunicorn.http.body import Body, LengthReader  # type: ignore[import-untyped]
from gunicorn.http.unreader import SocketUnreader  # type: ignore[import-untyped]

from apitoolkit_flask import APIToolkit
from apitoolkit_flask._native import Recording
from conftest import Message, Site, body_of


class Headers:
    """A response's headers that run `action` when they are looked at for the last time."""

    def __init__(self, action: Callable[[], object]) -> None:
        self._action = action
        self._looks = 0

    def to_wsgi_list(self) -> list[tuple[str, str]]:
        self._looks += 1
        if self._looks == 2:  # the first is the response's beginning
            self._action()
        return []


def begin(toolkit: APIToolkit, path: str, **more: Any) -> Recording:
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path, **more}
    recording = toolkit._client.begin(environ)
    assert recording is not None
    return recording


def paths(messages: list[Message]) -> list[str]:
    return sorted(message["raw_url"] for message in messages)


def test_recordings_that_are_destroyed_while_another_is_ended_are_sent_once(
    make_toolkit: Callable[..., APIToolkit],
) -> None:
    toolkit = make_toolkit()
    others = [begin(toolkit, f"/{i}") for i in range(3)]
    for other in others:
        other.respond(None, None, 200, [], [b"x"])
    del other
    junk: list[bytes] = []

    def destroy() -> None:
        others.clear()
        junk.extend(b"\xff" * size for size in range(512, 2048, 16))  # where they were

    last = begin(toolkit, "/last")
    last.respond(None, None, 200, Headers(destroy), [b"x"])
    assert toolkit.flush(60)
    assert paths(toolkit.take_messages()) == ["/0", "/1", "/2", "/last"]
    assert toolkit.stats()["captured"] == 4


@pytest.mark.parametrize("end", ["finish", "flush", "take_messages", "close"])
def test_a_recording_that_is_ended_while_it_is_ended_is_sent_once(
    end: str, make_toolkit: Callable[..., APIToolkit]
) -> None:
    toolkit = make_toolkit()
    first = begin(toolkit, "/first")
    first.respond(None, None, 200, [], [b"x"])
    second = begin(toolkit, "/second")

    depth: list[int] = []

    def meddle() -> None:
        if depth:
            return
        depth.append(1)
        second.finish()
        second.respond(None, None, 500, [], [b"y"])
        second.add_error("A", "b", "C", "d", "e")
        toolkit.flush(60)

    second.respond(None, None, 200, Headers(meddle), [b"x"])
    ends: dict[str, Callable[[], object]] = {
        "finish": second.finish,
        "flush": toolkit.flush,
        "take_messages": toolkit._client.finish_recordings,
        "close": toolkit.close,
    }
    ends[end]()
    first.finish()
    assert toolkit.stats()["captured"] == 2
    messages = {message["raw_url"]: message for message in toolkit.take_messages()}
    assert messages["/second"]["status_code"] == 200


def test_closing_while_a_request_is_still_being_read_sends_it_once(
    make_toolkit: Callable[..., APIToolkit],
) -> None:
    toolkit = make_toolkit()
    is_reading, may_go_on = threading.Event(), threading.Event()

    class Slow(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            is_reading.set()
            assert may_go_on.wait(60)
            return b"x" * size

    recording = begin(toolkit, "/", CONTENT_LENGTH="3", **{"wsgi.input": Slow()})
    recording.respond(None, None, 200, [], [b"x"])
    thread = threading.Thread(target=recording.finish)
    thread.start()
    assert is_reading.wait(60)
    toolkit.close()
    may_go_on.set()
    thread.join()
    assert toolkit.stats()["captured"] == 1


def test_threads_that_flush_while_others_record_lose_and_repeat_nothing(site: Site) -> None:
    site.app.add_url_rule("/<name>", view_func=lambda name: name)

    @site.app.teardown_request
    def flush(_: BaseException | None) -> None:
        site.toolkit.flush(0)

    def work(which: int) -> None:
        client = site.app.test_client()
        for i in range(50):
            client.get(f"/{which}-{i}")

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=work, args=(which,)) for which in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    found = paths(site.messages())
    assert found == sorted(f"/{which}-{i}" for which in range(4) for i in range(50))


# --- What a view left unread ---


class Connection:
    """A client that has announced ten bytes, and the server's end of it."""

    def __init__(self) -> None:
        listener = socket.create_server(("127.0.0.1", 0))
        self.client = socket.create_connection(listener.getsockname())
        self.server = listener.accept()[0]
        listener.close()
        self.files: list[io.BufferedReader] = []

    def gunicorn(self) -> dict[str, Any]:
        body = Body(LengthReader(SocketUnreader(self.server), 10))
        return {"gunicorn.socket": self.server, "wsgi.input": body}

    def werkzeug(self) -> dict[str, Any]:
        self.files.append(self.server.makefile("rb"))
        return {"werkzeug.socket": self.server, "wsgi.input": self.files[-1]}

    def close(self) -> None:
        for file in self.files:
            file.close()
        self.client.close()
        self.server.close()


@pytest.fixture
def connection() -> Iterator[Connection]:
    connection = Connection()
    yield connection
    connection.close()


def record_unread(toolkit: APIToolkit, environ: dict[str, Any]) -> Message:
    recording = begin(toolkit, "/", CONTENT_TYPE="text/plain", CONTENT_LENGTH="10", **environ)
    recording.respond(None, None, 200, [], [b"x"])
    recording.finish()
    (message,) = toolkit.take_messages()
    return message


@pytest.mark.parametrize("server", ["gunicorn", "werkzeug"])
@pytest.mark.parametrize("arrival", ["before", "in parts"])
def test_an_unread_body_that_comes_soon_is_recorded(
    server: str, arrival: str, connection: Connection, make_toolkit: Callable[..., APIToolkit]
) -> None:
    environ = getattr(connection, server)()
    connection.client.sendall(b"01234")
    timer = threading.Timer(
        0.05 if arrival == "in parts" else 0, connection.client.sendall, (b"56789",)
    )
    timer.start()
    if arrival == "before":
        timer.join()
    message = record_unread(make_toolkit(), environ)
    timer.join()
    assert body_of(message, "request_body") == b"0123456789"
    assert "request_body_truncated" not in message
    assert connection.server.gettimeout() is None


@pytest.mark.parametrize("server", ["gunicorn", "werkzeug"])
def test_a_trickling_client_does_not_hold_a_worker(
    server: str, connection: Connection, make_toolkit: Callable[..., APIToolkit]
) -> None:
    """Each byte comes within a read's time-out; only a limit for all of them ends it."""
    environ = getattr(connection, server)()
    is_over = threading.Event()

    def trickle() -> int:
        sent = 0
        while sent < 9 and not is_over.wait(0.3):
            sent += connection.client.send(b"x")
        return sent

    thread = threading.Thread(target=trickle)
    thread.start()
    message = record_unread(make_toolkit(), environ)
    was_waiting = thread.is_alive()
    is_over.set()
    thread.join()
    assert was_waiting, "the recording waited for the last byte"
    assert message["request_body_truncated"]
    assert message["request_body_size"] == 10


def test_what_gunicorns_next_request_begins_with_is_left_to_it(
    connection: Connection, make_toolkit: Callable[..., APIToolkit]
) -> None:
    environ = connection.gunicorn()
    body = environ["wsgi.input"]
    connection.client.sendall(b"01234")
    assert record_unread(make_toolkit(), environ)["request_body_truncated"]
    connection.client.sendall(b"56789GET / HTTP/1.1")
    assert body.read(10) == b"0123456789"
