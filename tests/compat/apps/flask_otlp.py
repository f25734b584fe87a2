"""Upstream's Flask package of the second generation, on OpenTelemetry."""

from flask import Flask, request
from otlp_provider import provider

from apitoolkit_flask import APIToolkit, report_error

app = Flask(__name__)
apitoolkit = APIToolkit(
    capture_request_body=True,
    capture_response_body=True,
    redact_headers=["x-secret"],
    tags=["compat"],
)


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
provider.shutdown()
