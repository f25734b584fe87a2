"""Request bodies: the view finds them as without us, and they are recorded."""

from __future__ import annotations

import io
from typing import Any, Callable

import pytest
from flask import request

from conftest import Site, body_of, json_of

READERS: list[tuple[str, Callable[[], Any]]] = [
    ("get_data", lambda: request.get_data()),
    ("data", lambda: request.data),
    ("get_json", lambda: str(request.get_json(force=True)).encode()),
    ("stream.read", lambda: request.stream.read()),
    ("stream.read(n)", lambda: b"".join(iter(lambda: request.stream.read(3), b""))),
    ("stream.readline", lambda: b"".join(iter(lambda: request.stream.readline(), b""))),
    ("stream.readlines", lambda: b"".join(request.stream.readlines())),
    ("stream iteration", lambda: b"".join(request.stream)),
    ("input.read", lambda: request.environ["wsgi.input"].read(11)),
    ("input.readinto", lambda: _readinto()),
    ("input iteration", lambda: b"".join(request.environ["wsgi.input"])),
    ("nothing", lambda: b""),
    ("a part", lambda: request.stream.read(4)),
]


def _readinto() -> bytes:
    buffer = bytearray(20)
    return bytes(buffer[: request.environ["wsgi.input"].readinto(buffer)])


@pytest.mark.parametrize("hooks", [False, True])
@pytest.mark.parametrize(("name", "read"), READERS, ids=[name for name, _ in READERS])
def test_a_body_is_recorded_however_the_view_reads_it(
    name: str, read: Callable[[], Any], hooks: bool, make_site: Callable[..., Site]
) -> None:
    site = make_site(hooks=hooks)
    site.app.add_url_rule("/", view_func=lambda: read(), methods=["POST"])
    body = b'{"a":\n 123}'
    with site.app.test_client().post("/", data=body, content_type="application/json") as response:
        expected = {"get_json": b"{'a': 123}", "nothing": b"", "a part": body[:4]}
        assert response.data == expected.get(name, body)
    message = site.message()
    assert body_of(message, "request_body") == body
    assert message["request_body_size"] == len(body)
    assert "request_body_truncated" not in message


class _Socket(io.RawIOBase):
    """An input that is no BytesIO, and counts how far it was read."""

    def __init__(self, body: bytes) -> None:
        self.inner = io.BytesIO(body)

    def read(self, size: int | None = -1) -> bytes:
        return self.inner.read(size)

    def readable(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("size", "headers", "recorded"),
    [
        (100, {}, True),
        (64 << 10, {}, True),
        ((64 << 10) + 1, {}, False),
        (100, {"Expect": "100-continue"}, False),
    ],
)
def test_an_unread_body_is_read_after_the_response_only_where_that_is_cheap(
    size: int, headers: dict[str, str], recorded: bool, site: Site
) -> None:
    site.app.add_url_rule("/", view_func=lambda: "done", methods=["POST"])
    source = _Socket(b"x" * size)
    with site.app.test_client().post(
        "/",
        content_length=size,
        content_type="text/plain",
        headers=headers,
        environ_overrides={"wsgi.input": source},
    ) as response:
        assert source.inner.tell() == 0  # not before the response is sent
        assert response.data == b"done"
    assert source.inner.tell() == (size if recorded else 0)
    message = site.message()
    assert message["request_body_size"] == size
    assert message.get("request_body_truncated", False) is not recorded
    if recorded:
        assert body_of(message, "request_body") == b"x" * size


def test_a_chunked_body_is_recorded(site: Site) -> None:
    site.app.add_url_rule("/", view_func=lambda: request.get_data(), methods=["POST"])
    environ = {
        "wsgi.input": _Socket(b"abc"),
        "wsgi.input_terminated": True,
        "HTTP_TRANSFER_ENCODING": "chunked",
    }
    with site.app.test_client().post(
        "/", content_type="text/plain", environ_overrides=environ
    ) as response:
        assert response.data == b"abc"
    message = site.message()
    assert body_of(message, "request_body") == b"abc"
    assert message["request_body_size"] == 3


def test_a_form_is_recorded_as_its_fields(make_site: Callable[..., Site]) -> None:
    site = make_site(redact_request_body=["$.password"])
    site.app.add_url_rule("/", view_func=lambda: request.form["a"], methods=["POST"])
    response = site.app.test_client().post("/", data={"a": ["1", "2"], "password": "s3cret"})
    assert response.data == b"1"
    assert json_of(site.message(), "request_body") == {
        "a": ["1", "2"],
        "password": "[CLIENT_REDACTED]",
    }


def test_uploaded_files_are_described_and_never_sent(site: Site) -> None:
    def view() -> bytes:
        return bytes(request.files["f"].read()) + request.form["a"].encode()

    site.app.add_url_rule("/", view_func=view, methods=["POST"])
    response = site.app.test_client().post(
        "/", data={"a": "1", "f": (io.BytesIO(b"file content"), "note.txt")}
    )
    assert response.data == b"file content1"
    message = site.message()
    fields = json_of(message, "request_body")
    assert fields["a"] == "1"
    assert fields["f"]["name"] == "note.txt"
    assert fields["f"]["size"] == len(b"file content")
    assert b"file content" not in body_of(message, "request_body")


def test_a_body_that_was_read_before_our_hook_is_recorded_too(
    make_site: Callable[..., Site],
) -> None:
    site = make_site(hooks=True)
    hooked = site.app.before_request_funcs[None]
    hooked.insert(0, lambda: request.get_data() and None)  # now ahead of ours
    site.app.add_url_rule("/", view_func=lambda: request.get_data(), methods=["POST"])
    assert site.app.test_client().post("/", data=b"abc", content_type="text/plain").data == b"abc"
    assert body_of(site.message(), "request_body") == b"abc"


