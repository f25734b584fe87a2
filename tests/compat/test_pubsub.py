"""Clients of Pub/Sub that nobody here wrote, over gRPC, under PUBSUB_EMULATOR_HOST."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.processes import KEY, PROJECT, Server, held_port

from .environments import modules, python

APPS = Path(__file__).parent / "apps"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with held_port() as port:
        running = Server(tmp_path / "data", tmp_path / "server.log", port=port).start()
        yield running
        assert running.stop() == 0, running.log.read_text()


def run(server: Server, *command: str | Path) -> None:
    """Runs a client to its end; its own assertions are its exit status."""
    environment = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
    environment["PUBSUB_EMULATOR_HOST"] = f"127.0.0.1:{server.port}"
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def run_python(server: Server, environment: str, app: str) -> None:
    run(server, python(environment), APPS / app, server.url, KEY)


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


def test_flask(server: Server) -> None:
    run_python(server, "flask_1_0_1", "flask_pubsub.py")
    exchanges = server.exchanges()
    assert len(exchanges) == 3
    user = only(exchanges, "GET", 200)
    check_user(
        user,
        sdk_type="PythonFlask",
        url_path="/users/<int:number>",
        path_params={"number": 7},
        host="localhost",
    )
    assert user["request_headers"]["X-Secret"] == "[CLIENT_REDACTED]"
    order = only(exchanges, "POST", 201)
    assert order["request_body"] == {"item": "tea", "count": 3}
    assert order["response_body"] == {"taken": {"item": "tea", "count": 3}}
    assert [e["error_type"] for e in order["errors"]] == ["ValueError"]
    assert order["errors"][0]["message"] == "out of stock"
    assert "flask_pubsub.py" in order["errors"][0]["stack_trace"]
    missing = only(exchanges, "GET", 404)
    # It sends "/nowhere?".
    assert (missing["raw_url"], missing["url_path"]) == ("/nowhere", "/nowhere")
    check_no_secret(server)


def test_fastapi(server: Server) -> None:
    run_python(server, "fastapi_1_2_1", "fastapi_pubsub.py")
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
    run_python(server, "django_1_4_3", "django_pubsub.py")
    exchanges = server.exchanges()
    assert len(exchanges) == 2
    check_user(
        only(exchanges, "GET", 200),
        sdk_type="PythonDjango",
        url_path="users/<int:number>",
        path_params={"number": 7},
    )
    order = only(exchanges, "POST", 201)
    assert order["request_body"] == {"item": "tea", "count": 3}
    assert order["response_body"] == {"taken": True}
    check_no_secret(server)


def check_numbered(server: Server, sdk_type: str) -> None:
    exchanges = server.exchanges()
    assert sorted(e["duration"] for e in exchanges) == list(range(1000, 1250))
    for exchange in exchanges:
        number = exchange["duration"] - 1000
        assert exchange["raw_url"] == f"/users/{number}"
        assert exchange["sdk_type"] == sdk_type


def test_googles_python_publisher(server: Server) -> None:
    run_python(server, "pubsub", "pubsub_official.py")
    check_numbered(server, "PythonPyramid")
    letters = server.get("/api/v1/dead-letters").json()["data"]
    assert [letter["source"] for letter in letters] == ["pubsub_grpc"]


def test_googles_node_publisher(server: Server) -> None:
    app = APPS / "pubsub_official.mjs"
    run(server, "node", app, server.url, KEY, modules("pubsub_node"))
    check_numbered(server, "JsExpress")
