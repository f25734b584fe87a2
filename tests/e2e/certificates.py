"""Certificates of an authority that only the tests know, made by openssl."""

from __future__ import annotations

import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path


def openssl(folder: Path, *arguments: str) -> None:
    made = subprocess.run(
        ["openssl", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stderr


@dataclass(frozen=True)
class Certificate:
    """Paths of two PEM files."""

    certificate: Path
    key: Path

    def context(self) -> ssl.SSLContext:
        """For a server that shows it."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        return context


class Authority:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir()
        self._own = self.self_signed("authority", "DNS:authority.invalid")

    @property
    def file(self) -> Path:
        """What SSL_CERT_FILE has to be for it to be trusted."""
        return self._own.certificate

    def self_signed(self, name: str, subject: str) -> Certificate:
        openssl(
            self._folder,
            *("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", f"/CN={name}", "-addext", f"subjectAltName={subject}"),
            *("-keyout", f"{name}.key", "-out", f"{name}.pem"),
        )
        return Certificate(self._folder / f"{name}.pem", self._folder / f"{name}.key")

    def sign(self, name: str, subject: str, days: int = 2) -> Certificate:
        """For a `subject` such as "IP:127.0.0.1", valid for so many days; below 0: no more."""
        extensions = self._folder / f"{name}.extensions"
        extensions.write_text(f"subjectAltName={subject}\n")
        openssl(
            self._folder,
            *("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}"),
            *("-keyout", f"{name}.key", "-out", f"{name}.request"),
        )
        openssl(
            self._folder,
            *("x509", "-req", "-in", f"{name}.request", "-out", f"{name}.pem"),
            *("-CA", "authority.pem", "-CAkey", "authority.key", "-CAcreateserial"),
            *("-days", str(days), "-extfile", str(extensions)),
        )
        return Certificate(self._folder / f"{name}.pem", self._folder / f"{name}.key")
