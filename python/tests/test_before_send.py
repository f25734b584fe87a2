"""The option `before_send`: the application's last word on a message."""

from __future__ import annotations

import logging
import threading
from typing import Any, Callable

import pytest
from flask import Flask

from apitoolkit_flask import APIToolkit, observe_request
from conftest import MARKER, Message, Service, Site, json_of


def say_hello(site: Site) -> None:
    site.app.add_url_rule("/", view_func=lambda: {"token": "s3cret", "a": 1}, methods=["GET"])


@pytest.mark.parametrize("hooks", [False, True])
def test_it_is_given_the_redacted_message_and_what_it_returns_is_sent(
    hooks: bool, make_site: Callable[..., Site]
) -> None:
    seen: list[tuple[Message, str]] = []

    def before_send(message: Message) -> Message:
        seen.append((message, threading.current_thread().name))
        return {**message, "extra": "mine"}

    site = make_site(hooks=hooks, before_send=before_send, redact_response_body=["$.token"])
    say_hello(site)
    site.app.test_client().get("/", headers={"Authorization": "s3cret"})
    message = site.message()
    assert message["extra"] == "mine"
    assert json_of(message, "response_body") == {"token": MARKER, "a": 1}
    ((given, thread),) = seen
    assert "s3cret" not in str(given)
    assert given["request_headers"]["Authorization"] == MARKER
    assert thread == threading.current_thread().name
    assert site.toolkit.stats()["dropped"] == {}
    assert site.toolkit.stats()["captured"] == 1


def test_none_sends_nothing_and_is_counted(make_site: Callable[..., Site]) -> None:
    site = make_site(before_send=lambda m: None if m["raw_url"] == "/no" else m)
    for path in ("/no", "/yes", "/no"):
        site.app.test_client().get(path).close()
    assert [m["raw_url"] for m in site.messages()] == ["/yes"]
    stats = site.toolkit.stats()
    assert stats["dropped"] == {"before_send": 2}
    assert (stats["captured"], stats["sent"]) == (3, 1)


def raise_error(_: Message) -> Any:
    raise LookupError("mine")


WRONG: list[Callable[[Message], Any]] = [
    raise_error,
    lambda message: [message],
    lambda _: "text",
    lambda _: True,
    lambda message: {**message, "when": object()},
    lambda message: {**message, "x": float("nan")},
    lambda message: {**message, "bytes": b"x"},
]


@pytest.mark.parametrize("before_send", WRONG)
def test_it_fails_closed(
    before_send: Callable[[Message], Any],
    make_site: Callable[..., Site],
    caplog: pytest.LogCaptureFixture,
) -> None:
    site = make_site(before_send=before_send)
    say_hello(site)
    for _ in range(3):
        assert site.app.test_client().get("/").get_json()["token"] == "s3cret"
    assert site.messages() == []
    assert site.toolkit.stats()["dropped"] == {"before_send": 3}
    lines = [r for r in caplog.records if r.levelno == logging.ERROR]
    assert len(lines) == 1
    assert "before_send" in lines[0].getMessage()


def test_a_message_that_refers_to_itself_is_dropped(make_site: Callable[..., Site]) -> None:
    def before_send(message: Message) -> Message:
        message["self"] = message
        return message

    site = make_site(before_send=before_send)
    site.app.test_client().get("/").close()
    assert site.messages() == []
    assert site.toolkit.stats()["dropped"] == {"before_send": 1}


def test_outgoing_calls_pass_it_too(make_site: Callable[..., Site], service: Service) -> None:
    def before_send(message: Message) -> Message | None:
        return None if message["raw_url"] == "/no" else {**message, "seen": 1}

    site = make_site(before_send=before_send)
    assert observe_request(None).get(f"{service.url}/no").status_code == 200
    observe_request(None, redact_response_body=["$.token"]).get(f"{service.url}/yes")
    message = site.message()
    assert message["seen"] == 1
    assert json_of(message, "response_body")["token"] == MARKER
    assert site.toolkit.stats()["dropped"] == {"before_send": 1}


def test_streams_and_requests_that_nobody_closed_pass_it_too(
    make_site: Callable[..., Site],
) -> None:
    site = make_site(before_send=lambda message: {**message, "seen": 1})
    site.app.add_url_rule("/stream", "stream", view_func=lambda: iter(["a", "b"]))
    say_hello(site)
    assert site.app.test_client().get("/stream").data == b"ab"
    site.app.test_client().get("/")
    left = site.app.test_client().get("/stream", buffered=False)
    del left
    messages = site.messages()
    assert sorted(m["raw_url"] for m in messages) == ["/", "/stream", "/stream"]
    assert all(m["seen"] == 1 for m in messages)


def test_a_replaced_publish_message_gets_what_is_left(make_site: Callable[..., Site]) -> None:
    site = make_site(before_send=lambda m: None if m["raw_url"] == "/no" else {**m, "seen": 1})
    published: list[Message] = []
    site.toolkit.publish_message = published.append  # type: ignore[assignment, method-assign]
    for path in ("/no", "/yes"):
        site.app.test_client().get(path).close()
    assert [(m["raw_url"], m["seen"]) for m in published] == [("/yes", 1)]
    assert site.messages() == []
    assert site.toolkit.stats()["dropped"] == {"before_send": 1}


def test_its_own_calls_are_not_recorded(make_site: Callable[..., Site], service: Service) -> None:
    def before_send(message: Message) -> Message:
        message["asked"] = observe_request(None).get(f"{service.url}/x").status_code
        return message

    site = make_site(before_send=before_send)
    site.app.test_client().get("/").close()
    message = site.message()
    assert (message["raw_url"], message["asked"]) == ("/", 200)


class Exit(BaseException):
    """As gevent ends a greenlet, or a server its worker."""


def test_an_exit_in_it_passes_and_the_message_does_not(make_site: Callable[..., Site]) -> None:
    def before_send(_: Message) -> Message:
        raise Exit

    site = make_site(before_send=before_send)
    response = site.app.test_client().get("/", buffered=False)
    with pytest.raises(Exit):
        response.close()
    assert site.messages() == []
    assert site.toolkit.stats()["dropped"] == {"before_send": 1}


def test_it_is_no_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APITOOLKIT_BEFORE_SEND", "x")
    assert APIToolkit(Flask("x"), api_key="")._options.before_send is None
