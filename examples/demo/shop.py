"""The demo's shop: an ordinary Flask application, instrumented as the README shows."""

from __future__ import annotations

import os
import random
from typing import Any

from flask import Flask, Response, abort, jsonify, request

from apitoolkit_flask import APIToolkit, observe_request, report_error

PAYMENTS = os.environ["SHOP_PAYMENTS"]
PRODUCTS = [
    {"id": 1, "name": "Enamel mug", "price": 14},
    {"id": 2, "name": "Wool blanket", "price": 89},
    {"id": 3, "name": "Writing desk", "price": 430},
]

app = Flask(__name__)

# The key and the server's address come from APITOOLKIT_API_KEY and APITOOLKIT_ROOT_URL.
apitoolkit = APIToolkit(
    service_version="1.4.2",
    tags=["demo", "eu"],
    redact_headers=["Authorization"],
    redact_request_body=["$.password", "$.card.number", "$.card.cvc"],
    redact_response_body=["$.session_token", "$..email"],
)


@app.before_request
def before_request() -> None:
    apitoolkit.beforeRequest()


@app.after_request
def after_request(response: Response) -> Response:
    apitoolkit.afterRequest(response)
    return response


def product_of(product_id: int) -> dict[str, Any]:
    return next((p for p in PRODUCTS if p["id"] == product_id), None) or abort(404)


@app.get("/products")
def products() -> list[dict[str, Any]]:
    return PRODUCTS


@app.get("/products/<int:product_id>")
def product(product_id: int) -> dict[str, Any]:
    return product_of(product_id)


@app.post("/login")
def log_in() -> tuple[Response, int]:
    body = request.get_json()
    if body["password"].startswith("wrong"):
        return jsonify(error="Wrong name or password"), 401
    return jsonify(
        user={"name": body["name"], "email": f"{body['name']}@shop.example"}, session_token="s3cr3t"
    ), 200


@app.post("/orders")
def order() -> tuple[Response, int]:
    body = request.get_json()
    item = product_of(body["product_id"])
    paid = observe_request(request, redact_request_body=["$.card"]).post(
        f"{PAYMENTS}/v1/charges", json={"amount": item["price"], "card": body["card"]}
    )
    if paid.status_code != 201:
        return jsonify(error=paid.json()["error"]), 402
    return jsonify(order=random.randrange(10_000), charge=paid.json()["id"], item=item), 201


@app.get("/rates")
def rates() -> tuple[Any, int]:
    try:
        return observe_request(request).get(f"{PAYMENTS}/v1/rates").json(), 200
    except Exception as error:
        report_error(request, error)
        return {"error": "Rates are not available"}, 503


@app.get("/invoices/<int:number>")
def invoice(number: int) -> dict[str, Any]:
    net_prices: dict[str, Any] = {"Enamel mug": 14, "Voucher": None}
    return {"number": number, "total": sum(price * 1.2 for price in net_prices.values())}
