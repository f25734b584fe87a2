"""An export that breaks off goes on, and what is imported is exported as it was."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from .cutting_proxy import cutting_proxy
from .processes import KEY, Server, call
from .test_export_import import encoded, fill, run, second
from .test_server_process import message, publish

__all__ = ["second"]  # the fixture

TRACE = "0af7651916cd43dd8448eb211c80319c"


def fill_lines(server: Server, count: int = 1500) -> None:
    """More than a connection holds on its way; some at the same time, told apart by their ids."""
    begin = datetime(2026, 3, 1, tzinfo=timezone.utc)
    for start in range(0, count, 500):
        batch = [
            message(
                f"/{n}",
                timestamp=(begin + timedelta(milliseconds=n // 5)).isoformat(),
                response_body=encoded(f"{n} ".encode() * 400),
            )
            for n in range(start, start + 500)
        ]
        assert publish(server, batch)[0] == 200


def exported(server: Server) -> bytes:
    status, text, said = run("export", url=server.url)
    assert (status, said) == (0, "")
    return text


def test_an_export_goes_on_after_breaks(server: Server, tmp_path: Path) -> None:
    fill_lines(server)
    whole = exported(server)
    assert len(whole) > 2_000_000
    file = tmp_path / "export.ndjson"
    # The first is within the first line, the second right behind it.
    with cutting_proxy(server.port, [1_500, 2_000, 300_000, 1_000_000, 1_000_500]) as proxy:
        # The count of them, and the breaks before anything has come, are not asked again.
        status, _, said = run("export", "-o", str(file), url=proxy.url)
        while status != 0:
            assert not (tmp_path / "export.ndjson").exists()
            status, _, said = run("export", "-o", str(file), "--resume", url=proxy.url)
        assert proxy.cuts == [], said
    assert file.read_bytes() == whole
    with cutting_proxy(server.port, [200_000, 1_700_000]) as proxy:
        assert run("export", url=proxy.url)[:2] == (0, whole)
        assert proxy.cuts == []


def test_what_was_given_up_is_resumed(server: Server, tmp_path: Path) -> None:
    fill_lines(server)
    whole = exported(server)
    file = tmp_path / "export.ndjson"
    part = tmp_path / "export.ndjson.part"
    since = ("--since", "2026-03-01T00:00:00+00:00")
    with cutting_proxy(server.port, [700_000], then_refuse=True) as proxy:
        status, _, said = run("export", "-o", str(file), *since, "--patience", "1", url=proxy.url)
    assert status == 1
    assert "broke off after" in said
    assert f"--resume {' '.join(since)} goes on" in said
    assert not file.exists()
    left = part.read_bytes()
    assert part.stat().st_mode & 0o777 == 0o600
    assert whole.startswith(left)
    assert left.endswith(b"\n")
    # As a crash in the middle of a write would leave it.
    part.write_bytes(left + b'{"duration":')
    publish(server, [message("/new", timestamp="2026-03-02T00:00:00Z")])
    resumed = run("export", "-o", str(file), *since, "--resume", url=server.url)
    assert resumed == (0, b"", "")
    # What came meanwhile is newer than its first line.
    assert file.read_bytes() == whole
    assert not part.exists()


def test_a_resumed_export_says_what_is_wrong(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "export.ndjson"
    part = tmp_path / "export.ndjson.part"
    publish(server, [message("/a")])
    for wrong in (
        ("--resume",),
        ("--resume", "-o", str(file), "--format", "har"),
        ("--resume", "-o", str(file), "--since", "-1h"),
    ):
        status, _, said = run("export", *wrong, url=server.url)
        assert (status, "--resume needs" in said) == (2, True)
    part.write_text("not a message\n")
    status, _, said = run("export", "--resume", "-o", str(file), url=server.url)
    assert (status, "is no message" in said) == (1, True)
    gone = message("/gone", msg_id="018f3b5e-7c1a-7abc-8def-000000000001") + b"\n"
    part.write_bytes(gone)
    status, _, said = run("export", "--resume", "-o", str(file), url=server.url)
    assert (status, "not stored any more" in said) == (1, True)
    assert part.read_bytes() == gone
    part.unlink()
    # Nothing was left: it begins.
    assert run("export", "--resume", "-o", str(file), url=server.url)[0] == 0
    assert file.read_bytes() == exported(server)


def log(nanoseconds: int, body: str, span: str = "00f067aa0ba902b7") -> dict[str, object]:
    return {
        "timeUnixNano": str(nanoseconds),
        "severityNumber": 9,
        "traceId": TRACE,
        "spanId": span,
        "body": {"stringValue": body},
        "attributes": [
            {"key": "n", "value": {"intValue": "7"}},
            {"key": "share", "value": {"doubleValue": 0.5}},
            {"key": "list", "value": {"arrayValue": {"values": [{"boolValue": True}]}}},
        ],
    }


def export_logs(server: Server) -> None:
    begin = 1_772_359_200_000_000_000
    lines = [log(begin + n, f'line {n} "\n\u00e9') for n in (1, 1001, 1002)]
    lines.append(log(begin, "without a span", ""))
    body = {"resourceLogs": [{"scopeLogs": [{"logRecords": lines}]}]}
    answer = call(
        server.url + "/v1/logs",
        "POST",
        json.dumps(body).encode(),
        {"Content-Type": "application/json", "Authorization": f"Bearer {KEY}"},
    )
    assert answer.status == 200, answer.body


def test_export_import_export_is_the_same(server: Server, second: Server) -> None:
    fill(server)
    # A trace of several exchanges with lines of logs, and times that only nanoseconds tell apart.
    export_logs(server)
    stamps = [f"2026-03-01T10:00:00.{n:09d}Z" for n in (123_456_789, 123_456_788, 1, 120_000_000)]
    traced = [
        message(
            f"/traced/{n}",
            timestamp=stamp,
            trace_id=TRACE,
            errors=[{"when": stamp, "error_type": "E", "message": "m"}],
        )
        for n, stamp in enumerate(stamps)
    ]
    assert publish(server, traced)[0] == 200
    first = exported(server)
    with_logs = [json.loads(line) for line in first.splitlines() if b'"logs":[' in line]
    # fill() has one of that trace, too.
    assert len(with_logs) == len(traced) + 1
    assert [line["timestamp"] for line in with_logs[-1]["logs"]] == [
        "2026-03-01T10:00:00.000000+00:00",
        "2026-03-01T10:00:00.000000001+00:00",
        "2026-03-01T10:00:00.000001001+00:00",
        "2026-03-01T10:00:00.000001002+00:00",
    ]
    status, _, said = run("import", url=second.url, body=first)
    assert status == 0, said
    assert exported(second) == first
    # Once more, and nothing is doubled that anybody sees.
    assert run("import", url=second.url, body=first)[0] == 0
    assert exported(second) == first
    metrics = second.get("/metrics").body.decode()
    # Four lines of logs, once an import, whatever the number of exchanges that they stand beside.
    received = next(
        float(line.split()[-1])
        for line in metrics.splitlines()
        if line.startswith("apitoolkit_messages_received_total")
    )
    assert received == 2 * (len(first.splitlines()) + 4)
    traced_id = with_logs[0]["msg_id"]
    shown = second.get(f"/api/v1/exchanges/{traced_id}/logs").json()["data"]
    assert shown == server.get(f"/api/v1/exchanges/{traced_id}/logs").json()["data"]
    assert len(shown) == 4


@pytest.mark.parametrize("query", ["logs=true", "logs=true&format=har", "logs=yes&format=ndjson"])
def test_only_messages_have_logs(server: Server, query: str) -> None:
    answer = server.get(f"/api/v1/exchanges?{query}")
    assert (answer.status, answer.json()["pointer"]) == (400, "logs")
