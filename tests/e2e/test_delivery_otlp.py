"""The package's OTLP transport into our own server: what is stored is what Pub/Sub brings, each
exchange once, without a secret."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from .conftest import SecondService
from .processes import Server, gunicorn
from .test_documented_api import APPS, KEPT, SECRETS, environment, send_traffic
from .unpacked import said_by_files

# What differs from one run of the application to the next, whatever brings it.
OF_THE_RUN = {
    *("id", "msg_id", "parent_id", "trace_id", "span_id", "parent_span_id"),
    *("timestamp", "received_at", "duration", "ttfb"),
}
HEADERS_OF_THE_RUN = {"date", "traceparent"}


def comparable(exchange: dict[str, Any]) -> dict[str, Any]:
    """Without what is the run's; names of headers as OpenTelemetry has them, in lower case."""
    kept = {name: value for name, value in exchange.items() if name not in OF_THE_RUN}
    for side in ("request_headers", "response_headers"):
        lower = {name.lower(): value for name, value in exchange[side].items()}
        kept[side] = {k: v for k, v in lower.items() if k not in HEADERS_OF_THE_RUN}
    kept["errors"] = [{k: v for k, v in e.items() if k != "when"} for e in exchange["errors"]]
    return kept


def play(server: Server, settings: dict[str, str], log: Path) -> list[dict[str, Any]]:
    """The documented application's traffic; what is new in the server."""
    before = {exchange["id"] for exchange in server.exchanges()}
    with gunicorn("documented:app", APPS, log, settings, workers=1) as base:
        port = base.rsplit(":", 1)[1]
        send_traffic(base)
    found = [e for e in server.exchanges() if e["id"] not in before]
    served = {e["id"] for e in found if e["request_type"] == "incoming"}
    assert all(e["parent_id"] in served for e in found if e["request_type"] == "outgoing")
    text = json.dumps(found).replace(f"127.0.0.1:{port}", "127.0.0.1:PORT")
    return [comparable(exchange) for exchange in json.loads(text)]


def test_otlp_brings_what_pubsub_brings(
    server: Server, second_service: SecondService, refusing_service: str, tmp_path: Path
) -> None:
    settings = environment(server.url, second_service.url, refusing_service)
    expected = play(server, settings, tmp_path / "pubsub.log")
    assert len(expected) >= 19
    settings |= {"APITOOLKIT_TRANSPORT": "otlp", "APITOOLKIT_OTLP_ENDPOINT": server.url}
    found = play(server, settings, tmp_path / "otlp.log")

    def as_texts(exchanges: list[dict[str, Any]]) -> Counter[str]:
        return Counter(json.dumps(e, sort_keys=True) for e in exchanges)

    assert as_texts(found) == as_texts(expected)
    metrics = server.get("/metrics").body.decode()
    assert f'apitoolkit_messages_received_total{{source="otlp_http"}} {len(found)}' in metrics
    shown = json.dumps(found)
    assert [secret for secret in SECRETS if secret in shown] == []
    assert [kept for kept in KEPT if kept not in shown] == []
    assert server.stop() == 0
    said = said_by_files(server.data)
    assert [secret for secret in SECRETS if secret.encode() in said] == []
