"""A rule made at the server: what it masks stops leaving the application that is running."""

from __future__ import annotations

import base64
import json
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .faulty_proxy import FaultyProxy, decoded_text
from .processes import BINARY, Server, call, eventually, gunicorn
from .test_documented_api import APPS, environment


@pytest.fixture
def quick(server: Server) -> Server:
    """The server with SDKs that ask for rules every second instead of every minute."""
    assert server.stop() == 0
    server.environment["APITOOLKIT_SERVER_METADATA_REFRESH_S"] = "1"
    return server.start()


@pytest.fixture
def proxy(quick: Server) -> Iterator[FaultyProxy]:
    standing = FaultyProxy(quick.port)
    yield standing
    standing.close()


def body_of(message: dict[str, Any]) -> str:
    return base64.b64decode(message["response_body"] or "").decode()


def make_key(server: Server, *arguments: str) -> dict[str, object]:
    made = subprocess.run(
        [BINARY, "key", "create", "--data", str(server.data), "--json", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    answer: dict[str, object] = json.loads(made.stdout)
    return answer


def test_a_running_application_takes_up_a_new_rule(
    quick: Server, proxy: FaultyProxy, tmp_path: Path
) -> None:
    secret = str(make_key(quick, "rules", "--scope", "admin")["secret"])
    # The running server takes up what the command line has made.
    eventually(lambda: quick.get("/api/v1/redaction", secret).status == 200, "the key")
    with gunicorn(
        "documented:app", APPS, tmp_path / "app.log", environment(proxy.url), workers=1
    ) as base:
        assert call(f"{base}/hello").json() == {"Hello": "World"}
        eventually(quick.exchanges, "the first exchange")
        assert any("World" in body_of(message) for message in proxy.published)
        made = call(
            f"{quick.url}/api/v1/redaction",
            "POST",
            json.dumps({"kind": "response_body", "value": "$.Hello"}).encode(),
            {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"},
        )
        assert made.status == 201, made.body

        def is_masked() -> bool:
            call(f"{base}/hello")
            return "[CLIENT_REDACTED]" in body_of(proxy.published[-1])

        eventually(is_masked, "a masked body in what leaves the application", 60)
        before = len(proxy.published)
        for _ in range(5):
            call(f"{base}/hello")
        eventually(lambda: len(proxy.published) >= before + 5, "five more messages")
        said = [decoded_text(message) for message in proxy.published[before:]]
        assert [text for text in said if "World" in text] == []


def test_the_command_line_revokes_a_key_while_the_server_runs(server: Server) -> None:
    made = make_key(server, "worker", "--scope", "read")
    secret = str(made["secret"])
    eventually(lambda: server.get("/api/v1/stats", secret).status == 200, "the new key")
    subprocess.run(
        [BINARY, "key", "revoke", str(made["id"]), "--data", str(server.data)], check=True
    )
    eventually(lambda: server.get("/api/v1/stats", secret).status == 401, "the revocation")
    with sqlite3.connect(f"file:{server.data}/catalog.db?mode=ro", uri=True) as catalog:
        rows = catalog.execute(
            "SELECT action, actor FROM audit ORDER BY id DESC LIMIT 2"
        ).fetchall()
    assert [action for action, _ in rows] == ["key.revoke", "key.create"]
    assert all(actor.startswith("command line (") for _, actor in rows)
