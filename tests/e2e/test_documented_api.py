"""The documented application, under gunicorn, seen through the server's REST interface."""

from __future__ import annotations

import json
import urllib.parse
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from .conftest import SecondService
from .processes import KEY, PROJECT, Answer, Server, call, gunicorn
from .unpacked import said_by_files

APPS = Path(__file__).parent / "apps"
MASK = "[CLIENT_REDACTED]"
SECRETS = [
    *("request-secret-password", "request-secret-cvv", "request-secret-name", "request-secret-pin"),
    *(
        "request-secret-bearer",
        "request-secret-cookie",
        "request-secret-internal",
        "request-secret-voucher",
    ),
    *(
        "form-secret-password",
        "multipart-secret-password",
        "multipart-secret-file",
        "request-secret-query-token",
    ),
    *("response-secret-key", "response-secret-ssn", "response-secret-one", "response-secret-two"),
    *("response-secret-cookie-a", "response-secret-cookie-b", "referer-secret"),
    *(
        "outgoing-secret-header",
        "outgoing-secret-card",
        "second-service-secret",
        "4111-outgoing-secret",
    ),
    *("second-service-cookie",),
]
# What is not secret must be found wherever secrets are searched for, else the search is blind:
# a header, and values of a request's, a response's and an outgoing call's body.
KEPT = ["kept header", "kept number", "holiday", "kept item", "write the tests"]
CARD = "0191e0a2-9a44-7bd8-9b83-6ee2dcb6b1f4"
TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLER_SPAN_ID = "00f067aa0ba902b7"
TRACEPARENT = f"00-{TRACE_ID}-{CALLER_SPAN_ID}-01"
CARD_REQUEST = json.dumps(
    {
        "user": {"name": "Ada", "password": "request-secret-password"},
        "credit-card": {
            "number": "kept number",
            "cvv": "request-secret-cvv",
            "name": "request-secret-name",
        },
        "nested": [{"deep": {"pin": "request-secret-pin"}}],
    }
).encode()


def environment(
    root_url: str,
    second_service: str = "http://unused.invalid",
    refusing_service: str = "http://unused.invalid",
) -> dict[str, str]:
    """What apps/documented.py is configured by."""
    return {
        "APITOOLKIT_API_KEY": KEY,
        "APITOOLKIT_ROOT_URL": root_url,
        # A slow machine may need more than the default to deliver what is left at the end.
        "APITOOLKIT_FLUSH_TIMEOUT_S": "30",
        "SECOND_SERVICE": second_service,
        "REFUSING_SERVICE": refusing_service,
    }


