"""The server as a process: how it starts, what it refuses, and in which words."""

from __future__ import annotations

import base64
import json
import os
import sqlite3
import subprocess
from datetime import datetime, timezone
from pathlib import Path

import pytest

from .processes import BINARY, KEY, PASSWORD, PROJECT, Server, call


def serve(
    *arguments: str, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(BINARY), "serve", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, **(environment or {})},
        check=False,
    )


def publish(
    server: Server, messages: list[bytes], headers: dict[str, str] | None = None
) -> tuple[int, dict[str, object]]:
    metadata = server.get("/api/client_metadata").json()
    path = f"/v1/projects/{metadata['pubsub_project_id']}/topics/{metadata['topic_id']}:publish"
    body = json.dumps(
        {"messages": [{"data": base64.b64encode(m).decode()} for m in messages]}
    ).encode()
    answer = call(
        server.url + path, "POST", body, {"Content-Type": "application/json", **(headers or {})}
    )
    return answer.status, answer.json()


def message(path: str, **members: object) -> bytes:
    return json.dumps(
        {
            "timestamp": datetime.now(timezone.utc).isoformat(),
            "method": "GET",
            "raw_url": path,
            "url_path": path,
            "status_code": 200,
            "duration": 1000,
            "sdk_type": "JsExpress",
            "request_headers": {"Authorization": ["Bearer sent-by-an-sdk"]},
            "response_headers": {},
            **members,
        }
    ).encode()


def test_a_port_in_use_is_one_sentence(server: Server, tmp_path: Path) -> None:
    done = serve("--data", str(tmp_path / "other"), "--listen", f"127.0.0.1:{server.port}")
    assert done.returncode == 1
    assert (
        done.stderr.count("\n") == 1
        and str(server.port) in done.stderr
        and "--listen" in done.stderr
    )


def test_a_second_server_on_the_same_data_is_refused(server: Server) -> None:
    done = serve("--data", str(server.data), "--listen", "127.0.0.1:0")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1 and str(server.data) in done.stderr


def test_a_data_directory_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = serve("--data", str(tmp_path / "file" / "data"), "--listen", "127.0.0.1:0")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1 and "--data" in done.stderr


def test_a_database_of_a_newer_version_is_one_sentence(server: Server) -> None:
    publish(server, [message("/a")])
    assert server.stop() == 0
    for database in server.data.rglob("*.db"):
        before = database.read_bytes()
        connection = sqlite3.connect(database)
        connection.execute("PRAGMA user_version = 999")
        connection.commit()
        connection.close()
        done = serve("--data", str(server.data), "--listen", "127.0.0.1:0")
        assert done.returncode == 1, database
        assert (
            done.stderr.count("\n") == 1 and "newer" in done.stderr and database.name in done.stderr
        )
        database.write_bytes(before)


def test_the_first_start_prints_owner_project_and_key_once(tmp_path: Path) -> None:
    fresh = Server(tmp_path / "data", tmp_path / "log")
    fresh.environment = {
        "APITOOLKIT_BOOTSTRAP_KEY": "",
        "APITOOLKIT_BOOTSTRAP_PASSWORD": "",
        "APITOOLKIT_BOOTSTRAP_PROJECT": "",
    }
    fresh.start()
    first = "".join(fresh.stdout)
    assert fresh.stop() == 0
    fresh.stdout.clear()
    fresh.start()
    second = "".join(fresh.stdout)
    assert fresh.stop() == 0
    for word in ("owner", "password", "key"):
        assert word in first.lower()
        assert word not in second.lower()


def test_duplicates_are_dropped_also_after_a_restart(server: Server) -> None:
    one = message("/twice", msg_id="018f3b5e-7c1a-7abc-8def-0123456789ab")
    for _ in range(2):
        assert publish(server, [one, one])[0] == 200
    assert server.stop() == 0
    server.start()
    assert publish(server, [one])[0] == 200
    assert [e["id"] for e in server.exchanges()] == ["018f3b5e-7c1a-7abc-8def-0123456789ab"]


