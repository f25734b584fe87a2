"""TLS at the server: its certificate is read again on SIGHUP, and nothing weaker is taken."""

from __future__ import annotations

import json
import signal
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from .certificates import Authority
from .processes import KEY, PASSWORD, eventually
from .tls_server import TLSServer


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "authority")


@pytest.fixture
def server(tmp_path: Path, authority: Authority) -> Iterator[TLSServer]:
    running = TLSServer(tmp_path, authority)
    yield running
    running.stop()


def test_everything_is_spoken_over_tls(server: TLSServer) -> None:
    connection = server.connection()
    connection.request(
        "POST",
        "/api/v1/session",
        json.dumps({"name": "owner", "password": PASSWORD}),
        {"Content-Type": "application/json"},
    )
    answer = connection.getresponse()
    assert answer.status == 200
    assert "; Secure" in (answer.getheader("Set-Cookie") or "")
    answer.read()
    headers = {"Authorization": f"Bearer {KEY}", "X-APIToolkit-SDK": "test/1"}
    connection.request("GET", "/api/client_metadata", headers=headers)
    metadata = json.loads(connection.getresponse().read())
    assert metadata["apitoolkit"]["pubsub_endpoint"] == f"https://127.0.0.1:{server.port}"
    # Larger than any one record of TLS.
    connection.request("GET", "/api/v1/openapi.json", headers=headers)
    assert len(json.loads(connection.getresponse().read())["paths"]) > 10
    connection.close()


def test_who_speaks_no_tls_gets_no_answer(server: TLSServer) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as plain:
        plain.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
        assert b"HTTP/1.1" not in plain.recv(100)
    assert server.name_shown() == "first"


@pytest.mark.parametrize(
    ("offered", "at_listen", "at_grpc_listen"),
    [
        (["h2"], "h2", "h2"),
        (["http/1.1"], "http/1.1", "http/1.1"),
        (["h2", "http/1.1"], "http/1.1", "h2"),
        ([], None, None),
    ],
)
def test_what_is_chosen_of_the_protocols_that_are_offered(
    server: TLSServer, offered: list[str], at_listen: str | None, at_grpc_listen: str | None
) -> None:
    trusting = ssl.create_default_context(cafile=str(server.authority.file))
    if offered:
        trusting.set_alpn_protocols(offered)
    for port, chosen in ((server.port, at_listen), (server.grpc_port, at_grpc_listen)):
        plain = socket.create_connection(("127.0.0.1", port), timeout=30)
        with plain, trusting.wrap_socket(plain, server_hostname="127.0.0.1") as secure:
            assert secure.selected_alpn_protocol() == chosen


def test_a_protocol_that_is_not_spoken_is_refused_in_the_handshake(server: TLSServer) -> None:
    trusting = ssl.create_default_context(cafile=str(server.authority.file))
    trusting.set_alpn_protocols(["spdy/3.1"])
    plain = socket.create_connection(("127.0.0.1", server.port), timeout=30)
    with plain, pytest.raises(ssl.SSLError):
        trusting.wrap_socket(plain, server_hostname="127.0.0.1")


def test_sighup_reads_the_certificate_again_and_keeps_the_old_one_if_it_cannot(
    server: TLSServer,
) -> None:
    old = server.connection()
    old.connect()
    server.show("second")
    server.process.send_signal(signal.SIGHUP)
    eventually(lambda: server.name_shown() == "second", "the new certificate")
    old.request("GET", "/healthz")
    assert old.getresponse().status == 200, "who was connected goes on"
    old.close()
    server.key.write_text("nonsense")
    server.process.send_signal(signal.SIGHUP)
    eventually(lambda: "--tls-key" in server.log.read_text(), "the complaint")
    assert server.name_shown() == "second"


def test_changed_files_are_read_again_without_a_signal(server: TLSServer) -> None:
    server.show("second")
    eventually(lambda: server.name_shown() == "second", "the new certificate")
    server.key.write_text("nonsense")
    eventually(lambda: "--tls-key" in server.log.read_text(), "the complaint")
    assert server.name_shown() == "second"
    # As those do who renew certificates: a new file in the old one's place.
    made = server.authority.sign("third", "IP:127.0.0.1")
    made.key.replace(server.key)
    made.certificate.replace(server.certificate)
    eventually(lambda: server.name_shown() == "third", "the third certificate")
