"""What is recorded of an exchange whose response is not streamed."""

from __future__ import annotations

import datetime as dt
import gc
import re
import uuid
from typing import Any, Callable

import pytest
from flask import Blueprint, Flask, jsonify, request, session
from werkzeug.routing import BaseConverter

from apitoolkit_flask import APIToolkit
from conftest import Site, body_of, json_of, use_hooks


@pytest.fixture(params=["hooks", "init_app"])
def either_site(request: pytest.FixtureRequest, make_site: Callable[..., Site]) -> Site:
    site: Site = make_site(
        hooks=request.param == "hooks", tags=["prod", "eu"], service_version="3.0.0"
    )
    return site


def test_an_exchange_is_recorded_whole(either_site: Site) -> None:
    site = either_site

    @site.app.post("/users/<int:user_id>/<name>")
    def view(user_id: int, name: str) -> Any:
        return jsonify(id=user_id, got=request.get_json()), 201

    response = site.app.test_client().post(
        "/users/7/ann?b=2&a=1",
        json={"x": [1, 2.50]},
        headers={"Referer": "http://r.example/p", "X-Thing": "é"},
        environ_base={"REMOTE_ADDR": "10.0.0.9"},
    )
    assert response.status_code == 201
    message = site.message()
    assert message["method"] == "POST"
    assert message["url_path"] == "/users/<int:user_id>/<name>"
    assert message["path_params"] == {"user_id": 7, "name": "ann"}
    assert message["raw_url"] == "/users/7/ann?b=2&a=1"
    assert message["query_params"] == {"b": "2", "a": "1"}
    assert message["request_headers"]["Content-Type"] == "application/json"
    assert message["request_headers"]["X-Thing"] == "é"
    assert message["response_headers"]["Content-Type"] == "application/json"
    assert body_of(message, "request_body") == request_bytes({"x": [1, 2.50]})
    assert body_of(message, "response_body") == response.data
    assert message["request_body_size"] == len(body_of(message, "request_body"))
    assert message["response_body_size"] == len(response.data)
    assert message["status_code"] == 201
    assert message["host"] == "localhost"
    assert message["referer"] == "http://r.example/p"
    assert message["client_ip"] == "10.0.0.9"
    assert (message["proto_major"], message["proto_minor"]) == (1, 1)
    assert message["sdk_type"] == "PythonFlask"
    assert message["sdk_version"].startswith("apitoolkit-flask/")
    assert message["tags"] == ["prod", "eu"]
    assert message["service_version"] == "3.0.0"
    assert message["errors"] == []
    assert message["parent_id"] is None
    assert uuid.UUID(message["msg_id"]).version == 7
    assert 0 < message["ttfb"] <= message["duration"] < 10**10


def request_bytes(value: Any) -> bytes:
    """As the test client writes it."""
    return str(value).replace("'", '"').encode()


def test_both_forms_together_record_once(make_toolkit: Callable[..., APIToolkit]) -> None:
    app = Flask("both")
    toolkit = make_toolkit(app)
    toolkit.init_app(app)
    use_hooks(app, toolkit)
    app.wsgi_app = toolkit.wsgi(app.wsgi_app)  # type: ignore[method-assign]
    app.add_url_rule("/a", view_func=lambda: "a")
    app.add_url_rule("/s", endpoint="s", view_func=lambda: iter("ab"))
    for path in ("/a", "/s"):
        with app.test_client().get(path) as response:
            assert response.data
    messages = toolkit.take_messages()
    assert [(m["url_path"], body_of(m, "response_body")) for m in messages] == [
        ("/a", b"a"),
        ("/s", b"ab"),
    ]


class _Moment(BaseConverter):
    regex = "[0-9-]+"

    def to_python(self, value: str) -> dt.datetime:
        return dt.datetime.fromisoformat(value)


class _Broken:
    def __str__(self) -> str:
        raise RuntimeError("no text")


def test_path_parameters_of_any_type(site: Site) -> None:
    site.app.url_map.converters["moment"] = _Moment

    @site.app.route("/<uuid:u>/<moment:m>/<float:f>/<path:p>")
    def view(**_: Any) -> str:
        assert request.view_args is not None
        request.view_args.update(none=None, flag=True, broken=_Broken(), big=10**30)
        return ""

    site.app.test_client().get("/12345678-1234-5678-1234-567812345678/2026-01-02/1.5/a/b")
    assert site.message()["path_params"] == {
        "u": "12345678-1234-5678-1234-567812345678",
        "m": "2026-01-02 00:00:00",
        "f": 1.5,
        "p": "a/b",
        "none": None,
        "flag": True,
        "broken": "<unprintable _Broken>",
        "big": 10**30,
    }