def test_other_attributes_of_the_input_are_the_servers_own(site: Site) -> None:
    def view() -> str:
        source = request.environ["wsgi.input"]
        assert source.getvalue() == b"abc"
        assert not hasattr(source, "nonsense")
        return "ok"

    site.app.add_url_rule("/", view_func=view, methods=["POST"])
    assert site.app.test_client().post("/", data=b"abc").data == b"ok"


class _Input:
    """No more than PEP 3333 asks for, as uWSGI's and gunicorn's."""

    def __init__(self, content: bytes) -> None:
        self._content = io.BytesIO(content)

    def read(self, size: int = -1) -> bytes:
        return self._content.read(size)


def test_an_input_without_readinto_has_none_behind_us_either(site: Site) -> None:
    """Werkzeug would call it where it finds it."""
    site.app.add_url_rule("/", view_func=lambda: request.get_json(), methods=["POST"])
    with site.app.test_client().post(
        "/",
        content_length=8,
        content_type="application/json",
        environ_overrides={"wsgi.input": _Input(b'{"a": 1}')},
    ) as response:
        assert response.get_json() == {"a": 1}
    assert body_of(site.message(), "request_body") == b'{"a": 1}'


@pytest.mark.parametrize("content", [b"", b"01234"])
@pytest.mark.parametrize("error", [None, ConnectionResetError("gone")])
def test_an_upload_that_ends_too_early_is_an_aborted_exchange(
    content: bytes, error: Exception | None, site: Site
) -> None:
    class Ending(_Input):
        def read(self, size: int = -1) -> bytes:
            chunk = super().read(size)
            if error is not None and not chunk:
                raise error
            return chunk

    site.app.add_url_rule("/", view_func=lambda: request.get_data(), methods=["POST"])
    with site.app.test_client().post(
        "/",
        content_length=10,
        content_type="text/plain",
        environ_overrides={"wsgi.input": Ending(content)},
    ) as response:
        assert response.status_code == 400
    message = site.message()
    assert message["aborted"]
    assert message["request_body_truncated"]
    assert body_of(message, "request_body") == content


def test_an_upload_that_is_read_to_its_end_is_not_aborted(site: Site) -> None:
    def view() -> bytes:
        stream = request.stream
        whole = stream.read()
        assert stream.read() == b""
        return whole

    site.app.add_url_rule("/", view_func=view, methods=["POST"])
    with site.app.test_client().post("/", data=b"0123456789", content_type="text/plain") as answer:
        assert answer.data == b"0123456789"
    assert "aborted" not in site.message()


def test_uwsgis_input_is_not_read_late(site: Site) -> None:
    source = type("_Input", (_Input,), {"__module__": "uwsgi"})(b"abc")
    site.app.add_url_rule("/", view_func=lambda: "done", methods=["POST"])
    with site.app.test_client().post(
        "/", content_length=3, content_type="text/plain", environ_overrides={"wsgi.input": source}
    ) as response:
        assert response.data == b"done"
    assert source.read() == b"abc"
    assert site.message()["request_body_truncated"]


def test_what_an_input_gives_for_a_size_of_0_is_recorded(site: Site) -> None:
    """uWSGI's gives all of it."""

    class Generous(_Input):
        def read(self, size: int = -1) -> bytes:
            return super().read(size or -1)

    def view() -> bytes:
        source = request.environ["wsgi.input"]
        return bytes(source.read(2) + source.read(0) + source.read(8))

    site.app.add_url_rule("/", view_func=view, methods=["POST"])
    with site.app.test_client().post(
        "/",
        content_length=10,
        content_type="text/plain",
        environ_overrides={"wsgi.input": Generous(b"0123456789")},
    ) as response:
        assert response.data == b"0123456789"
    message = site.message()
    assert body_of(message, "request_body") == b"0123456789"
    assert "aborted" not in message


def test_an_input_that_raises_raises_the_same_in_the_view(site: Site) -> None:
    class Broken(_Socket):
        def read(self, _size: int | None = -1) -> bytes:
            raise ConnectionResetError("gone")

    def view() -> str:
        with pytest.raises(ConnectionResetError, match="gone"):
            request.environ["wsgi.input"].read(3)
        return "noticed"

    site.app.add_url_rule("/", view_func=view, methods=["POST"])
    with site.app.test_client().post(
        "/", content_length=3, environ_overrides={"wsgi.input": Broken(b"")}
    ) as response:
        assert response.data == b"noticed"
    assert site.message()["request_body_truncated"]


@pytest.mark.parametrize("first", [0, 4, 11])
@pytest.mark.parametrize("again", [0, 2, 11])
def test_what_a_view_goes_back_to_and_reads_again_is_recorded_once(
    first: int, again: int, site: Site
) -> None:
    body = b"0123456789x"

    def view() -> bytes:
        source = request.environ["wsgi.input"]
        assert source.read(first) == body[:first]
        assert source.seek(0) == 0
        return bytes(source.read(again))

    site.app.add_url_rule("/", view_func=view, methods=["POST"])
    with site.app.test_client().post("/", data=body, content_type="text/plain") as response:
        assert response.data == body[:again]
    message = site.message()
    assert body_of(message, "request_body") == body
    assert message["request_body_size"] == len(body)
    assert "request_body_truncated" not in message
