"""The defects of the existing SDK that must not exist here, one test each, named after them.

Those of streams, errors and outgoing calls have their tests in test_responses.py, test_errors.py
and test_outgoing.py; those that need a server of the application's (gevent, --preload, a form that
is read through uWSGI, a server that refuses at start) in tests/e2e. Here are the others.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import logging
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any, Callable

import pytest
from flask import Flask, Response, request
from werkzeug.test import Client

from apitoolkit_flask import APIToolkit, observe_request, report_error
from conftest import MARKER, Message, Service, Site, body_of, json_of, use_hooks


@pytest.fixture
def hooked(make_site: Callable[..., Site]) -> Site:
    return make_site(hooks=True)


# --- Breaks the application ---


def test_a_get_with_a_json_content_type_and_no_body_is_not_a_500(hooked: Site) -> None:
    hooked.app.add_url_rule("/", view_func=lambda: "fine")
    response = hooked.app.test_client().get("/", content_type="application/json")
    assert (response.status_code, response.data) == (200, b"fine")
    assert body_of(hooked.message(), "request_body") == b""


def test_malformed_json_leaves_the_views_400(hooked: Site) -> None:
    hooked.app.add_url_rule("/", view_func=lambda: request.get_json(), methods=["POST"])
    response = hooked.app.test_client().post("/", data="{nope", content_type="application/json")
    assert response.status_code == 400
    message = hooked.message()
    assert (message["status_code"], body_of(message, "request_body")) == (400, b"{nope")


def test_text_that_is_not_utf8_is_not_a_500(hooked: Site) -> None:
    hooked.app.add_url_rule("/", view_func=lambda: request.get_data(), methods=["POST"])
    response = hooked.app.test_client().post("/", data=b"\xff\xfe", content_type="text/plain")
    assert (response.status_code, response.data) == (200, b"\xff\xfe")
    assert hooked.message()["request_body_size"] == 2


def test_an_earlier_before_request_that_aborts_stays_a_401(
    make_toolkit: Callable[..., APIToolkit],
) -> None:
    app = Flask("x")
    toolkit = make_toolkit()
    app.before_request(lambda: ("who are you?", 401))
    use_hooks(app, toolkit)
    app.add_url_rule("/<int:n>", view_func=lambda n: str(n), methods=["POST"])
    response = app.test_client().post("/7", json={"a": 1})
    assert (response.status_code, response.data) == (401, b"who are you?")
    (message,) = toolkit.take_messages()
    assert (message["status_code"], message["url_path"]) == (401, "/<int:n>")
    assert json_of(message, "request_body") == {"a": 1}


@pytest.mark.parametrize(
    ("view", "arguments"),
    [
        (lambda: request.form["a"], {"data": {"a": "1"}}),
        (lambda: str(request.get_json()["a"]), {"json": {"a": 1}}),
        (lambda: request.stream.read()[-1:], {"data": b"x1", "content_type": "x/y"}),
    ],
    ids=["form", "json", "stream"],
)
def test_the_view_finds_its_body_unconsumed(
    view: Callable[[], Any], arguments: dict[str, Any], hooked: Site
) -> None:
    hooked.app.add_url_rule("/", view_func=view, methods=["POST"])
    assert hooked.app.test_client().post("/", **arguments).data == b"1"


def _dead_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def silent_url() -> Iterator[str]:
    """Of a server that takes connections and never answers."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        yield f"http://127.0.0.1:{silent.getsockname()[1]}"


@pytest.fixture
def backlogged(make_toolkit: Callable[..., APIToolkit], silent_url: str) -> Site:
    """Its worker waits for an answer, with 100 exchanges of 10 KB behind it and room for 30."""
    app = Flask("x")
    toolkit = make_toolkit(
        app,
        api_key="k",
        root_url=silent_url,
        transport="pubsub",
        flush_timeout_s=0.3,
        queue_bytes_max=300_000,
    )
    app.add_url_rule("/", view_func=lambda: "x" * 10_000)
    for _ in range(100):
        app.test_client().get("/").close()
    assert not toolkit.flush(0.01)
    return Site(app, toolkit)