def test_an_unmatched_route_is_recorded_by_its_path(site: Site) -> None:
    site.app.test_client().get("/nothing/h%C3%A9re?x=1")
    message = site.message()
    assert message["status_code"] == 404
    assert message["url_path"] == "/nothing/h%C3%A9re"
    assert message["raw_url"] == "/nothing/h%C3%A9re?x=1"


def test_blueprint_routes_carry_their_prefix(site: Site) -> None:
    blueprint = Blueprint("b", "b", url_prefix="/api")
    blueprint.add_url_rule("/<int:n>", view_func=lambda n: str(n))
    site.app.register_blueprint(blueprint)
    site.app.test_client().get("/api/3")
    assert site.message()["url_path"] == "/api/<int:n>"


def test_the_session_cookie_which_is_set_last_is_seen_and_masked(site: Site) -> None:
    site.app.secret_key = "k"

    @site.app.route("/in")
    def view() -> str:
        session["user"] = 1
        return ""

    with site.app.test_client().get("/in"):
        pass
    headers = site.message()["response_headers"]
    assert headers["Set-Cookie"] == "[CLIENT_REDACTED]"
    assert headers["Vary"] == "Cookie"


@pytest.mark.parametrize(
    ("proxies", "expected"), [(0, "10.0.0.1"), (1, "3.3.3.3"), (2, "2.2.2.2"), (9, "10.0.0.1")]
)
def test_forwarded_addresses_count_only_behind_known_proxies(
    proxies: int, expected: str, make_site: Callable[..., Site]
) -> None:
    site = make_site(trusted_proxies=proxies)
    site.app.test_client().get(
        "/",
        headers={"X-Forwarded-For": "1.1.1.1, 2.2.2.2,3.3.3.3"},
        environ_base={"REMOTE_ADDR": "10.0.0.1"},
    )
    assert site.message()["client_ip"] == expected


TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.mark.parametrize(
    ("traceparent", "taken"),
    [
        (f"00-{TRACE}-b7ad6b7169203331-01", True),
        (f"cc-{TRACE}-b7ad6b7169203331-01-more", True),
        (f"00-{TRACE}-b7ad6b7169203331-01-more", False),
        (f"ff-{TRACE}-b7ad6b7169203331-01", False),
        (f"00-{TRACE.upper()}-b7ad6b7169203331-01", False),
        (f"00-{'0' * 32}-b7ad6b7169203331-01", False),
        ("nonsense", False),
    ],
)
def test_trace_context_comes_in(traceparent: str, taken: bool, site: Site) -> None:
    site.app.test_client().get("/", headers={"traceparent": traceparent})
    message = site.message()
    assert (message["trace_id"] == TRACE) is taken
    assert (message.get("parent_span_id") == "b7ad6b7169203331") is taken
    assert re.fullmatch("[0-9a-f]{32}", message["trace_id"])
    assert re.fullmatch("[0-9a-f]{16}", message["span_id"])


def test_bodies_over_the_limit_are_cut_and_marked(make_site: Callable[..., Site]) -> None:
    site = make_site(body_bytes_max=10)
    site.app.add_url_rule("/", view_func=lambda: request.get_data() * 2, methods=["POST"])
    response = site.app.test_client().post("/", data=b"0123456789abc", content_type="text/plain")
    assert response.data == b"0123456789abc" * 2
    message = site.message()
    assert body_of(message, "request_body") == b"0123456789"
    assert body_of(message, "response_body") == b"0123456789"
    assert (message["request_body_size"], message["response_body_size"]) == (13, 26)
    assert message["request_body_truncated"]
    assert message["response_body_truncated"]


def test_capture_of_bodies_can_be_turned_off(make_site: Callable[..., Site]) -> None:
    site = make_site(capture_request_body=False, capture_response_body=False)
    site.app.add_url_rule("/", view_func=lambda: request.get_data(), methods=["POST"])
    assert site.app.test_client().post("/", data=b"secret").data == b"secret"
    message = site.message()
    assert body_of(message, "request_body") == body_of(message, "response_body") == b""
    assert (message["request_body_size"], message["response_body_size"]) == (6, 6)


def test_a_response_that_is_never_closed_is_recorded_when_it_is_collected(site: Site) -> None:
    site.app.add_url_rule("/", view_func=lambda: "x")
    site.app.add_url_rule("/s", endpoint="s", view_func=lambda: iter("ab"))
    response = site.app.test_client().get("/")
    assert site.toolkit.stats()["captured"] == 0
    site.toolkit.flush()  # takes what this thread left open
    assert site.toolkit.stats()["captured"] == 1
    response = site.app.test_client().get("/s")
    site.toolkit.flush()  # but nothing that may still go on
    assert site.toolkit.stats()["captured"] == 1
    del response
    gc.collect()
    assert site.toolkit.stats()["captured"] == 2


