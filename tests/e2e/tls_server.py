"""`apitoolkit serve` with TLS, as a process, and what trusts its certificate."""

from __future__ import annotations

import http.client
import re
import signal
import socket
import ssl
import subprocess
from pathlib import Path

from .certificates import Authority
from .processes import BINARY, KEY, PASSWORD, PROJECT, killed_after


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
                *("--grpc-listen", "127.0.0.1:0"),
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
        grpc = re.search(r"OTLP over gRPC: https://127\.0\.0\.1:(\d+)\n", said)
        assert grpc, said
        self.grpc_port = int(grpc[1])

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

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=60)
        self.errors.close()
        assert self.process.returncode == 0, self.log.read_text()