def test_an_unreachable_server_neither_delays_the_start_nor_a_request(
    make_toolkit: Callable[..., APIToolkit], silent_url: str
) -> None:
    app = Flask("x")
    toolkit = make_toolkit(
        app, api_key="k", root_url=silent_url, transport="pubsub", flush_timeout_s=0.3
    )
    app.add_url_rule("/", view_func=lambda: "x")
    for _ in range(20):
        assert app.test_client().get("/").data == b"x"
    assert not toolkit.flush(0.05)
    assert toolkit.stats()["state"] in ("connecting", "unreachable")
    assert toolkit.stats()["captured"] == 20
    toolkit.close()
    while toolkit.stats()["dropped"] != {"shutdown": 20}:  # counted by a worker that is late
        time.sleep(0.001)


def test_a_failure_at_start_does_not_disable_reporting_for_ever(
    make_toolkit: Callable[..., APIToolkit],
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = Flask("x")
    toolkit = make_toolkit(
        app,
        api_key="k",
        root_url=f"http://127.0.0.1:{_dead_port()}",
        transport="pubsub",
        flush_timeout_s=0.3,
    )
    with caplog.at_level(logging.DEBUG, "apitoolkit"):
        app.test_client().get("/").close()
        deadline = time.monotonic() + 20
        while toolkit.stats()["retried"] < 2 and time.monotonic() < deadline:
            toolkit.flush(0.1)
    stats = toolkit.stats()
    assert stats["retried"] >= 2
    assert stats["state"] == "unreachable"
    assert stats["last_error"]
    assert stats["dropped"] == {}
    assert [r for r in caplog.records if r.levelno >= logging.WARNING]


@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")  # Python 3.12, with threads
def test_a_process_that_forks_after_construction_sends_from_the_child(site: Site) -> None:
    site.app.add_url_rule("/", view_func=lambda: "x")
    site.app.test_client().get("/").close()
    assert len(site.messages()) == 1  # the parent's thread runs
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            site.app.test_client().get("/").close()
            sent = len(site.messages())
            os.write(write_end, b"%d" % sent)
        finally:
            os._exit(0)
    os.close(write_end)
    with os.fdopen(read_end, "rb") as answer:
        assert answer.read() == b"1"
    assert os.waitpid(child, 0)[1] == 0
    assert site.messages() == []


def test_handle_error_does_not_return_none(site: Site) -> None:
    with site.app.test_request_context():
        assert site.toolkit.handle_error(ValueError()) is not None


def test_a_host_that_trusted_hosts_refuses_does_not_raise_in_the_hook(hooked: Site) -> None:
    class Strict(hooked.app.request_class):  # type: ignore[name-defined, misc]
        trusted_hosts = ["good.example"]  # noqa: RUF012

    hooked.app.request_class = Strict
    hooked.app.add_url_rule("/", view_func=lambda: "x")
    answer = hooked.app.test_client().get("/", headers={"Host": "evil.example"})
    assert answer.status_code in (200, 400)
    assert hooked.message()["host"] == "evil.example"


def test_report_error_without_the_hook_does_not_raise_inside_except() -> None:
    app = Flask("x")

    @app.route("/")
    def view() -> str:
        try:
            raise ValueError
        except ValueError as error:
            report_error(request, error)
            return "handled"

    assert app.test_client().get("/").data == b"handled"


# --- Loses or corrupts ---


def test_tags_and_service_version_are_sent(make_site: Callable[..., Site]) -> None:
    site = make_site(hooks=True, tags=["prod"], service_version="3.0.0")
    site.app.test_client().get("/")
    message = site.message()
    assert (message["tags"], message["service_version"]) == (["prod"], "3.0.0")


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf-8", "application/vnd.api+json"]
)
def test_every_kind_of_json_body_is_recorded(content_type: str, hooked: Site) -> None:
    hooked.app.add_url_rule("/", view_func=lambda: "x", methods=["POST"])
    hooked.app.test_client().post("/", data=b'{"a":1}', content_type=content_type)
    assert body_of(hooked.message(), "request_body") == b'{"a":1}'