def test_a_replaced_publish_message_sees_each_message_at_once_as_a_dict(
    make_toolkit: Callable[..., APIToolkit],
) -> None:
    app = Flask("x")
    toolkit = make_toolkit(api_key="", transport="pubsub", redact_request_body=["$.password"])
    use_hooks(app, toolkit)
    seen: list[dict[str, Any]] = []
    toolkit.publish_message = seen.append  # type: ignore[assignment, method-assign]
    app.add_url_rule("/<name>", view_func=lambda name: {"hello": name}, methods=["POST"])
    response = app.test_client().post("/ann", json={"password": "x", "a": 1})
    assert len(seen) == 1
    assert json_of(seen[0], "request_body") == {"password": "[CLIENT_REDACTED]", "a": 1}
    assert json_of(seen[0], "response_body") == {"hello": "ann"}
    response.close()
    assert len(seen) == 1


def test_an_overriding_publish_message_may_change_the_message_and_send_it(
    make_toolkit: Callable[..., APIToolkit],
) -> None:
    class Tagging(APIToolkit):
        def publish_message(self, payload: dict[str, Any]) -> None:
            super().publish_message({**payload, "tags": ["mine"]})

    app = Flask("x")
    toolkit = Tagging(app, transport="memory")
    app.test_client().post("/", data={"a": "1"})
    messages = toolkit.take_messages()
    assert [m["tags"] for m in messages] == [["mine"]]
    assert json_of(messages[0], "request_body") == {"a": "1"}
    toolkit.close()


def test_init_app_calls_the_hooks_that_a_subclass_has() -> None:
    class Counting(APIToolkit):
        calls: list[str]

        def beforeRequest(self) -> None:  # noqa: N802 - upstream's name
            self.calls.append("before")
            super().beforeRequest()

        def afterRequest(self, response: Any) -> Any:  # noqa: N802 - upstream's name
            self.calls.append("after")
            return super().afterRequest(response)

    app = Flask("x")
    toolkit = Counting(app, transport="memory")
    toolkit.calls = []
    app.add_url_rule("/", view_func=lambda: "x")
    assert app.test_client().get("/").data == b"x"
    assert toolkit.calls == ["before", "after"]
    assert len(toolkit.take_messages()) == 1
    toolkit.close()


def test_an_after_request_function_that_raises_is_recorded_as_the_500_that_it_becomes(
    site: Site,
) -> None:
    @site.app.after_request
    def fail(response: Any) -> Any:
        if response.status_code == 200:
            raise RuntimeError("mine")
        return response

    site.app.add_url_rule("/<int:order>", view_func=lambda order: str(order))
    answer = site.app.test_client().get("/7")
    assert answer.status_code == 500
    message = site.message()
    assert message["status_code"] == 500
    assert message["url_path"] == "/<int:order>"
    assert body_of(message, "response_body") == answer.data
    assert [error["message"] for error in message["errors"]] == ["mine"]


def test_what_other_functions_make_of_the_response_is_what_is_recorded(site: Site) -> None:
    site.app.add_url_rule("/", view_func=lambda: "x")

    @site.app.after_request
    def replace(response: Any) -> Any:
        return site.app.response_class("other", 203)

    site.app.test_client().get("/").close()
    message = site.message()
    assert (message["status_code"], body_of(message, "response_body")) == (203, b"other")


def test_a_publish_message_that_raises_does_not_reach_the_client(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(payload: dict[str, Any]) -> None:
        raise RuntimeError("mine")

    site.toolkit.publish_message = fail  # type: ignore[method-assign]
    site.app.add_url_rule("/", view_func=lambda: "x")
    assert site.app.test_client().get("/").data == b"x"
    assert "recording a response failed" in caplog.text


def test_hooks_outside_of_a_request_do_nothing(site: Site) -> None:
    site.toolkit.beforeRequest()
    response = site.app.response_class("x")
    assert site.toolkit.afterRequest(response) is response


def test_closing_is_idempotent_and_later_requests_go_on(site: Site) -> None:
    site.app.add_url_rule("/", view_func=lambda: "x")
    site.toolkit.close()
    site.toolkit.close()
    assert site.app.test_client().get("/").data == b"x"
    assert site.toolkit.stats()["state"] == "closed"