def test_a_bad_message_is_refused_and_kept_and_the_rest_is_stored(server: Server) -> None:
    status, answer = publish(server, [message("/good/1"), b"{not json", message("/good/2")])
    assert status == 400
    error = answer["error"]
    assert (
        isinstance(error, dict) and error["code"] == 400 and error["status"] == "INVALID_ARGUMENT"
    )
    assert sorted(e["url_path"] for e in server.exchanges()) == ["/good/1", "/good/2"]
    letters = server.get("/api/v1/dead-letters").json()["data"]
    assert [base64.b64decode(letter["bytes"]) for letter in letters] == [b"{not json"]
    # A publisher that tries again changes nothing.
    publish(server, [message("/good/1"), b"{not json", message("/good/2")])
    assert len(server.exchanges()) == 2


def test_headers_are_redacted_again_whatever_the_sdk_sent(server: Server) -> None:
    assert publish(server, [message("/a")])[0] == 200
    assert server.exchanges()[0]["request_headers"] == {"Authorization": "[CLIENT_REDACTED]"}


def test_the_message_cannot_choose_its_project(server: Server) -> None:
    other = "99999999-9999-4999-8999-999999999999"
    assert publish(server, [message("/a", project_id=other)])[0] == 200
    assert server.exchanges()[0]["project_id"] == PROJECT


@pytest.mark.parametrize("key", [None, "wrong", KEY[:-1], KEY + "x", ""])
@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/exchanges",
        "/api/v1/exchanges/018f3b5e-7c1a-7abc-8def-0123456789ab",
        "/api/v1/exchanges/018f3b5e-7c1a-7abc-8def-0123456789ab/children",
        "/api/v1/dead-letters",
        "/api/v1/stats",
        "/api/v1/session",
        "/api/client_metadata",
    ],
)
def test_every_route_wants_a_key(server: Server, path: str, key: str | None) -> None:
    answer = server.get(path, key=key)
    assert answer.status == 401
    if path == "/api/client_metadata":
        assert answer.body == b"", "PHP's SDK treats any body as a success"


def test_metadata_is_exactly_what_existing_sdks_accept(server: Server) -> None:
    for authorization in (f"Bearer {KEY}", KEY):
        answer = call(server.url + "/api/client_metadata", headers={"Authorization": authorization})
        assert answer.status == 200
        metadata = answer.json()
        assert set(metadata) == {
            "project_id",
            "topic_id",
            "pubsub_project_id",
            "pubsub_push_service_account",
        }
        account = metadata["pubsub_push_service_account"]
        assert all(isinstance(value, str) for value in account.values())
        assert account["project_id"] == metadata["pubsub_project_id"]
        assert account["private_key"].startswith("-----BEGIN PRIVATE KEY-----\n")


def test_logging_in_and_out(server: Server) -> None:
    body = json.dumps({"name": "owner", "password": PASSWORD}).encode()
    headers = {"Content-Type": "application/json"}
    wrong = call(server.url + "/api/v1/session", "POST", body.replace(b"horse", b"mule"), headers)
    assert wrong.status == 401
    right = call(server.url + "/api/v1/session", "POST", body, headers)
    assert right.status == 200
    cookie = right.header("Set-Cookie") or ""
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie
    session = {"Cookie": cookie.split(";")[0]}
    assert call(server.url + "/api/v1/exchanges", headers=session).status == 200
    assert call(server.url + "/api/v1/session", "DELETE", headers=session).status == 403, (
        "no CSRF token"
    )
    token = {"X-CSRF-Token": right.json()["csrf_token"]}
    assert (
        call(server.url + "/api/v1/session", "DELETE", headers={**session, **token}).status == 204
    )
    assert call(server.url + "/api/v1/exchanges", headers=session).status == 401


def test_the_dashboard_is_served_with_a_strict_policy(server: Server) -> None:
    page = call(server.url + "/")
    assert page.status == 200 and b"<script" in page.body
    policy = page.header("Content-Security-Policy") or ""
    assert "default-src 'none'" in policy and "unsafe" not in policy


def test_health_and_metrics(server: Server) -> None:
    publish(server, [message("/a")])
    assert call(server.url + "/healthz").status == 200
    metrics = call(server.url + "/metrics").body.decode()
    assert "apitoolkit_exchanges_stored_total 1" in metrics