def test_repeated_headers_query_and_form_values_do_not_collapse(
    make_site: Callable[..., Site],
) -> None:
    site = make_site(redact_default_headers=False)

    @site.app.post("/")
    def view() -> Response:
        response = Response(request.form["f"])
        response.set_cookie("a", "1")
        response.set_cookie("b", "2")
        return response

    site.app.test_client().post("/?q=1&q=2", data={"f": ["1", "2"]})
    message = site.message()
    assert message["query_params"] == {"q": ["1", "2"]}
    assert json_of(message, "request_body") == {"f": ["1", "2"]}
    assert message["response_headers"]["Set-Cookie"] == ["a=1; Path=/", "b=2; Path=/"]


def test_bodies_are_not_reserialised(make_site: Callable[..., Site]) -> None:
    site = make_site(redact_request_body=["$.p"], redact_response_body=["$.p"])
    body = b'{ "n":1.50,\n"big":12345678901234567890123, "e":"\\u00e9", "p":"s"}'
    site.app.add_url_rule(
        "/",
        view_func=lambda: Response(request.get_data(), mimetype="application/json"),
        methods=["POST"],
    )
    site.app.test_client().post("/", data=body, content_type="application/json")
    message = site.message()
    expected = body.replace(b'"s"', f'"{MARKER}"'.encode())
    assert body_of(message, "request_body") == expected
    assert body_of(message, "response_body") == expected


@pytest.mark.parametrize(
    ("target", "raw_url"), [("/?", "/"), ("/", "/"), ("/a?x=1&", "/a?x=1&"), ("/a?", "/a")]
)
def test_there_is_no_dangling_question_mark(target: str, raw_url: str, site: Site) -> None:
    path, _, query = target.partition("?")
    for names in ({"RAW_URI": target}, {"RAW_URI": "", "REQUEST_URI": ""}):
        site.app.test_client().get(path, query_string=query, environ_overrides=names).close()
    assert [m["raw_url"] for m in site.messages()] == [raw_url, raw_url]


def test_the_url_path_of_a_404_does_not_carry_the_query(hooked: Site) -> None:
    hooked.app.test_client().get("/none?token=abc")
    assert hooked.message()["url_path"] == "/none"


def test_duration_includes_streaming_and_the_timestamp_is_the_start(hooked: Site) -> None:
    def slow() -> Any:
        yield "a"
        time.sleep(0.05)
        yield "b"

    hooked.app.add_url_rule("/", view_func=lambda: Response(slow()))
    before = time.time()
    with hooked.app.test_client().get("/") as response:
        assert response.data == b"ab"
    message = hooked.message()
    assert message["duration"] >= 50_000_000
    assert message["ttfb"] < message["duration"] - 40_000_000
    started = dt.datetime.fromisoformat(message["timestamp"]).timestamp()
    assert before - 0.001 <= started <= time.time() - 0.05


def test_outgoing_calls_have_their_parent_query_and_type(hooked: Site, service: Service) -> None:
    @hooked.app.route("/")
    def view() -> bytes:
        return observe_request(request).get(f"{service.url}/x?a=1").content

    hooked.app.test_client().get("/")
    by_type: dict[str, Message] = {m["sdk_type"]: m for m in hooked.messages()}
    assert by_type["PythonOutgoing"]["query_params"] == {"a": "1"}
    assert by_type["PythonOutgoing"]["parent_id"] == by_type["PythonFlask"]["msg_id"]


# --- Leaks ---


def test_one_bad_path_does_not_ship_the_body_it_is_refused() -> None:
    with pytest.raises(ValueError, match=r"redact_request_body\[1\]"):
        APIToolkit(api_key="k", redact_request_body=["$.a", "$.b["])


def test_the_path_to_the_whole_body_redacts_the_whole_body(make_site: Callable[..., Site]) -> None:
    site = make_site(redact_request_body=["$"])
    site.app.test_client().post("/", json={"a": "s3cret"})
    assert json_of(site.message(), "request_body") == MARKER


