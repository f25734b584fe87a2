"""An application that uses the package in every way that its documentation shows.

Configured by the environment: APITOOLKIT_API_KEY, APITOOLKIT_ROOT_URL, SECOND_SERVICE, and
REFUSING_SERVICE, where nobody listens. With LOG_FOLDER, each process logs there, and all that the
package has to say.
"""

from __future__ import annotations

import logging
import os
import uuid
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, jsonify, make_response, redirect, request

from apitoolkit_flask import APIToolkit, observe_request, report_error

SECOND_SERVICE = os.environ["SECOND_SERVICE"]
REFUSING_SERVICE = os.environ["REFUSING_SERVICE"]

if "LOG_FOLDER" in os.environ:
    logging.basicConfig(
        filename=Path(os.environ["LOG_FOLDER"]) / f"{os.getpid()}.log", level=logging.INFO
    )
    # Not the root logger: at DEBUG httpcore itself logs the headers of every answer.
    logging.getLogger("apitoolkit").setLevel(logging.DEBUG)

app = Flask(__name__)

apitoolkit = APIToolkit(
    api_key=os.environ["APITOOLKIT_API_KEY"],
    root_url=os.environ["APITOOLKIT_ROOT_URL"],
    debug=True,
    service_version="3.0.0",
    tags=["prod", "eu"],
    redact_headers=["Authorization", "COOKIE", "x-internal"],
    redact_request_body=["$.user.password", "$.credit-card.cvv", "$.credit-card.name", "$..pin"],
    redact_response_body=[
        "$.api_key",
        "$.user.social_security_number",
        "$.items[*].secret",
        "$.token",
    ],
    redact_query=["voucher"],
)


@app.before_request
def before_request() -> Response | None:
    apitoolkit.beforeRequest()
    if request.headers.get("X-Refuse"):
        abort(401)
    return None


@app.after_request
def after_request(response: Response) -> Response:
    apitoolkit.afterRequest(response)
    return response


@app.get("/hello")
def hello() -> dict[str, str]:
    return {"Hello": "World"}


@app.post("/users/<int:id>/cards/<uuid:card>")
def store_card(id: int, card: uuid.UUID) -> Response:
    body = request.get_json()
    response = make_response(
        jsonify(
            stored=body["credit-card"]["number"],
            api_key="response-secret-key",
            user={"name": "Ada", "social_security_number": "response-secret-ssn"},
            items=[
                {"kept": "kept item", "secret": "response-secret-one"},
                {"kept": "kept item", "secret": "response-secret-two"},
            ],
            who=[id, str(card)],
        ),
        201,
    )
    response.headers.add("Set-Cookie", "a=response-secret-cookie-a")
    response.headers.add("Set-Cookie", "b=response-secret-cookie-b")
    response.headers.add("X-Part", "one")
    response.headers.add("X-Part", "two")
    return response


@app.post("/form")
def form() -> dict[str, Any]:
    return {"fields": sorted(request.form), "files": sorted(request.files)}


@app.route("/sync/<subject>")
def sync_view(subject: str) -> dict[str, Any]:
    client = observe_request(
        request, redact_headers=["X-Outgoing-Key"], redact_response_body=["$.token", "$.card"]
    )
    todo = client.get(
        f"{SECOND_SERVICE}/todos/2?kind=sync", headers={"X-Outgoing-Key": "outgoing-secret-header"}
    )
    paid = observe_request(
        request,
        url_wildcard="/charges",
        redact_request_body=["$.card"],
        redact_response_body=["$.card"],
    ).post(f"{SECOND_SERVICE}/charges", json={"card": "outgoing-secret-card", "amount": 12})
    return {"subject": subject, "todo": todo.json()["title"], "paid": paid.status_code}


@app.route("/async/<subject>")
async def async_view(subject: str) -> bytes:
    resp = observe_request(request, redact_response_body=["$.token"]).get(
        f"{SECOND_SERVICE}/todos/2"
    )
    return resp.read()


@app.route("/reports")
def reports() -> tuple[str, int]:
    try:
        observe_request(request).get(f"{REFUSING_SERVICE}/refused")
    except Exception as e:
        report_error(request, e)
    try:
        try:
            int("seven")
        except ValueError as cause:
            raise LookupError("could not look it up") from cause
    except LookupError as e:
        report_error(request, e)
    return "Something went wrong", 500


@app.route("/broken")
def broken() -> str:
    raise ZeroDivisionError("nobody catches this")


@app.route("/moved")
def moved() -> Any:
    return redirect("/hello")


@app.post("/echo")
def echo() -> tuple[bytes, int, dict[str, str]]:
    return request.get_data(), 200, {"Content-Type": request.content_type or "text/plain"}


@app.route("/unread", methods=["POST"])
def unread() -> str:
    return "not read"
