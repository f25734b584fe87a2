"""Clients of OTLP that nobody here wrote: OpenTelemetry's exporters, and APIToolkit's SDKs that
are built on them. The standard environment variables say where to and with which key."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.e2e.processes import KEY, Server
from tests.e2e.tls_server import TLSServer

from .clients import APPS, check_no_secret, check_user, only, run
from .environments import modules, python


def exporting(url: str) -> dict[str, str]:
    return {
        "OTEL_EXPORTER_OTLP_ENDPOINT": url,
        "OTEL_EXPORTER_OTLP_HEADERS": f"authorization=Bearer%20{KEY}",
    }


def resource_key(url: str) -> dict[str, str]:
    return {
        "OTEL_EXPORTER_OTLP_ENDPOINT": url,
        "OTEL_RESOURCE_ATTRIBUTES": f"at-project-key={KEY},service.name=shop",
    }


def dropped(server: Server, source: str, what: str) -> int:
    """What was taken and is kept by nobody."""
    label = f'source="{source}",what="{what}"'
    for line in server.get("/metrics").body.decode().splitlines():
        if line.startswith("apitoolkit_ingest_dropped_total{") and label in line:
            return int(float(line.rsplit(" ", 1)[1]))
    return 0


def check_served(exchange: dict[str, Any], route: str) -> None:
    assert exchange["request_type"] == "incoming"
    assert (exchange["method"], exchange["status_code"]) == ("POST", 201)
    assert (exchange["url_path"], exchange["raw_url"]) == (route, "/orders/7?page=2")
    assert exchange["host"] == "shop.example:8443"
    assert exchange["request_headers"] == {
        "authorization": "[CLIENT_REDACTED]",
        "x-plain": "plain",
    }
    assert exchange["trace_id"]


@pytest.mark.parametrize("protocol", ["http", "grpc"])
def test_opentelemetrys_python_exporters(server: Server, protocol: str) -> None:
    run(exporting(server.url), python("otlp"), APPS / "otlp_official.py", protocol)
    exchanges = server.exchanges()
    assert len(exchanges) == 2
    served = only(exchanges, "POST", 201)
    check_served(served, "/orders/{id}")
    called = only(exchanges, "GET", 503)
    assert called["request_type"] == "outgoing"
    assert (called["host"], called["raw_url"]) == ("stock.example", "/items/tea?fresh=1")
    assert called["trace_id"] == served["trace_id"]
    lines = server.get(f"/api/v1/exchanges/{served['id']}/logs").json()["data"]
    assert [line["body"] for line in lines] == ["low on tea"]
    assert dropped(server, f"otlp_{protocol}", "span_not_http") == 1
    assert dropped(server, f"otlp_{protocol}", "data_point") >= 1
    check_no_secret(server)


@pytest.mark.parametrize("protocol", ["http", "grpc"])
def test_opentelemetrys_python_exporters_over_tls(tls_server: TLSServer, protocol: str) -> None:
    for port in (tls_server.port, tls_server.grpc_port):
        environment = {
            **exporting(f"https://127.0.0.1:{port}"),
            "OTEL_EXPORTER_OTLP_CERTIFICATE": str(tls_server.authority.file),
        }
        run(environment, python("otlp"), APPS / "otlp_official.py", protocol)
    connection = tls_server.connection()
    connection.request("GET", "/api/v1/exchanges", headers={"Authorization": f"Bearer {KEY}"})
    exchanges = json.loads(connection.getresponse().read())["data"]
    assert sorted(e["status_code"] for e in exchanges) == [201, 201, 503, 503]
    connection.close()


@pytest.mark.parametrize("package", ["http", "proto", "grpc"])
def test_opentelemetrys_node_exporters(server: Server, package: str) -> None:
    run(
        exporting(server.url),
        *("node", APPS / "otlp_official.mjs", modules("otlp_node")),
        f"@opentelemetry/exporter-trace-otlp-{package}",
    )
    exchanges = server.exchanges()
    assert len(exchanges) == 1
    check_served(exchanges[0], "/orders/:id")
    check_no_secret(server)


def test_flask(server: Server) -> None:
    run(resource_key(server.url), python("flask_1_0_3"), APPS / "flask_otlp.py")
    exchanges = server.exchanges()
    assert len(exchanges) == 3
    user = only(exchanges, "GET", 200)
    check_user(
        user,
        sdk_type="PythonFlask",
        url_path="/users/<int:number>",
        path_params={"number": 7},
        host="localhost",
        tags=["compat"],
    )
    assert user["request_headers"]["X-Secret"] == "[CLIENT_REDACTED]"
    order = only(exchanges, "POST", 201)
    assert order["request_body"] == {"item": "tea", "count": 3}
    assert order["response_body"] == {"taken": {"item": "tea", "count": 3}}
    assert [e["error_type"] for e in order["errors"]] == ["ValueError"]
    missing = only(exchanges, "GET", 404)
    assert (missing["raw_url"], missing["url_path"]) == ("/nowhere", "/nowhere")
    check_no_secret(server)


def test_fastapi(server: Server) -> None:
    run(resource_key(server.url), python("fastapi_2_0_0"), APPS / "fastapi_otlp.py")
    exchanges = server.exchanges()
    assert len(exchanges) == 2
    check_user(
        only(exchanges, "GET", 200),
        sdk_type="PythonFastApi",
        url_path="/users/{number}",
        path_params={"number": "7"},
        host="testserver",
    )
    order = only(exchanges, "POST", 201)
    assert order["request_body"] == {"item": "tea", "count": 3}
    assert order["response_body"] == {"taken": {"item": "tea", "count": 3}}
    check_no_secret(server)


def test_django(server: Server) -> None:
    run(resource_key(server.url), python("django_2_0_1"), APPS / "django_otlp.py")
    exchanges = server.exchanges()
    assert len(exchanges) == 2
    user = only(exchanges, "GET", 200)
    assert (user["sdk_type"], user["url_path"]) == ("PythonDjango", "users/<int:number>")
    assert user["response_body"] == {"number": 7}
    order = only(exchanges, "POST", 201)
    assert order["request_body"] == {"item": "tea", "count": 3}
    assert order["response_body"] == {"taken": True}
    check_no_secret(server)
