"""Clients of Pub/Sub that nobody here wrote, over gRPC, under PUBSUB_EMULATOR_HOST."""

from __future__ import annotations

import contextlib
import json

from tests.e2e.processes import KEY, Server
from tests.e2e.tls_server import TLSServer

from .clients import APPS, check_no_secret, check_user, only, run
from .environments import modules, python


def emulator(server: Server) -> dict[str, str]:
    return {"PUBSUB_EMULATOR_HOST": f"127.0.0.1:{server.port}"}


def run_python(server: Server, environment: str, app: str) -> None:
    run(emulator(server), python(environment), APPS / app, server.url, KEY)


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
    run(emulator(server), "node", app, server.url, KEY, modules("pubsub_node"))
    check_numbered(server, "JsExpress")


def test_googles_python_publisher_over_tls(tls_server: TLSServer) -> None:
    with contextlib.closing(tls_server.connection()) as connection:
        authorized = {"Authorization": f"Bearer {KEY}"}
        connection.request("GET", "/api/client_metadata", headers=authorized)
        metadata = json.loads(connection.getresponse().read())
        for port in (tls_server.port, tls_server.grpc_port):
            run(
                {},
                *(python("pubsub"), APPS / "pubsub_tls.py"),
                *(f"127.0.0.1:{port}", tls_server.authority.file),
                *(metadata["pubsub_project_id"], metadata["topic_id"]),
            )
        connection.request("GET", "/api/v1/exchanges", headers=authorized)
        exchanges = json.loads(connection.getresponse().read())["data"]
    assert [e["raw_url"] for e in exchanges] == ["/over/tls"] * 2
