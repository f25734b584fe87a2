"""A test as those who use APIToolkit's own SDK write theirs: it knows nothing of this package, and
must pass offline. The key is empty, publish_message is replaced, and the payload is looked at."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from flask import Flask, jsonify, request
from werkzeug.test import Client

from apitoolkit_flask import APIToolkit, observe_request, report_error

ORDER = {
    "status": "open",
    "credit-card": {"cvv": "123", "name": "Ada", "number": "4242"},
    "lines": [{"sku": "a", "price": 1.5}, {"sku": "b", "price": 2}],
    "password": "hunter2",
}
RECEIPT = {
    "status": "success",
    "data": {"token": "abc", "kinds": ["x", "y"], "total": 3.5, "account": {"id": "7"}},
}
REDACTED = "[CLIENT_REDACTED]"

app = Flask(__name__)
app.config.update({"TESTING": True})

apitoolkit = APIToolkit(
    api_key="",
    redact_headers=["authorization", "content-type", "x-session"],
    redact_request_body=["$.credit-card.cvv", "$.credit-card.name", "$.password", "$.not_there"],
    redact_response_body=["$.status", "$.data.kinds[*]", "$.data.account"],
    debug=True,
    service_version="3.0.0",
    tags=["prod", "eu"],
)
payloads: list[dict[str, Any]] = []


def publish_message(payload: dict[str, Any]) -> None:
    payloads.append(payload)


apitoolkit.publish_message = publish_message  # type: ignore[method-assign]


@app.before_request
def before_request() -> None:
    apitoolkit.beforeRequest()


@app.after_request
def after_request(response: Any) -> Any:
    apitoolkit.afterRequest(response)
    return response


@app.route("/orders/<name>", methods=["POST"])
def order(name: str) -> Any:
    assert request.get_json() == ORDER
    return jsonify(RECEIPT)


@app.route("/fails/<int:number>")
def fails(number: int) -> str:
    try:
        return str(1 / number)
    except ZeroDivisionError as error:
        report_error(request, error)
        return "handled"


@app.route("/calls")
def calls() -> str:
    import httpx

    answer = httpx.MockTransport(lambda _: httpx.Response(201, json={"secret": 1, "a": 2}))
    client = observe_request(request, "/todos/{id}", [], [], ["$.secret"], transport=answer)
    return str(client.get("https://todos.example/todos/2?x=1").status_code)


client = Client(app)


def decoded(body: str) -> Any:
    return json.loads(base64.b64decode(body))


@pytest.fixture(autouse=True)
def _nothing_is_published_yet() -> None:
    payloads.clear()


def post_order() -> dict[str, Any]:
    response = client.post(
        "/orders/john?foo=bar",
        json=ORDER,
        headers={"Authorization": "Bearer abc123", "X-Val": "foo", "X-Session": "a"},
    )
    assert response.status_code == 200
    assert response.get_json() == RECEIPT
    (payload,) = payloads  # it is there as soon as the response is
    return payload


def test_the_payload_describes_the_exchange() -> None:
    payload = post_order()
    assert payload["method"] == "POST"
    assert payload["url_path"] == "/orders/<name>"
    assert payload["raw_url"] == "/orders/john?foo=bar"
    assert payload["path_params"] == {"name": "john"}
    assert payload["query_params"] == {"foo": "bar"}
    assert payload["status_code"] == 200
    assert payload["host"] == "localhost"
    assert payload["sdk_type"] == "PythonFlask"
    assert (payload["proto_major"], payload["proto_minor"]) == (1, 1)
    assert payload["duration"] > 0
    assert payload["timestamp"].startswith("20")
    assert len(payload["msg_id"]) == 36
    assert payload["parent_id"] is None
    assert payload["tags"] == ["prod", "eu"]
    assert payload["service_version"] == "3.0.0"
    assert payload["errors"] == []


def test_headers_are_redacted_by_name() -> None:
    payload = post_order()
    assert payload["request_headers"]["Authorization"] == REDACTED
    assert payload["request_headers"]["X-Session"] == REDACTED
    assert payload["request_headers"]["X-Val"] == "foo"
    assert payload["response_headers"]["Content-Type"] == REDACTED


def test_bodies_are_redacted_by_path() -> None:
    payload = post_order()
    assert decoded(payload["request_body"]) == {
        **ORDER,
        "credit-card": {"cvv": REDACTED, "name": REDACTED, "number": "4242"},
        "password": REDACTED,
    }
    assert decoded(payload["response_body"]) == {
        "status": REDACTED,
        "data": {"token": "abc", "kinds": [REDACTED] * 2, "total": 3.5, "account": REDACTED},
    }


def test_reported_errors_are_part_of_the_payload() -> None:
    assert client.get("/fails/0").data == b"handled"
    (payload,) = payloads
    assert payload["path_params"] == {"number": 0}
    (error,) = payload["errors"]
    assert error["error_type"] == error["root_error_type"] == "ZeroDivisionError"
    assert error["message"] == error["root_error_message"] == "division by zero"
    assert "return str(1 / number)" in error["stack_trace"]


def test_an_observed_call_is_a_payload_of_its_own() -> None:
    assert client.get("/calls").data == b"201"
    call, served = payloads
    assert call["sdk_type"] == "PythonOutgoing"
    assert call["parent_id"] == served["msg_id"]
    assert (call["url_path"], call["raw_url"]) == ("/todos/{id}", "/todos/2?x=1")
    assert call["query_params"] == {"x": "1"}
    assert decoded(call["response_body"]) == {"secret": REDACTED, "a": 2}


def test_nothing_leaves_the_process() -> None:
    post_order()
    assert apitoolkit.stats()["state"] == "disabled"
    assert apitoolkit.stats()["sent"] == 0