def test_header_names_match_in_any_case_and_secrets_are_masked_by_default(
    make_site: Callable[..., Site],
) -> None:
    site = make_site(redact_headers=["X-MINE"])
    secret = "s3cret-value"
    headers = dict.fromkeys(
        ("x-mine", "Authorization", "Cookie", "X-Api-Key", "Proxy-Authorization", "X-Csrf-Token"),
        secret,
    )
    site.app.add_url_rule("/", view_func=lambda: ("", {"Set-Cookie": secret, "X-Mine": secret}))
    site.app.test_client(use_cookies=False).get("/", headers=headers)
    message = site.message()
    assert secret not in json.dumps(message)
    assert message["request_headers"]["Authorization"] == MARKER
    assert message["response_headers"]["Set-Cookie"] == MARKER


def test_query_raw_url_and_referer_are_redacted(make_site: Callable[..., Site]) -> None:
    site = make_site(redact_query=["session"])
    site.app.test_client().get(
        "/?session=s3cret&token=s3cret&a=1", headers={"Referer": "http://h/?password=s3cret&b=2"}
    )
    message = site.message()
    assert "s3cret" not in json.dumps(message)
    assert message["raw_url"].endswith("&a=1")
    assert message["query_params"]["a"] == "1"
    assert message["referer"].endswith("&b=2")


def test_header_values_are_not_compared_in_place_of_names(make_site: Callable[..., Site]) -> None:
    site = make_site(redact_headers=["visible"])
    site.app.test_client().get("/", headers={"X-Word": "visible"})
    assert site.message()["request_headers"]["X-Word"] == "visible"


