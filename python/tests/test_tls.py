"""TLS: whom the delivery trusts, and that its OpenSSL and the interpreter's keep apart."""

from __future__ import annotations

import http.server
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

# Both speak to the server: Python's ssl by its own OpenSSL, the delivery by what _native links.
PROGRAM = """
import {imports}
import os, time, urllib.request
from flask import Flask
from apitoolkit_flask import APIToolkit

url = os.environ["URL"]
app = Flask(__name__)
toolkit = APIToolkit(app, api_key="key", root_url=url, flush_timeout_s=0)
app.test_client().get("/").close()
deadline = time.monotonic() + 60
while not toolkit.stats()["last_error"] and time.monotonic() < deadline:
    context = ssl.create_default_context(cafile=os.environ["CERTIFICATE"])
    assert urllib.request.urlopen(url, context=context).read() == b"{{}}"
    time.sleep(0.02)
print(toolkit.stats()["last_error"])
toolkit.close()
"""


class _Handler(http.server.BaseHTTPRequestHandler):
    """Nothing that a delivery could use, so that it ends with an error."""

    def do_GET(self) -> None:
        agent = self.headers.get("User-Agent", "")
        if "urllib" not in agent:
            self.server.deliveries += 1  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *args: object) -> None:
        pass


class _Server(http.server.ThreadingHTTPServer):
    deliveries = 0

    def handle_error(self, *args: object) -> None:
        """A client that trusts nobody hangs up; that is no news."""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tls") / "certificate.pem"
    request = ["openssl", "req", "-x509", "-nodes", "-days", "2"]
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(path), "-out", f"{path}.crt"]
    subprocess.run([*request, *key, *subject, *files], check=True, capture_output=True)  # noqa: S603
    with path.open("a") as both:
        both.write(Path(f"{path}.crt").read_text())
    return path


@pytest.fixture
def server(certificate: Path) -> Iterator[_Server]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with _Server(("127.0.0.1", 0), _Handler) as running:
        running.socket = context.wrap_socket(
            running.socket, server_side=True, do_handshake_on_connect=False
        )
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def run(server: _Server, certificate: Path, imports: str, **environment: str) -> str:
    """The delivery's error from a process that starts with these imports."""
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", PROGRAM.format(imports=imports)],
        env={
            "NO_PROXY": "*",
            "URL": f"https://127.0.0.1:{server.server_port}",
            "CERTIFICATE": str(certificate),
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("imports", ["ssl, apitoolkit_flask", "apitoolkit_flask, ssl"])
def test_a_certificate_that_ssl_cert_file_names_is_trusted_beside_the_interpreters_own_ssl(
    server: _Server, certificate: Path, imports: str
) -> None:
    error = run(server, certificate, imports, SSL_CERT_FILE=str(certificate))
    assert server.deliveries > 0, error
    assert "certificate" not in error


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(
    server: _Server, certificate: Path
) -> None:
    error = run(server, certificate, "apitoolkit_flask, ssl")
    assert server.deliveries == 0
    assert "certificate" in error.lower()
