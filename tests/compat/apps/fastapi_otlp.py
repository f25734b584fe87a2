"""Upstream's FastAPI package of the second generation, on OpenTelemetry."""

from apitoolkit_fastapi import APIToolkit
from fastapi import FastAPI
from fastapi.testclient import TestClient
from otlp_provider import provider

app = FastAPI()
apitoolkit = APIToolkit(capture_request_body=True, capture_response_body=True)
app.middleware("http")(apitoolkit.middleware)


@app.get("/users/{number}")
async def user(number: int):
    return {"number": number}


@app.post("/orders", status_code=201)
async def order(body: dict):
    return {"taken": body}


client = TestClient(app)
secrets = {"Authorization": "Bearer secret-a", "Cookie": "s=secret-b"}
client.get("/users/7?tag=a&page=2", headers={**secrets, "X-Plain": "plain"})
client.post("/orders", json={"item": "tea", "count": 3}, headers=secrets)
provider.shutdown()
