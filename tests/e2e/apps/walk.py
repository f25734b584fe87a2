"""A small shop that the walk through the dashboard starts, asks and reads about."""

from __future__ import annotations

import os
from typing import Any

from flask import Flask, request

from apitoolkit_flask import APIToolkit, observe_request

app = Flask(__name__)
APIToolkit(
    app, api_key=os.environ["APITOOLKIT_API_KEY"], root_url=os.environ["APITOOLKIT_ROOT_URL"]
)


@app.get("/hello")
def hello() -> dict[str, str]:
    return {"hello": "world"}


@app.post("/orders/<int:order>/pay")
def pay(order: int) -> dict[str, Any]:
    charge = {"order": order, "card": "declined"}
    answer = observe_request(request).post(f"{os.environ['SECOND_SERVICE']}/charges", json=charge)
    if answer.status_code != 201:
        raise RuntimeError(f"order {order} could not be charged")
    return {"paid": order}
