"""What the tests of real clients share: the server they speak to, and how they are run."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from tests.e2e.processes import KEY, PROJECT, Server

APPS = Path(__file__).parent / "apps"
# A proxy between the client and the server, or authorities that go before the test's own.
NOT_INHERITED = ("_proxy", "_ca_bundle", "ssl_cert_file", "ssl_cert_dir")


def run(environment: dict[str, str], *command: str | Path) -> None:
    """Runs a client to its end; its own assertions are its exit status."""
    inherited = {k: v for k, v in os.environ.items() if not k.lower().endswith(NOT_INHERITED)}
    done = subprocess.run(
        command,
        env={**inherited, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def only(exchanges: list[dict[str, Any]], method: str, status: int) -> dict[str, Any]:
    found = [e for e in exchanges if (e["method"], e["status_code"]) == (method, status)]
    assert len(found) == 1, exchanges
    return found[0]


def check_no_secret(server: Server) -> None:
    """Neither a secret header's value nor the API key is in what is stored, nor on the disk where
    that is not compressed."""
    stored = {path: path.read_bytes() for path in server.data.rglob("*") if path.is_file()}
    assert stored
    stored[Path("exchanges")] = json.dumps(server.exchanges()).encode()
    stored[Path("dead letters")] = server.get("/api/v1/dead-letters").body
    for place, content in stored.items():
        for secret in (b"secret-a", b"secret-b", b"secret-c", KEY.encode()):
            assert secret not in content, (place, secret)


def check_user(exchange: dict[str, Any], **expected: Any) -> None:
    assert {name: exchange[name] for name in expected} == expected
    assert exchange["project_id"] == PROJECT
    assert exchange["request_type"] == "incoming"
    assert exchange["raw_url"] == "/users/7?tag=a&page=2"
    assert exchange["query_params"] == {"tag": "a", "page": "2"}
    assert exchange["response_body"] == {"number": 7}
    assert exchange["duration"] > 0
    headers = {name.lower(): value for name, value in exchange["request_headers"].items()}
    assert headers["x-plain"] == "plain"
    assert headers["authorization"] == "[CLIENT_REDACTED]"
