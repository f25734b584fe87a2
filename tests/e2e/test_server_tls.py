"""TLS at the server: its certificate is read again on SIGHUP, and nothing weaker is taken."""

from __future__ import annotations

import http.client
import json
import re
import signal
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from .certificates import Authority
from .processes import BINARY, KEY, PASSWORD, PROJECT, eventually, killed_after


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "authority")


class TLSServer:
    def __init__(self, folder: Path, authority: Authority) -> None:
        self.authority = authority
        self.certificate = folder / "server.pem"
        self.key = folder / "server.key"
        self.show("first")
        self.log = folder / "server.log"
        self.errors = self.log.open("w")
        self.process = subprocess.Popen(
            [
                *(BINARY, "serve", "--data", folder / "data", "--listen", "127.0.0.1:0"),
                *("--tls-cert", self.certificate, "--tls-key", self.key),
            ],
            env={
                "APITOOLKIT_BOOTSTRAP_KEY": KEY,
                "APITOOLKIT_BOOTSTRAP_PASSWORD": PASSWORD,
                "APITOOLKIT_BOOTSTRAP_PROJECT": PROJECT,
            },
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
        )
        assert self.process.stdout is not None
        with killed_after(self.process, 60):
            said = ""
            while not (found := re.search(r"listening on https://127\.0\.0\.1:(\d+)\n", said)):
                line = self.process.stdout.readline()
                assert line, said + self.log.read_text()
                said += line
        self.port = int(found[1])

    def show(self, name: str) -> None:
        made = self.authority.sign(name, "IP:127.0.0.1")
        self.certificate.write_bytes(made.certificate.read_bytes())
        self.key.write_bytes(made.key.read_bytes())

    def connection(self) -> http.client.HTTPSConnection:
        trusting = ssl.create_default_context(cafile=str(self.authority.file))
        return http.client.HTTPSConnection("127.0.0.1", self.port, context=trusting, timeout=30)

    def name_shown(self) -> str:
        trusting = ssl.create_default_context(cafile=str(self.authority.file))
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        with plain, trusting.wrap_socket(plain, server_hostname="127.0.0.1") as secure:
            shown = secure.getpeercert()
        assert shown is not None
        return str(dict(pair[0] for pair in shown["subject"])["commonName"])  # type: ignore[misc]


@pytest.fixture
def server(tmp_path: Path, authority: Authority) -> Iterator[TLSServer]:
    running = TLSServer(tmp_path, authority)
    yield running
    running.process.send_signal(signal.SIGTERM)
    running.process.communicate(timeout=60)
    running.errors.close()
    assert running.process.returncode == 0, running.log.read_text()


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


def test_another_protocol_than_http_1_is_refused_in_the_handshake(server: TLSServer) -> None:
    trusting = ssl.create_default_context(cafile=str(server.authority.file))
    trusting.set_alpn_protocols(["h2"])
    plain = socket.create_connection(("127.0.0.1", server.port), timeout=30)
    with plain, pytest.raises(ssl.SSLError):
        trusting.wrap_socket(plain, server_hostname="127.0.0.1")
    trusting.set_alpn_protocols(["h2", "http/1.1"])
    plain = socket.create_connection(("127.0.0.1", server.port), timeout=30)
    with plain, trusting.wrap_socket(plain, server_hostname="127.0.0.1") as secure:
        assert secure.selected_alpn_protocol() == "http/1.1"


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
