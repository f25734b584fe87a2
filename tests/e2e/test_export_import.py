"""`apitoolkit export` and `import`, between two servers and from browsers' archives."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .processes import BINARY, KEY, ROOT, Server, eventually, held_port
from .test_server_process import message, publish


def run(
    *arguments: str, url: str, body: bytes = b"", timeout: float = 120
) -> tuple[int, bytes, str]:
    """Exit status, standard output, standard error."""
    done = subprocess.run(
        [str(BINARY), *arguments],
        input=body,
        capture_output=True,
        timeout=timeout,
        env={**os.environ, "APITOOLKIT_ROOT_URL": url, "APITOOLKIT_API_KEY": KEY},
        check=False,
    )
    return done.returncode, done.stdout, done.stderr.decode()


@pytest.fixture
def second(tmp_path: Path) -> Iterator[Server]:
    """Another server, with another project of the same key."""
    with held_port() as port:
        running = Server(tmp_path / "second", tmp_path / "second.log", port=port).start()
        yield running
        assert running.stop() == 0


def encoded(body: bytes) -> str:
    return base64.b64encode(body).decode()


# Differs between two servers by its nature.
OF_THE_SERVER = {"project_id", "received_at", "timestamp_corrected"}


def stored(server: Server) -> list[dict[str, Any]]:
    return [
        {name: value for name, value in exchange.items() if name not in OF_THE_SERVER}
        for exchange in server.exchanges(limit=500)
    ]


def fill(server: Server) -> None:
    """Of all kinds: with and without an id, bodies of all kinds, a parent and its call, the golden
    messages of the SDKs."""
    parent = "018f3b5e-7c1a-7abc-8def-000000000001"
    messages = [
        message("/plain"),
        message(
            "/rich?a=1&a=2&b=%20",
            msg_id=parent,
            url_path="/rich/{id}",
            path_params={"id": 7},
            request_headers={"X-Many": ["one", "two"], "Content-Type": ["application/json"]},
            request_body=encoded(b' {"user": {"id": 7, "name": "Zo\xc3\xab"}} '),
            response_body=encoded(b"\xff\x00binary"),
            response_body_size=100,
            response_body_truncated=True,
            errors=[{"error_type": "E", "message": "m", "stack_trace": "t", "hash": "h"}],
            tags=["a", "b"],
            consumer="alice",
            service_name="shop",
            service_version="1.2",
            ttfb=500,
            trace_id="0af7651916cd43dd8448eb211c80319c",
            sample_weight=2.5,
            aborted=True,
        ),
        message("/call", parent_id=parent, sdk_type="JsAxiosOutgoing"),
    ]
    assert publish(server, messages)[0] == 200
    for path in sorted((ROOT / "wire" / "vectors" / "messages").glob("*.json")):
        vector = json.loads(path.read_text())
        publish(server, [vector.get("message_text", json.dumps(vector.get("message"))).encode()])
    for start in range(0, 1500, 500):
        batch = [message(f"/many/{n}") for n in range(start, start + 500)]
        assert publish(server, batch)[0] == 200


@pytest.mark.parametrize("form", ["ndjson", "har"])
def test_what_is_exported_is_imported_as_it_was(server: Server, second: Server, form: str) -> None:
    fill(server)
    status, text, said = run("export", "--format", form, url=server.url)
    assert (status, said) == (0, "")
    status, out, said = run("import", url=second.url, body=text)
    count = len(server.exchanges(limit=1000, fields="id"))
    assert count > 1500
    assert (status, out) == (0, b""), said
    assert said == f"apitoolkit: {count} exchanges were taken, 0 left out\n"
    imported, exported = stored(second), stored(server)
    assert len(imported) == len(exported)
    for got, given in zip(imported, exported):
        for name in ("query_params", "url_path"):  # read out of raw_url where a sender had none
            got[name] = got[name] if given[name] else given[name]
        assert {name: value for name, value in got.items() if value != given[name]} == {}, given
    # Nothing is doubled.
    status, _, said = run("import", url=second.url, body=text)
    assert status == 0, said
    assert len(second.exchanges(limit=1000, fields="id")) == count


def test_an_export_is_a_choice(server: Server, tmp_path: Path) -> None:
    publish(server, [message("/a"), message("/b", status_code=500), message("/c", status_code=501)])
    failed = "status_code >= 500 // not the others"
    status, text, _ = run("export", "--query", failed, "--limit", "1", url=server.url)
    assert status == 0
    assert len(text.splitlines()) == 1
    status, text, _ = run("export", "--query", failed, url=server.url)
    assert sorted(json.loads(line)["url_path"] for line in text.splitlines()) == ["/b", "/c"]
    assert run("export", "--until", "-1h", url=server.url)[:2] == (0, b"")
    status, text, _ = run("export", "--format", "csv", url=server.url)
    assert text.startswith(b"id,timestamp,")
    file = tmp_path / "export.har"
    assert run("export", "--format", "har", "-o", str(file), url=server.url) == (0, b"", "")
    assert len(json.loads(file.read_text())["log"]["entries"]) == 3
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.glob("export*")] == ["export.har"]


def test_an_export_says_what_is_wrong(
    server: Server, refusing_service: str, tmp_path: Path
) -> None:
    status, out, said = run("export", "--query", "staus_code == 1", url=server.url)
    assert (status, out) == (2, b"")
    assert "did you mean 'status_code'?" in said
    assert "^^^^^^^^^^" in said
    assert run("export", "--query", "take 7", url=server.url)[0] == 2
    assert run("export", url=refusing_service)[0] == 1
    file = tmp_path / "nowhere" / "file"
    status, _, said = run("export", "-o", str(file), url=server.url)
    assert status == 1
    assert "cannot be written" in said


def test_an_import_leaves_out_what_cannot_be_read(server: Server) -> None:
    lines = [
        message("/one"),
        b"",
        b"{",
        rb'{"method": "GET", "timestamp": "yesterday \u001b"}',
        b'{"method": "GET", "raw_url": "' + b"x" * 9_000_001 + b'"}',
        message("/two"),
    ]
    status, _, said = run("import", url=server.url, body=b"\n".join(lines))
    assert status == 1
    told = said.splitlines()
    assert told[0].startswith("apitoolkit: line 3 was left out: ")
    assert told[1].startswith("apitoolkit: line 4 was left out: timestamp: ")
    assert told[2] == "apitoolkit: line 5 was left out: longer than a message may be"
    assert told[3] == "apitoolkit: 2 exchanges were taken, 3 left out"
    assert "\x1b" not in said
    assert sorted(one["url_path"] for one in server.exchanges()) == ["/one", "/two"]


def test_an_import_says_who_does_not_take_it(server: Server, refusing_service: str) -> None:
    body = message("/one")
    status, _, said = run("import", url=refusing_service, body=body)
    assert status == 1
    assert said.startswith(f"apitoolkit: {refusing_service}")
    status, _, said = run("import", "--key", "wrong", url=server.url, body=body)
    assert status == 1
    assert "does not accept the API key" in said
    status, _, said = run("import", "/nowhere", url=server.url)
    assert (status, "/nowhere" in said) == (1, True)


def test_an_archive_of_a_browser_is_imported(server: Server, tmp_path: Path) -> None:
    """What Chrome and Firefox leave, with their quirks; an entry that is none is named."""
    entries = [
        {
            "startedDateTime": "2026-03-01T10:00:00.123Z",
            "time": 42.5,
            "_resourceType": "xhr",
            "request": {
                "method": "POST",
                "url": "https://shop.example/orders?a=1#part",
                "httpVersion": "http/2.0",
                "headers": [
                    {"name": ":authority", "value": "shop.example"},
                    {"name": "authorization", "value": "Bearer secret"},
                    {"name": "content-type", "value": "application/json"},
                ],
                "queryString": [],
                "cookies": [],
                "headersSize": -1,
                "bodySize": 8,
                "postData": {"mimeType": "application/json", "text": '{"id":7}'},
            },
            "response": {
                "status": 201,
                "statusText": "",
                "httpVersion": "http/2.0",
                "headers": [{"name": "content-encoding", "value": "br"}],
                "cookies": [],
                "content": {"size": 4, "mimeType": "application/json", "text": "true"},
                "redirectURL": "",
                "headersSize": -1,
                "bodySize": -1,
            },
            "cache": {},
            "timings": {
                "blocked": 1,
                "dns": -1,
                "connect": -1,
                "send": 0,
                "wait": 20,
                "receive": 21,
            },
        },
        {"startedDateTime": "2026-03-01T10:00:01.000+01:00", "request": {"url": "data:x"}},
        {
            "startedDateTime": "2026-03-01T10:00:02.000+01:00",
            "time": 0,
            "request": {"method": "GET", "url": "http://ads.example/", "httpVersion": ""},
            "response": {"status": 0, "_error": "net::ERR_BLOCKED_BY_CLIENT"},
        },
    ]
    file = tmp_path / "browser.har"
    archive = {"log": {"version": "1.2", "pages": [], "entries": entries}}
    file.write_text("\ufeff" + json.dumps(archive, indent=2), encoding="utf-8")
    status, _, said = run("import", str(file), url=server.url)
    assert status == 1
    assert said.splitlines() == [
        "apitoolkit: entry 1 was left out: request.method: is missing",
        "apitoolkit: 2 exchanges were taken, 1 left out",
    ]
    order, blocked = server.exchanges()
    assert (order["host"], order["raw_url"], order["status_code"]) == (
        "shop.example",
        "/orders?a=1",
        201,
    )
    assert order["request_body"] == {"id": 7}
    assert order["response_body"] is True
    assert order["request_headers"]["authorization"] == "[CLIENT_REDACTED]"
    assert order["duration"] == 42_500_000
    assert blocked["errors"][0]["error_type"] == "net::ERR_BLOCKED_BY_CLIENT"


def test_an_import_waits_for_a_busy_server(server: Server) -> None:
    """With a key that may send a request a second, and five at once."""
    limits = ("--scope", "ingest", "--requests-per-s", "1", "--data", str(server.data))
    made = subprocess.run(
        [str(BINARY), "key", "create", "slow", *limits],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    key = made.stdout.split()[-1]
    eventually(lambda: server.get("/api/client_metadata", key).status == 200, "the key")
    lines = b"\n".join(message(f"/{n}", padding="x" * 8000) for n in range(3000))
    status, _, said = run("import", "--key", key, url=server.url, body=lines)
    assert said == "apitoolkit: 3000 exchanges were taken, 0 left out\n"
    assert status == 0
    metrics = server.get("/metrics").body.decode()
    assert 'apitoolkit_ingest_refused_total{reason="resource_exhausted"' in metrics
