"""An application as a user with `mypy --strict` writes it. Checked by test_types.py, never run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import httpx
from flask import Flask, Response, request

from apitoolkit_flask import (
    APIToolkit,
    Rejected,
    RetryLater,
    Stats,
    Transport,
    jsonpath,
    observe_request,
    observe_request_async,
    report_error,
)

app = Flask(__name__)


class Mine:
    def deliver(self, messages: Sequence[bytes], timeout_s: float) -> None:
        if timeout_s < 1:
            raise RetryLater("no time", after_s=1.5)
        if not messages:
            raise Rejected("nothing")


def before_send(message: dict[str, Any]) -> dict[str, Any] | None:
    return message if message["status_code"] != 404 else None


def consumer(of: Any) -> str | None:
    return None if of is None else "ada"


mine: Transport = Mine()
apitoolkit = APIToolkit(
    app,
    api_key="k",
    redact_headers=["X-Session"],
    redact_request_body=("$.a",),
    tags=["prod"],
    before_send=before_send,
    consumer=consumer,
    capture_locals=True,
    flush_timeout_s=1,
    transport=mine,
)
by_position = APIToolkit("k", "https://host", ["A"], ["$.b"], [], True, "3.0.0", ["t"])


@app.before_request
def hook() -> None:
    apitoolkit.beforeRequest()


@app.after_request
def other_hook(response: Response) -> Response:
    return apitoolkit.afterRequest(response)


app.register_error_handler(ValueError, apitoolkit.handle_error)
app.wsgi_app = apitoolkit.wsgi(app.wsgi_app)  # type: ignore[method-assign]


@app.get("/")
async def view() -> str:
    client: httpx.Client = observe_request(request, url_wildcard="/x/{id}", timeout=3)
    async_client: httpx.AsyncClient = observe_request_async(request)
    try:
        answer = client.get("https://h.example/x/2")
        again = await async_client.get("https://h.example/x/2")
        return answer.text + again.text
    except httpx.HTTPError as error:
        report_error(request, error)
        return ""


undo = apitoolkit.instrument_httpx()
undo()
apitoolkit.instrument_requests()
stats: Stats = apitoolkit.stats()
lost: int = sum(stats["dropped"].values())
is_ready: bool = stats["state"] == "ready"
done: bool = apitoolkit.flush(1.5)
info: dict[str, Any] = apitoolkit.getInfo()
messages: list[dict[str, Any]] = apitoolkit.take_messages()
nodes: list[tuple[str, bytes]] = jsonpath.select(b"[1]", "$[0]")

# What is wrong must be an error: a comment that is not needed is one as well.
APIToolkit(app, debug="yes")  # type: ignore[arg-type]
APIToolkit(app, transport=object())  # type: ignore[arg-type]
APIToolkit(app, before_send=len)  # type: ignore[arg-type]
APIToolkit(app, sampel_rate=1)  # type: ignore[call-arg]
report_error(request, "text")  # type: ignore[arg-type]
stats["snet"]  # type: ignore[typeddict-item]
apitoolkit.flush("1")  # type: ignore[arg-type]
