"""transport="otlp": what a receiver reads with OpenTelemetry's own classes."""

from __future__ import annotations

import base64
import json
import random
import time
import uuid
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any, Callable

import pytest
from flask import Flask, Response, request
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from apitoolkit_flask import APIToolkit, Stats, __version__, observe_request, report_error
from conftest import MARKER, Service, Site
from otlp_receiver import METADATA, Receiver, accept, attributes_of, running_receiver

TIMEOUT_S = 60.0


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with running_receiver() as running:
        yield running


@pytest.fixture
def make_site(receiver: Receiver, make_toolkit: Callable[..., APIToolkit]) -> Callable[..., Site]:
    def make(**options: Any) -> Site:
        options = {"transport": "otlp", "otlp_endpoint": receiver.url, **options}
        app = Flask("site")
        return Site(app, make_toolkit(app, **options))

    return make


def sent(site: Site) -> Stats:
    """The statistics, once all is delivered or dropped."""
    site.toolkit.take_messages()  # ends recordings whose responses the test client has not closed
    assert site.toolkit.flush(TIMEOUT_S), site.toolkit.stats()
    return site.toolkit.stats()


def only_span(site: Site, receiver: Receiver) -> Span:
    sent(site)
    (span,) = receiver.spans()
    return span


ORDER = json.dumps(
    {"name": "Åsa", "note": "visible-in-the-body", "password": "pass-hunter2"}, ensure_ascii=False
).encode()
ANSWER = json.dumps({"id": 7, "card": "answer-hunter2"}).encode()
SECRETS = ("tok-hunter2", "pass-hunter2", "query-hunter2", "cookie-hunter2", "answer-hunter2")


