"""Who is measured: how each is attached to an application, and what it records.

Everything is imported when it is attached: a contender is only to be had in its own environment
(environments.py), and only there is its process started.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask
from workload import PATHS

# What `attach` returns: called between rounds, waits until what was recorded is exported.
Settle = Callable[[], object]


@dataclass(frozen=True)
class Contender:
    name: str
    environment: str  # a name of environments.py
    attach: Callable[[Flask, str], Settle]  # the application, the sink's URL
    # What it keeps of every request: "exchange" (with headers and bodies), "span" (method, route,
    # status and times), "none". Those that keep something are peers of ours: vs_lightest_peer is
    # taken against the cheapest, although the spans hold less than we record.
    records: str
    # It changes Flask for the whole process: its bare application needs a process of its own.
    patches_flask: bool = False


def _nothing() -> None:
    return


def _ours(app: Flask, sink: str, *, paths: int, hooks: bool) -> Settle:
    from apitoolkit_flask import APIToolkit

    some = list(PATHS[:paths])
    toolkit = APIToolkit(
        None if hooks else app,
        api_key="bench",
        root_url=sink,
        redact_request_body=some,
        redact_response_body=some,
    )
    if hooks:
        _hook(app, toolkit)
    return lambda: toolkit.flush(10)


class _FreePublisher:
    """Takes upstream's messages at no cost: what is left is its work before the network.

    As it ships, each request also waits on its own thread for Pub/Sub's acknowledgement.
    """

    def publish(self, _topic: str, **_message: bytes) -> _FreePublisher:
        return self

    def result(self) -> str:
        return "1"


def _upstream(app: Flask, sink: str, *, paths: int) -> Settle:
    from apitoolkit_flask import APIToolkit

    some = list(PATHS[:paths])
    toolkit: Any = APIToolkit(
        api_key="bench", root_url=sink, redact_request_body=some, redact_response_body=some
    )
    toolkit.publisher = _FreePublisher()
    _hook(app, toolkit)
    return _nothing


def _hook(app: Flask, toolkit: Any) -> None:
    """As both SDKs' documentation has it."""

    @app.before_request
    def before_request() -> None:
        toolkit.beforeRequest()

    @app.after_request
    def after_request(response: Any) -> Any:
        toolkit.afterRequest(response)
        return response


def _sentry(app: Flask, sink: str, *, traces: bool) -> Settle:
    import sentry_sdk
    from sentry_sdk.integrations.flask import FlaskIntegration

    sentry_sdk.init(
        dsn=sink.replace("http://", "http://key@") + "/1",
        integrations=[FlaskIntegration()],
        traces_sample_rate=1.0 if traces else None,
    )
    return lambda: sentry_sdk.flush(5)


def _opentelemetry(app: Flask, sink: str) -> Settle:
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.instrumentation.flask import FlaskInstrumentor
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(sink + "/v1/traces")))
    trace.set_tracer_provider(provider)
    FlaskInstrumentor().instrument_app(app)
    return lambda: provider.force_flush(5000)


def _apitally(app: Flask, sink: str) -> Settle:
    import apitally.flask
    from apitally.shared import activation

    apitally.flask.init(
        app,
        write_token="apt_" + "b" * 24,
        otlp_endpoint=sink,
        capture_request_headers=True,
        capture_request_body=True,
        capture_response_body=True,
    )

    def settle() -> None:
        if activation.span_processor is not None:
            activation.span_processor.force_flush(5000)

    return settle


def _with(function: Callable[..., Settle], **options: Any) -> Callable[[Flask, str], Settle]:
    return lambda app, sink: function(app, sink, **options)


CONTENDERS = {
    contender.name: contender
    for contender in (
        Contender("ours init_app", "ours", _with(_ours, paths=0, hooks=False), "exchange"),
        Contender("ours init_app 5+5", "ours", _with(_ours, paths=5, hooks=False), "exchange"),
        Contender("ours hooks", "ours", _with(_ours, paths=0, hooks=True), "exchange"),
        Contender("ours hooks 5+5", "ours", _with(_ours, paths=5, hooks=True), "exchange"),
        Contender("upstream", "upstream", _with(_upstream, paths=0), "exchange"),
        Contender("upstream 3+3", "upstream", _with(_upstream, paths=3), "exchange"),
        Contender("upstream 5+5", "upstream", _with(_upstream, paths=5), "exchange"),
        Contender("upstream 2023 5+5", "upstream-2023", _with(_upstream, paths=5), "exchange"),
        Contender("sentry errors", "sentry", _with(_sentry, traces=False), "none", True),
        Contender("sentry traces", "sentry", _with(_sentry, traces=True), "span", True),
        Contender("opentelemetry", "opentelemetry", _opentelemetry, "span"),
        Contender("apitally bodies", "apitally", _apitally, "exchange"),
    )
}
BARE = "bare"


def attach(name: str, app: Flask, sink: str) -> Settle:
    return _nothing if name == BARE else CONTENDERS[name].attach(app, sink)
