"""Upstream's Flask package of the first generation, as its documentation has it used."""

import sys

from apitoolkit_python import report_error
from flask import Flask, request

from apitoolkit_flask import APIToolkit

app = Flask(__name__)
apitoolkit = APIToolkit(api_key=sys.argv[2], root_url=sys.argv[1], redact_headers=["x-secret"])


@app.before_request
def before():
    apitoolkit.beforeRequest()


@app.after_request
def after(response):
    apitoolkit.afterRequest(response)
    return response


@app.get("/users/<int:number>")
def user(number):
    return {"number": number}


@app.post("/orders")
def order():
    try:
        raise ValueError("out of stock")
    except ValueError as error:
        report_error(request, error)
    return {"taken": request.get_json()}, 201


client = app.test_client()
client.set_cookie("s", "secret-b")
secrets = {"Authorization": "Bearer secret-a", "X-Secret": "secret-c"}
client.get("/users/7?tag=a&page=2", headers={**secrets, "X-Plain": "plain"})
client.post("/orders", json={"item": "tea", "count": 3}, headers=secrets)
client.get("/nowhere")