def test_debug_logs_what_is_sent_redacted_and_prints_nothing(
    make_site: Callable[..., Site],
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    site = make_site(debug=True, redact_request_body=["$.password"])
    with caplog.at_level(logging.DEBUG, "apitoolkit"):
        site.app.test_client().post("/", json={"password": "s3cret"}).close()
        message = site.message()
    sent = [r.getMessage() for r in caplog.records if message["msg_id"] in r.getMessage()]
    assert sent
    assert base64.b64encode(b'{"password": "s3cret"}').decode() not in caplog.text
    assert capfd.readouterr() == ("", "")


# --- Of its peers ---


def test_no_empty_body_is_sent_to_the_client_when_response_capture_is_on(hooked: Site) -> None:
    hooked.app.add_url_rule("/", view_func=lambda: Response(iter([b"a", b"b"])))
    assert hooked.app.test_client().get("/").data == b"ab"


def test_memory_does_not_grow_while_the_server_is_away_and_no_drop_is_silent(
    backlogged: Site, caplog: pytest.LogCaptureFixture
) -> None:
    stats = backlogged.toolkit.stats()
    assert 0 < stats["queue_bytes"] <= 300_000
    assert 60 < stats["dropped"]["queue_full"] < 100
    backlogged.toolkit.flush(0)
    said = caplog.get_records("setup") + caplog.get_records("call")
    assert any("queue_full" in record.getMessage() for record in said)


def test_a_stop_with_a_backlog_returns(backlogged: Site) -> None:
    dropped = backlogged.toolkit.stats()["dropped"]["queue_full"]
    backlogged.toolkit.close()
    expected = {"queue_full": dropped, "shutdown": 100 - dropped}
    while backlogged.toolkit.stats()["dropped"] != expected:  # counted by a worker that is late
        time.sleep(0.001)


@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")  # Python 3.12, with threads
def test_a_fork_while_a_delivery_hangs_and_threads_log_deadlocks_nobody(backlogged: Site) -> None:
    is_over = threading.Event()

    def work() -> None:
        while not is_over.is_set():
            logging.getLogger("apitoolkit").debug("busy")
            backlogged.app.test_client().get("/").close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(20):
            child = os.fork()
            if child == 0:
                try:
                    backlogged.app.test_client().get("/").close()
                    own = backlogged.toolkit.stats()
                    os._exit(
                        0 if own["captured"] == 1 and "queue_full" not in own["dropped"] else 9
                    )
                finally:
                    os._exit(8)
            assert os.waitpid(child, 0)[1] == 0
    finally:
        is_over.set()
        for thread in threads:
            thread.join()


@pytest.mark.parametrize("work", ["record", "stream", "upload", "headers", "flush"])
def test_a_thread_that_is_busy_at_the_exit_does_not_crash_it(work: str, silent_url: str) -> None:
    """Python up to 3.13 ends such a thread by unwinding its stack, where it next wants the GIL; C++
    calls terminate() when that comes by. `Late` gives each thread the time to want it."""
    program = """
import sys, threading, time
from flask import Flask, Response, request
from apitoolkit_flask import APIToolkit
from werkzeug.datastructures import Headers

app = Flask("x")
toolkit = APIToolkit(app)
begun = threading.Event()

def busy():
    begun.set()
    time.sleep(0.01)

class Input:
    def read(self, size=-1):
        busy()
        return b"x"

class BusyHeaders(Headers):
    def to_wsgi_list(self):
        while True:
            busy()

class BusyResponse(Response):
    def __init__(self, *args):
        super().__init__(*args)
        self.headers = BusyHeaders(self.headers)

def chunks():
    while True:
        busy()
        yield b"x"

app.add_url_rule("/record", view_func=lambda: "x")
app.add_url_rule("/stream", endpoint="s", view_func=lambda: Response(chunks()))
app.add_url_rule("/headers", endpoint="h", view_func=lambda: BusyResponse("x"))
app.add_url_rule("/upload", endpoint="u", view_func=lambda: request.get_data())

def ask():
    overrides = {"wsgi.input": Input(), "CONTENT_LENGTH": str(1 << 40)}
    if sys.argv[1] != "upload":
        overrides = {}
    with app.test_client().get("/" + sys.argv[1], environ_overrides=overrides) as response:
        response.data
    if toolkit.stats()["captured"] > 50:
        begun.set()

def flush():
    app.test_client().get("/record").close()
    begun.set()
    toolkit.flush(0.01)

def work():
    while True:
        flush() if sys.argv[1] == "flush" else ask()

class Late:
    def __init__(self):
        self.sleep = time.sleep
    def __del__(self):
        self.sleep(0.3)

late = Late()
for _ in range(3):
    threading.Thread(target=work, daemon=True).start()
begun.wait()
"""
    environment = {
        **os.environ,
        "APITOOLKIT_API_KEY": "k",
        "APITOOLKIT_ROOT_URL": silent_url,
        "APITOOLKIT_FLUSH_TIMEOUT_S": "0.1",
    }
    ended = subprocess.run(  # noqa: S603
        [sys.executable, "-c", program, work], env=environment, capture_output=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert b"terminate called" not in ended.stderr


def test_upstreams_own_way_of_testing_works_offline() -> None:
    app = Flask("upstream")
    app.config["TESTING"] = True
    toolkit = APIToolkit(
        api_key="",
        redact_headers=["authorization", "content-type", "connection"],
        redact_request_body=["$.credit-card.cvv", "$.password"],
        redact_response_body=["$.status", "$.data.kinds[*]", "$.non_existent"],
        debug=True,
    )
    seen: list[Message] = []

    def publish_message(payload: Message) -> None:
        seen.append(payload)

    toolkit.publish_message = publish_message  # type: ignore[method-assign]
    use_hooks(app, toolkit)

    @app.route("/hello/<name>", methods=["POST"])
    def hello(name: str) -> Any:
        return {"status": "success", "data": {"name": name, "kinds": ["a", "b"]}}

    asked = {"credit-card": {"cvv": "123"}, "a": 1}
    response = Client(app).post(
        "/hello/john?foo=bar", json=asked, headers={"Authorization": "Bearer abc", "X-Val": "foo"}
    )
    assert response.get_json()["data"]["kinds"] == ["a", "b"]
    (payload,) = seen
    assert payload["method"] == "POST"
    assert payload["request_headers"]["Authorization"] == MARKER
    assert payload["request_headers"]["Content-Type"] == MARKER
    assert payload["response_headers"]["Content-Type"] == MARKER
    assert payload["request_headers"]["X-Val"] == "foo"
    assert payload["url_path"] == "/hello/<name>"
    assert payload["raw_url"] == "/hello/john?foo=bar"
    assert payload["query_params"] == {"foo": "bar"}
    assert payload["path_params"] == {"name": "john"}
    assert json_of(payload, "request_body") == {"credit-card": {"cvv": MARKER}, "a": 1}
    assert json_of(payload, "response_body") == {
        "status": MARKER,
        "data": {"name": "john", "kinds": [MARKER, MARKER]},
    }