def send_traffic(base: str) -> Answer:
    """Each kind of request that the documentation shows, with secrets wherever one can be.

    Returns what the one with most of them, which stores a card, was answered.
    """
    assert call(f"{base}/hello").json() == {"Hello": "World"}
    stored = call(
        f"{base}/users/7/cards/{CARD}?page=1&page=2&empty=&voucher=request-secret-voucher&token=request-secret-query-token",
        method="POST",
        body=CARD_REQUEST,
        headers={
            "Content-Type": "application/json; charset=utf-8",
            "Authorization": "Bearer request-secret-bearer",
            "Cookie": "session=request-secret-cookie",
            "X-Internal": "request-secret-internal",
            "Referer": "http://shop.example/cart?token=referer-secret&ok=1",
            "X-Kept": "kept header",
            "traceparent": TRACEPARENT,
        },
    )
    assert stored.status == 201
    assert stored.json()["who"] == [7, CARD], "the application sees its own data, unredacted"
    assert stored.json()["api_key"] == "response-secret-key", "so does its client"
    assert [v for k, v in stored.headers if k == "X-Part"] == ["one", "two"]

    form = urllib.parse.urlencode(
        [("user", "ada"), ("item", "1"), ("item", "2"), ("pin", "form-secret-password")]
    )
    answer = call(
        f"{base}/form", "POST", form.encode(), {"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert answer.json() == {"fields": ["item", "pin", "user"], "files": []}
    multipart = (
        '--xx\r\nContent-Disposition: form-data; name="title"\r\n\r\nholiday\r\n'
        '--xx\r\nContent-Disposition: form-data; name="pin"\r\n\r\nmultipart-secret-password\r\n'
        '--xx\r\nContent-Disposition: form-data; name="photo"; filename="a.png"\r\n'
        "Content-Type: image/png\r\n\r\nmultipart-secret-file\r\n--xx--\r\n"
    )
    answer = call(
        f"{base}/form",
        "POST",
        multipart.encode(),
        {"Content-Type": "multipart/form-data; boundary=xx"},
    )
    assert answer.json() == {"fields": ["pin", "title"], "files": ["photo"]}

    assert call(f"{base}/sync/books", headers={"traceparent": TRACEPARENT}).json() == {
        "subject": "books",
        "todo": "write the tests",
        "paid": 201,
    }
    assert call(f"{base}/async/films").json()["id"] == 2
    assert call(f"{base}/reports").status == 500
    assert call(f"{base}/broken").status == 500
    assert call(f"{base}/hello", headers={"X-Refuse": "1"}).status == 401
    assert call(f"{base}/no/such/page?q=1").status == 404
    assert call(f"{base}/hello", method="HEAD").body == b""
    assert (
        call(
            f"{base}/unread",
            "POST",
            b'{"user":{"password":"request-secret-password"}}',
            {"Content-Type": "application/json"},
        ).body
        == b"not read"
    )
    # Bodies that upstream's SDK answers with an error of its own.
    for body, content_type in [
        (b"", "application/json"),
        (b'{"user": {"password": "request-secret-password"', "application/json"),
        (b"\xff\xfe\x00", "text/plain"),
    ]:
        echoed = call(f"{base}/echo", "POST", body, {"Content-Type": content_type})
        assert (echoed.status, echoed.body) == (200, body)
    return stored


def duration_of(exchange: dict[str, Any]) -> timedelta:
    return timedelta(microseconds=exchange["duration"] // 1000)


def assert_one_trace(
    incoming: dict[str, Any], calls: list[dict[str, Any]], second_service: SecondService
) -> None:
    """The caller's trace goes on through the request to what the second service was told."""
    assert (incoming["trace_id"], incoming["parent_span_id"]) == (TRACE_ID, CALLER_SPAN_ID)
    told = [head["traceparent"] for head in second_service.heads]
    for made in calls:
        assert (made["trace_id"], made["parent_span_id"]) == (TRACE_ID, incoming["span_id"])
        assert told.count(f"00-{TRACE_ID}-{made['span_id']}-01") == 1, told
    assert len(set(told)) == len(told)


def one(exchanges: list[dict[str, Any]], fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    found = [e for e in exchanges if fits(e)]
    assert len(found) == 1, f"{len(found)} exchanges fit, expected one: {found}"
    return found[0]


def test_the_documented_application_end_to_end(
    server: Server, second_service: SecondService, refusing_service: str, tmp_path: Path
) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    settings = environment(server.url, second_service.url, refusing_service)
    settings["LOG_FOLDER"] = str(logs)
    began = datetime.now(timezone.utc)
    with gunicorn("documented:app", APPS, logs / "gunicorn.log", settings) as base:
        answer = send_traffic(base)
        answered = datetime.now(timezone.utc)
        expected = 15 + 4  # what was served, and the calls made meanwhile
        server.wait_for(expected, 30)
        port = base.rsplit(":", 1)[1]
    ended = datetime.now(timezone.utc)
    exchanges = server.exchanges(limit=5)  # several pages
    assert len(exchanges) == expected, [(e["method"], e["raw_url"]) for e in exchanges]
    assert len({e["id"] for e in exchanges}) == expected
    times = [e["timestamp"] for e in exchanges]
    assert times == sorted(times, reverse=True)
    for exchange in exchanges:
        start = datetime.fromisoformat(exchange["timestamp"].replace("Z", "+00:00"))
        assert began <= start <= answered, exchange
        # The client may have the last byte before the application has finished with it.
        assert start + duration_of(exchange) <= ended, exchange
        assert (exchange["proto_major"], exchange["proto_minor"]) == (1, 1)

    stored = one(exchanges, lambda e: e["status_code"] == 201 and e["request_type"] == "incoming")
    assert stored["method"] == "POST"
    assert stored["url_path"] == "/users/<int:id>/cards/<uuid:card>"
    assert stored["path_params"] == {"id": 7, "card": CARD}
    assert stored["query_params"] == {
        "page": ["1", "2"],
        "empty": "",
        "voucher": MASK,
        "token": MASK,
    }
    assert (
        stored["raw_url"]
        == f"/users/7/cards/{CARD}?page=1&page=2&empty=&voucher={MASK}&token={MASK}"
    )
    assert stored["host"] == f"127.0.0.1:{port}"
    assert stored["project_id"] == PROJECT
    assert stored["sdk_type"] == "PythonFlask"
    assert stored["service_version"] == "3.0.0"
    assert stored["tags"] == ["prod", "eu"]
    assert stored["client_ip"] == "127.0.0.1"
    assert stored["referer"] == f"http://shop.example/cart?token={MASK}&ok=1"
    request_headers = {k.lower(): v for k, v in stored["request_headers"].items()}
    assert request_headers["authorization"] == MASK
    assert request_headers["cookie"] == MASK
    assert request_headers["x-internal"] == MASK
    assert request_headers["x-kept"] == "kept header"
    response_headers = {k.lower(): v for k, v in stored["response_headers"].items()}
    assert response_headers["x-part"] == ["one", "two"]
    assert response_headers["set-cookie"] == [MASK, MASK]
    assert stored["request_body"] == {
        "user": {"name": "Ada", "password": MASK},
        "credit-card": {"number": "kept number", "cvv": MASK, "name": MASK},
        "nested": [{"deep": {"pin": MASK}}],
    }
    assert stored["response_body"]["api_key"] == MASK
    assert stored["response_body"]["user"] == {"name": "Ada", "social_security_number": MASK}
    assert stored["response_body"]["items"] == [
        {"kept": "kept item", "secret": MASK},
        {"kept": "kept item", "secret": MASK},
    ]
    assert stored["duration"] > 0
    assert 0 < stored["ttfb"] <= stored["duration"]
    assert stored["request_size"] == len(CARD_REQUEST)
    assert stored["response_size"] == len(answer.body)
    assert (stored["trace_id"], stored["parent_span_id"]) == (TRACE_ID, CALLER_SPAN_ID)
    assert stored["span_id"] not in ("", CALLER_SPAN_ID)
    assert stored["errors"] == [] and stored["redaction"] == [] and not stored["aborted"]

    urlencoded = one(
        exchanges, lambda e: e["url_path"] == "/form" and "item" in (e["request_body"] or {})
    )
    assert urlencoded["request_body"] == {"user": "ada", "item": ["1", "2"], "pin": MASK}
    multipart = one(
        exchanges, lambda e: e["url_path"] == "/form" and "title" in (e["request_body"] or {})
    )
    assert multipart["request_body"]["title"] == "holiday"
    assert multipart["request_body"]["pin"] == MASK
    assert multipart["request_body"]["photo"]["name"] == "a.png"

    # Outgoing calls are linked to the request that they were made in.
    sync = one(exchanges, lambda e: e["url_path"] == "/sync/<subject>")
    children = server.get(f"/api/v1/exchanges/{sync['id']}/children").json()["data"]
    assert {c["parent_id"] for c in children} == {sync["id"]}
    todo = one(children, lambda e: e["method"] == "GET")
    assert todo["request_type"] == "outgoing" and todo["sdk_type"] == "PythonOutgoing"
    assert todo["url_path"] == "/todos/2" and todo["raw_url"] == "/todos/2?kind=sync"
    assert todo["query_params"] == {"kind": "sync"}
    assert todo["host"] == second_service.url.removeprefix("http://")
    assert todo["response_body"] == {"id": 2, "title": "write the tests", "token": MASK}
    assert {k.lower(): v for k, v in todo["request_headers"].items()}["x-outgoing-key"] == MASK
    paid = one(children, lambda e: e["method"] == "POST")
    assert paid["url_path"] == "/charges"
    assert paid["request_body"] == {"card": MASK, "amount": 12}
    assert paid["status_code"] == 201
    assert todo["request_size"] == 0
    assert paid["request_size"] == len(b'{"card":"outgoing-secret-card","amount":12}')
    assert_one_trace(sync, [todo, paid], second_service)
    assert sync["timestamp"] <= todo["timestamp"] <= paid["timestamp"]
    asynchronous = one(exchanges, lambda e: e["url_path"] == "/async/<subject>")
    assert (
        one(exchanges, lambda e: e["parent_id"] == asynchronous["id"])["response_body"]["token"]
        == MASK
    )

    # Errors: reported ones in order with their causes, unhandled ones by themselves.
    reported = one(exchanges, lambda e: e["url_path"] == "/reports")
    assert [e["error_type"] for e in reported["errors"]] == ["ConnectError", "LookupError"]
    lookup_error = reported["errors"][1]
    assert lookup_error["message"] == "could not look it up"
    assert lookup_error["root_error_type"] == "ValueError"
    assert "documented.py" in lookup_error["stack_trace"]
    failed = one(exchanges, lambda e: e["parent_id"] == reported["id"])
    assert failed["errors"][0]["error_type"] == "ConnectError" and failed["url_path"] == "/refused"
    broken = one(exchanges, lambda e: e["url_path"] == "/broken")
    assert broken["status_code"] == 500
    assert [e["error_type"] for e in broken["errors"]] == ["ZeroDivisionError"]

    refused = one(exchanges, lambda e: e["status_code"] == 401)
    assert refused["url_path"] == "/hello" and refused["errors"] == []
    missing = one(exchanges, lambda e: e["status_code"] == 404)
    assert missing["url_path"] == "/no/such/page" and missing["raw_url"] == "/no/such/page?q=1"
    head = one(exchanges, lambda e: e["method"] == "HEAD")
    assert head["response_body"] is None
    unread = one(exchanges, lambda e: e["url_path"] == "/unread")
    assert unread["request_body"] == {"user": {"password": MASK}}
    malformed = one(exchanges, lambda e: "request_body:invalid_json" in e["redaction"])
    assert malformed["request_body"] == MASK, "what cannot be parsed is masked whole"

    # Filters of the list.
    assert {e["status_code"] for e in server.exchanges(status="5xx")} == {500}
    assert len(server.exchanges(status=404)) == 1
    assert len(server.exchanges(kind="outgoing")) == 4
    assert len(server.exchanges(url_path="/form", method="POST")) == 2
    assert len(server.exchanges(since=stored["timestamp"], until=urlencoded["timestamp"])) == 1
    assert server.get(f"/api/v1/exchanges/{stored['id']}").json() == stored

    # The secrets occur nowhere: not in any response, the logs (with debug=True, the application's
    # hold every message), or the files.
    everything = json.dumps(exchanges) + json.dumps(
        [server.get(f"/api/v1/exchanges/{e['id']}").json() for e in exchanges]
    )
    everything += (
        server.get("/api/v1/dead-letters").body.decode() + server.get("/metrics").body.decode()
    )
    everything += server.log.read_text() + "".join(server.stdout)
    assert [s for s in SECRETS if s in everything] == []
    assert [k for k in KEPT if k not in everything] == []
    assert server.stop() == 0
    for folder in (logs, server.data):
        said = said_by_files(folder)
        assert [s for s in SECRETS if s.encode() in said] == [], folder
        assert [k for k in KEPT if k.encode() not in said] == [], folder