def drive_shop(site: Site) -> Any:
    """One request with something of everything, and a secret in every place."""

    @site.app.post("/shops/<shop>/orders/<int:number>")
    def order(shop: str, number: int) -> Any:
        try:
            raise LookupError(f"no stock for {number}")
        except LookupError as error:
            report_error(request, error)
        answer = Response(ANSWER, 503, content_type="application/json")
        answer.headers.add("X-Part", "a")
        answer.headers.add("X-Part", "b")
        return answer

    client = site.app.test_client(use_cookies=False)  # which would be its own
    return client.post(
        "/shops/nord/orders/7?tag=a&tag=b&token=query-hunter2",
        data=ORDER,
        content_type="application/json",
        headers={
            "Authorization": "Bearer tok-hunter2",
            "Cookie": "s=cookie-hunter2",
            "User-Agent": "agent/1",
            "Host": "shop.example:8443",
            "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        },
        environ_overrides={"REMOTE_ADDR": "203.0.113.9"},
    )


SHOP_OPTIONS: dict[str, Any] = {
    "service_name": "shop",
    "service_version": "3.0.0",
    "tags": ["prod", "eu"],
    "redact_request_body": ["$.password"],
    "redact_response_body": ["$.card"],
    "consumer": lambda _: "team-7",
}


def test_a_request_is_a_server_span_with_every_attribute(
    make_site: Callable[..., Site], receiver: Receiver
) -> None:
    site = make_site(**SHOP_OPTIONS)
    before_ns = int(datetime.now(timezone.utc).timestamp() * 1e9) - 1000  # sent in microseconds
    drive_shop(site).close()
    span = only_span(site, receiver)
    after_ns = int(datetime.now(timezone.utc).timestamp() * 1e9)

    assert span.name == "monoscope.http"
    assert span.kind == Span.SPAN_KIND_SERVER
    assert before_ns <= span.start_time_unix_nano < span.end_time_unix_nano <= after_ns
    assert span.trace_id.hex() == "0af7651916cd43dd8448eb211c80319c"
    assert span.parent_span_id.hex() == "b7ad6b7169203331"
    assert len(span.span_id) == 8
    assert any(span.span_id)
    assert span.status.code == Status.STATUS_CODE_ERROR

    attributes = attributes_of(span.attributes)
    message_id = uuid.UUID(attributes.pop("apitoolkit.msg_id"))
    assert message_id.version == 7
    assert span.span_id == message_id.bytes[8:]
    assert (
        0
        < attributes.pop("apitoolkit.ttfb")
        <= (span.end_time_unix_nano - span.start_time_unix_nano)
    )
    (error,) = json.loads(attributes.pop("apitoolkit.errors"))
    request_body = base64.b64decode(attributes.pop("http.request.body"))
    response_body = base64.b64decode(attributes.pop("http.response.body"))
    assert json.loads(request_body) == {
        "name": "Åsa",
        "note": "visible-in-the-body",
        "password": MARKER,
    }
    assert json.loads(response_body) == {"id": 7, "card": MARKER}
    assert json.loads(attributes.pop("http.request.query_params")) == {
        "tag": ["a", "b"],
        "token": MARKER,
    }
    assert json.loads(attributes.pop("http.request.path_params")) == {"shop": "nord", "number": 7}
    target = attributes.pop("http.target")
    assert target.startswith("/shops/nord/orders/7?tag=a&tag=b&token=")
    assert attributes == {
        "http.request.method": "POST",
        "http.route": "/shops/<shop>/orders/<int:number>",
        "http.response.status_code": 503,
        "error.type": "503",
        "url.path": "/shops/nord/orders/7",
        "url.query": target.partition("?")[2],
        "net.host.name": "shop.example:8443",
        "server.address": "shop.example",
        "server.port": 8443,
        "client.address": "203.0.113.9",
        "network.protocol.version": "1.1",
        "user_agent.original": "agent/1",
        "http.request.header.authorization": [MARKER],
        "http.request.header.content-length": [str(len(ORDER))],
        "http.request.header.content-type": ["application/json"],
        "http.request.header.cookie": [MARKER],
        "http.request.header.host": ["shop.example:8443"],
        "http.request.header.traceparent": [
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        ],
        "http.request.header.user-agent": ["agent/1"],
        "http.response.header.content-length": [str(len(ANSWER))],
        "http.response.header.content-type": ["application/json"],
        "http.response.header.x-part": ["a", "b"],
        "http.request.body.size": len(ORDER),
        "http.response.body.size": len(ANSWER),
        "apitoolkit.sdk_type": "PythonFlask",
        "apitoolkit.parent_id": "",
        "apitoolkit.service_version": "3.0.0",
        "apitoolkit.tags": ["prod", "eu"],
        "apitoolkit.sdk_version": f"apitoolkit-flask/{__version__}",
        "apitoolkit.consumer": "team-7",
    }

    (event,) = span.events
    assert event.name == "exception"
    assert before_ns <= event.time_unix_nano <= after_ns
    exception = attributes_of(event.attributes)
    assert exception.pop("exception.stacktrace").startswith("Traceback")
    assert exception == {
        "exception.type": "LookupError",
        "exception.message": "no stock for 7",
    }
    assert (error["error_type"], error["message"]) == ("LookupError", "no stock for 7")

    (resource,) = receiver.resources()
    assert attributes_of(resource.resource.attributes) == {
        "service.name": "shop",
        "service.version": "3.0.0",
        "telemetry.sdk.name": "apitoolkit-flask",
        "telemetry.sdk.version": __version__,
        "telemetry.sdk.language": "python",
    }
    (scope,) = resource.scope_spans
    assert (scope.scope.name, scope.scope.version) == ("apitoolkit-flask", __version__)
    (headers,) = receiver.headers
    assert receiver.paths == ["/v1/traces"]
    assert headers["content-type"] == "application/x-protobuf"
    assert headers["content-encoding"] == "gzip"
    assert "authorization" not in headers


def is_in(raw: bytes, word: str) -> bool:
    """In clear, or at any place of a base64 text."""
    if word.encode() in raw:
        return True
    encoded = (base64.b64encode(b"\0" * shift + word.encode()) for shift in range(3))
    return any(text[4:-4] in raw for text in encoded)


def test_no_secret_is_in_what_leaves_in_clear_or_base64(
    make_site: Callable[..., Site], receiver: Receiver
) -> None:
    site = make_site(**SHOP_OPTIONS)
    drive_shop(site).close()
    attributes = attributes_of(only_span(site, receiver).attributes)
    (raw,) = receiver.bodies
    assert is_in(raw, "shop.example")
    assert is_in(raw, "visible-in-the-body")
    bodies = [base64.b64decode(attributes[f"http.{side}.body"]) for side in ("request", "response")]
    for secret in SECRETS:
        assert not is_in(raw, secret)
        assert not any(secret.encode() in body for body in bodies)


def test_an_outgoing_call_is_a_client_span_below_its_request(
    make_site: Callable[..., Site], receiver: Receiver, service: Service
) -> None:
    site = make_site()

    @site.app.get("/out")
    def out() -> str:
        observe_request(request, url_wildcard="/{name}").get(f"{service.url}/json?a=1")
        try:
            observe_request(request).get("http://127.0.0.1:1/refused", timeout=TIMEOUT_S)
        except OSError:
            raise AssertionError("httpx raises its own") from None
        except Exception:
            return "caught"
        return "answered"

    assert site.app.test_client().get("/out").text == "caught"
    sent(site)
    spans = receiver.spans()
    (parent,) = [span for span in spans if span.kind == Span.SPAN_KIND_SERVER]
    call, refused = (span for span in spans if span.kind == Span.SPAN_KIND_CLIENT)
    assert {span.trace_id for span in spans} == {parent.trace_id}
    assert [call.parent_span_id, refused.parent_span_id] == [parent.span_id] * 2
    assert len({span.span_id for span in spans}) == 3
    host = service.url.partition("//")[2]
    attributes = attributes_of(call.attributes)
    of_parent = attributes_of(parent.attributes)
    assert attributes["apitoolkit.parent_id"] == of_parent["apitoolkit.msg_id"]
    assert attributes["apitoolkit.sdk_type"] == "PythonOutgoing"
    assert attributes["url.full"] == f"//{host}/json?a=1"
    assert attributes["url.template"] == attributes["http.route"] == "/{name}"
    assert attributes["server.address"] == "127.0.0.1"
    assert attributes["server.port"] == int(host.partition(":")[2])
    assert attributes["http.response.status_code"] == 200
    assert call.status.code == Status.STATUS_CODE_UNSET
    attributes = attributes_of(refused.attributes)
    assert "http.response.status_code" not in attributes
    assert attributes["error.type"] == "ConnectError"
    assert refused.status.code == Status.STATUS_CODE_ERROR
    assert [event.name for event in refused.events] == ["exception"]


def test_with_a_key_the_projects_rules_hold_and_the_key_is_sent(
    make_site: Callable[..., Site], receiver: Receiver
) -> None:
    rules = {"redact": {"headers": ["X-Session"]}}
    receiver.metadata = lambda: (200, json.dumps({**METADATA, "apitoolkit": rules}).encode(), {})
    site = make_site(api_key="key-1", root_url=receiver.url)
    site.app.test_client().get("/", headers={"X-Session": "remote-hunter2"})
    attributes = attributes_of(only_span(site, receiver).attributes)
    assert attributes["http.request.header.x-session"] == [MARKER]
    assert b"remote-hunter2" not in receiver.bodies[0]
    assert receiver.paths == ["/api/client_metadata", "/v1/traces"]
    assert [headers["authorization"] for headers in receiver.headers] == ["Bearer key-1"] * 2
    (resource,) = receiver.resources()
    assert attributes_of(resource.resource.attributes)["at-project-key"] == "key-1"


def test_a_refused_key_sends_nothing_and_says_so(
    make_site: Callable[..., Site], receiver: Receiver
) -> None:
    receiver.metadata = lambda: (401, b"", {})
    site = make_site(api_key="key-1", root_url=receiver.url, flush_timeout_s=0.1)
    site.app.test_client().get("/").close()
    deadline = time.monotonic() + TIMEOUT_S
    while site.toolkit.stats()["state"] != "unauthorized" and time.monotonic() < deadline:
        site.toolkit.flush(0.01)
    assert site.toolkit.stats()["state"] == "unauthorized"
    assert receiver.spans() == []
    assert "401" in site.toolkit.stats()["last_error"]


def test_opentelemetrys_own_variables_are_heeded(
    make_site: Callable[..., Site], receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url + "/base/")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-tenant=a%20b, authorization=Basic%20eA==")
    monkeypatch.setenv("OTEL_SERVICE_NAME", "billing")
    site = make_site(otlp_endpoint=None)
    site.app.test_client().get("/")
    sent(site)
    (resource,) = receiver.resources()
    assert attributes_of(resource.resource.attributes)["service.name"] == "billing"
    assert receiver.paths == ["/base/v1/traces"]
    assert receiver.headers[0]["x-tenant"] == "a b"
    assert receiver.headers[0]["authorization"] == "Basic eA=="
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x=%0d%0a")
    with pytest.raises(ValueError, match=r"^OTEL_EXPORTER_OTLP_HEADERS: expected no control"):
        make_site()
    make_site(transport="memory")


def test_the_message_says_the_services_name(
    make_site: Callable[..., Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_SERVICE_NAME", "billing")
    for options, expected in (({}, "billing"), ({"service_name": "shop"}, "shop")):
        site = make_site(transport="memory", **options)
        site.app.test_client().get("/").close()
        assert site.message()["service_name"] == expected
    monkeypatch.delenv("OTEL_SERVICE_NAME")
    site = make_site(transport="memory")
    site.app.test_client().get("/").close()
    assert "service_name" not in site.message()


def test_a_receiver_that_is_busy_or_not_there_yet_gets_it_later(
    make_site: Callable[..., Site], receiver: Receiver
) -> None:
    troubles = [(503, b"", {"Retry-After": "0"}), (404, b"", {}), (429, b"", {}), (502, b"", {})]

    receiver.answer = lambda _: troubles.pop(0) if troubles else accept()
    site = make_site()
    site.app.test_client().get("/")
    stats = sent(site)
    assert len(receiver.spans()) == 1
    assert (stats["sent"], stats["retried"], stats["dropped"]) == (1, 4, {})


def test_only_the_span_that_is_refused_is_lost(
    make_site: Callable[..., Site], receiver: Receiver
) -> None:
    site = make_site()

    def judge(export: Any) -> Any:
        return (400, b"bad", {}) if b"/bad" in export.SerializeToString() else accept()

    receiver.answer = judge
    client = site.app.test_client()
    for path in ("/a", "/b", "/bad", "/c"):
        client.get(path)
    stats = sent(site)
    targets = sorted(attributes_of(span.attributes)["http.target"] for span in receiver.spans())
    assert targets == ["/a", "/b", "/c"]
    assert (stats["sent"], stats["dropped"]) == (3, {"rejected": 1})


def test_what_a_receiver_refuses_of_an_accepted_request_is_counted(
    make_site: Callable[..., Site], receiver: Receiver
) -> None:
    receiver.answer = lambda _: accept(rejected=1, message="hunter2")
    site = make_site()
    site.app.test_client().get("/")
    stats = sent(site)
    assert (stats["sent"], stats["dropped"]) == (0, {"rejected": 1})
    assert "refused 1 of 1 spans" in stats["last_error"]
    assert "hunter2" not in stats["last_error"]


def test_a_body_as_large_as_a_message_may_be_arrives_cut_and_marked(
    make_site: Callable[..., Site], receiver: Receiver
) -> None:
    site = make_site(body_bytes_max=16 << 20, queue_bytes_max=64 << 20)

    @site.app.post("/large")
    def large() -> str:
        return str(len(request.get_data()))

    generator = random.Random(4)  # noqa: S311
    body = "".join(generator.choices("abcdefgh0123 ", k=9_000_000))
    site.app.test_client().post("/large", data=body, content_type="text/plain").close()
    attributes = attributes_of(only_span(site, receiver).attributes)
    kept = base64.b64decode(attributes["http.request.body"]).decode()
    assert 6_000_000 < len(kept) < len(body)
    assert body.startswith(kept)
    assert attributes["apitoolkit.request_body_truncated"] is True
    assert attributes["http.request.body.size"] == len(body)
    assert len(receiver.bodies[0]) < 10_000_000


# --- Any message at all ---

METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"]
PIECES = ["a", "Z", "7", " ", "/", "%41", "\0", "\n", '"', "\\", "é", "漢", "😀", "\ud800", "\x7f"]


class Messages:
    """Random messages, as an application's own publish_message may hand them over."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311

    def text(self, most: int = 12) -> str:
        return "".join(self.random.choices(PIECES, k=self.random.randint(0, most)))

    def token(self) -> str:
        return "".join(self.random.choices("abcXYZ-09_", k=self.random.randint(1, 8)))

    def maybe(self, value: Any) -> Any:
        return value if self.random.random() < 0.7 else None

    def headers(self) -> dict[str, Any]:
        names = {self.token().lower(): None for _ in range(self.random.randint(0, 5))}
        values = (self.text, lambda: [self.text(), self.text()])
        return {self.cased(name): self.random.choice(values)() for name in names}

    def cased(self, name: str) -> str:
        return "".join(self.random.choice((c.lower(), c.upper())) for c in name)

    def error(self) -> dict[str, Any]:
        return {
            "when": self.maybe("2024-03-05T14:07:10.5+00:00"),
            "error_type": self.text(),
            "message": self.text(40),
            "stack_trace": self.text(200),
        }

    def message(self) -> dict[str, Any]:
        body = bytes(self.random.randrange(256) for _ in range(self.random.randint(0, 50)))
        return {
            "method": self.random.choice([*METHODS, "PURGE", "get", "é"]),
            "sdk_type": self.random.choice(["PythonFlask", "GoOutgoing", "", "x"]),
            "host": self.random.choice(["h", "h:80", "[::1]:8080", "::1", self.token()]),
            "raw_url": "/" + self.token() + self.random.choice(["", "?" + self.token() + "=1"]),
            "url_path": "/r/" + self.token(),
            "status_code": self.random.choice([0, 100, 200, 404, 500, 599]),
            "duration": self.random.randint(0, 10**12),
            "timestamp": "2024-03-05T14:07:09.123456+00:00",
            "proto_major": self.random.choice([1, 2, 3]),
            "proto_minor": self.random.choice([0, 1]),
            "msg_id": str(uuid.UUID(int=self.random.getrandbits(128) | 1)),
            "parent_id": self.maybe(str(uuid.UUID(int=self.random.getrandbits(128) | 1))),
            "trace_id": self.maybe(f"{self.random.getrandbits(128) | 1:032x}"),
            "span_id": self.maybe(f"{self.random.getrandbits(64) | 1:016x}"),
            "parent_span_id": self.maybe(f"{self.random.getrandbits(64) | 1:016x}"),
            "path_params": {self.token(): self.random.choice([self.text(), 7, None, [1], {}])},
            "query_params": {self.token(): self.random.choice([self.text(), ["a", "b"]])},
            "request_headers": self.headers(),
            "response_headers": self.headers(),
            "request_body": base64.b64encode(body).decode(),
            "response_body": self.maybe(base64.b64encode(body[::-1]).decode()),
            "request_body_size": self.random.randint(0, 2**62),
            "request_body_truncated": self.random.random() < 0.5,
            "errors": [self.error() for _ in range(self.random.randint(0, 3))],
            "tags": [self.token() for _ in range(self.random.randint(0, 3))],
            "service_version": self.text(),
            "service_name": self.random.choice(["", "shop", "billing"]),
            "client_ip": self.text(),
            "consumer": self.text(),
            "sdk_version": self.text(),
            "ttfb": self.random.randint(0, 10**9),
            "aborted": self.random.random() < 0.5,
            "sample_weight": self.random.choice([1, 2.5]),
            "redaction": [self.token() for _ in range(self.random.randint(0, 2))],
        }


def clean(text: str) -> str:
    """As it arrives: half of a surrogate pair is no character."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def expected_headers(side: str, headers: dict[str, Any]) -> dict[str, Any]:
    lists = {k: v if isinstance(v, list) else [v] for k, v in headers.items()}
    return {f"http.{side}.header.{k.lower()}": [clean(v) for v in vs] for k, vs in lists.items()}


def expected_attributes(message: dict[str, Any]) -> dict[str, Any]:
    """wire/README.md, "OTLP", once more; without the JSON texts."""
    is_call = message["sdk_type"].endswith("Outgoing")
    is_known = message["method"] in METHODS
    path, _, query = message["raw_url"].partition("?")
    host, bracket, port = message["host"].rpartition("]")
    if bracket:
        host, port = host[1:], port[1:]
    elif message["host"].count(":") == 1:
        host, _, port = message["host"].partition(":")
    else:
        host, port = message["host"], ""
    status = message["status_code"]
    errors = [clean(error["error_type"]) for error in message["errors"] if error["error_type"]]
    failed = str(status) if status >= (400 if is_call else 500) else ""
    major, minor = message["proto_major"], message["proto_minor"]
    always = {
        "http.request.method": message["method"] if is_known else "_OTHER",
        "http.route": message["url_path"],
        "http.target": message["raw_url"],
        "net.host.name": message["host"],
        "network.protocol.version": f"{major}.{minor}" if major < 2 or minor else str(major),
        "http.request.body": message["request_body"],
        "http.response.body": message["response_body"] or "",
        "http.request.body.size": message["request_body_size"],
        "apitoolkit.sdk_type": message["sdk_type"],
        "apitoolkit.msg_id": message["msg_id"],
        "apitoolkit.parent_id": message["parent_id"] or "",
        "apitoolkit.service_version": clean(message["service_version"]),
        "apitoolkit.tags": message["tags"],
        "apitoolkit.ttfb": message["ttfb"],
        **expected_headers("request", message["request_headers"]),
        **expected_headers("response", message["response_headers"]),
    }
    where_any = {
        "http.request.method_original": "" if is_known else message["method"],
        "http.response.status_code": status,
        "error.type": failed if status else (errors or ["_OTHER"])[0],
        "url.path": path,
        "url.query": query,
        "url.full": f"//{message['host']}{message['raw_url']}" if is_call else "",
        "url.template": message["url_path"] if is_call else "",
        "server.address": host,
        "server.port": int(port or 0),
        "client.address": clean(message["client_ip"]),
        "apitoolkit.request_body_truncated": message["request_body_truncated"],
        "apitoolkit.sdk_version": clean(message["sdk_version"]),
        "apitoolkit.consumer": clean(message["consumer"]),
        "apitoolkit.aborted": message["aborted"],
        "apitoolkit.sample_weight": message["sample_weight"] != 1 and message["sample_weight"],
        "apitoolkit.redaction": message["redaction"],
    }
    return {**always, **{name: value for name, value in where_any.items() if value}}


def check_ids(span: Span, message: dict[str, Any]) -> None:
    own = uuid.UUID(message["msg_id"]).bytes
    parent = uuid.UUID(message["parent_id"]).bytes if message["parent_id"] else b""
    assert span.trace_id == (bytes.fromhex(message["trace_id"] or "") or parent or own)
    assert span.span_id == (bytes.fromhex(message["span_id"] or "") or own[8:])
    assert span.parent_span_id == (bytes.fromhex(message["parent_span_id"] or "") or parent[8:])


def check_span(span: Span, message: dict[str, Any]) -> None:
    attributes = attributes_of(span.attributes)
    for name in ("request.path_params", "request.query_params"):
        given = {
            key: clean(value) if isinstance(value, str) else value
            for key, value in message[name.partition(".")[2]].items()
        }
        assert json.loads(attributes.pop(f"http.{name}")) == given
    errors = json.loads(attributes.pop("apitoolkit.errors"))
    for error, given, event in zip(errors, message["errors"], span.events):
        texts = {name: clean(given[name]) for name in ("error_type", "message", "stack_trace")}
        assert {name: error[name] for name in texts} == texts
        known = {"error_type": "type", "message": "message", "stack_trace": "stacktrace"}
        assert attributes_of(event.attributes) == {
            f"exception.{known[name]}": text for name, text in texts.items() if text
        }
        when_ns = 1_709_647_630_500_000_000 if given["when"] else span.end_time_unix_nano
        assert event.time_unix_nano == when_ns
    assert len(errors) == len(span.events) == len(message["errors"])
    expected = expected_attributes(message)
    assert attributes == expected
    is_call = message["sdk_type"].endswith("Outgoing")
    assert span.kind == (Span.SPAN_KIND_CLIENT if is_call else Span.SPAN_KIND_SERVER)
    assert span.start_time_unix_nano == 1_709_647_629_123_456_000
    assert span.end_time_unix_nano == span.start_time_unix_nano + message["duration"]
    is_error = span.status.code == Status.STATUS_CODE_ERROR
    assert is_error == ("error.type" in expected)
    check_ids(span, message)


@pytest.mark.parametrize("seed", range(4))
def test_any_message_is_read_as_it_was_meant(
    seed: int, make_site: Callable[..., Site], receiver: Receiver
) -> None:
    site = make_site(service_name="default")
    messages = Messages(seed)
    given = {m["msg_id"]: m for m in (messages.message() for _ in range(250))}
    for message in given.values():
        site.toolkit.publish_message(message)
    stats = sent(site)
    assert (stats["sent"], stats["dropped"]) == (len(given), {})
    assert len(receiver.spans()) == len(given)
    for resource in receiver.resources():
        service = attributes_of(resource.resource.attributes)["service.name"]
        for span in resource.scope_spans[0].spans:
            message = given[attributes_of(span.attributes)["apitoolkit.msg_id"]]
            assert (message["service_name"] or "default") == service
            check_span(span, message)
