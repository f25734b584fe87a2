"""The option `consumer`: who called, as the application says it."""

from __future__ import annotations

import json
import logging
from typing import Any, Callable

import pytest
from flask import abort, g

from apitoolkit_flask import APIToolkit
from conftest import MARKER, Site


@pytest.mark.parametrize("hooks", [False, True])
def test_the_consumer_is_what_the_application_says_after_the_view(
    hooks: bool, make_site: Callable[..., Site]
) -> None:
    site = make_site(hooks=hooks, consumer=lambda request: f"{request.method}-{g.user}")

    @site.app.route("/")
    def view() -> str:
        g.user = 7
        return "x"

    site.app.test_client().get("/")
    assert site.message()["consumer"] == "GET-7"


def test_an_id_may_be_of_any_type_and_is_bounded(make_site: Callable[..., Site]) -> None:
    ids = iter([7, None, "x" * 10_000])
    site = make_site(consumer=lambda _: next(ids))
    for _ in range(3):
        site.app.test_client().get("/").close()
    messages = site.messages()
    assert messages[0]["consumer"] == "7"
    assert not messages[1].get("consumer")
    assert messages[2]["consumer"] == "x" * 256


def test_what_the_function_raises_is_logged_once_and_does_not_matter(
    make_site: Callable[..., Site],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from apitoolkit_flask import _log

    monkeypatch.setattr(_log, "_last_failure_s", {})
    site = make_site(consumer=lambda request: request.nonsense)
    site.app.add_url_rule("/", view_func=lambda: "fine")
    with caplog.at_level(logging.ERROR, "apitoolkit"):
        for _ in range(3):
            assert site.app.test_client().get("/").data == b"fine"
    assert len([r for r in caplog.records if "the option consumer failed" in r.getMessage()]) == 1
    assert [bool(m.get("consumer")) for m in site.messages()] == [False] * 3


def test_requests_that_fail_have_their_consumer_too(make_site: Callable[..., Site]) -> None:
    site = make_site(consumer=lambda request: request.headers.get("X-Id"))
    site.app.config["PROPAGATE_EXCEPTIONS"] = True
    site.app.add_url_rule("/404", "missing", view_func=lambda: abort(404))
    site.app.add_url_rule("/500", "crash", view_func=lambda: [""][1])
    client = site.app.test_client()
    client.get("/404", headers={"X-Id": "a"}).close()
    with pytest.raises(IndexError):
        client.get("/500", headers={"X-Id": "b"})
    assert [m["consumer"] for m in site.messages()] == ["a", "b"]


def test_an_id_that_repeats_a_masked_header_is_masked(make_site: Callable[..., Site]) -> None:
    site = make_site(consumer=lambda request: request.headers["Authorization"].split()[-1])
    site.app.test_client().get("/", headers={"Authorization": "Bearer s3cret"})
    message = site.message()
    assert message["consumer"] == MARKER
    assert "s3cret" not in json.dumps(message)


def test_a_wsgi_application_gives_its_environ(make_toolkit: Callable[..., APIToolkit]) -> None:
    from werkzeug.test import Client

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        if environ["PATH_INFO"] == "/crash":
            raise ValueError
        start_response("200 OK", [])
        return [b"x"]

    toolkit = make_toolkit(consumer=lambda environ: environ["REMOTE_USER"])
    client = Client(toolkit.wsgi(app))
    client.get("/", environ_overrides={"REMOTE_USER": "ada"})
    with pytest.raises(ValueError):
        client.get("/crash", environ_overrides={"REMOTE_USER": "bob"})
    assert [m["consumer"] for m in toolkit.take_messages()] == ["ada", "bob"]


def test_it_is_a_function_and_no_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APITOOLKIT_CONSUMER", "x")
    assert APIToolkit(api_key="k")._options.consumer is None
    wrong: Any = "x"
    with pytest.raises(TypeError, match="consumer: expected a function, got str"):
        APIToolkit(api_key="k", consumer=wrong)
