"""VictoriaLogs beside us: the same exchanges from the same sender, the same questions in LogsQL.

It is given each exchange as one log entry: nested members become fields of their own, bodies are
text, whose words its filters know. Its data are not synced before it acknowledges.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any, Callable

from bench.server_process import DATA, Measured, bytes_in, loadgen


def program() -> Path | None:
    """`victoria-logs`: where VICTORIA_LOGS says, on the path, or where `go install` puts it."""
    named = os.environ.get("VICTORIA_LOGS")
    go = Path(os.environ.get("GOPATH", Path.home() / "go")) / "bin/victoria-logs"
    for candidate in (named, shutil.which("victoria-logs"), str(go)):
        if candidate and Path(candidate).is_file():
            return Path(candidate)
    return None


class VictoriaLogs:
    """The process, until the block ends; its data are removed then."""

    def __init__(self, binary: Path) -> None:
        self.binary = binary
        self.data = DATA / "victoria-logs"

    def __enter__(self) -> VictoriaLogs:
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir(parents=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        with self.data.with_suffix(".log").open("w") as log:
            self.process = subprocess.Popen(
                [
                    str(self.binary),
                    f"-storageDataPath={self.data}",
                    f"-httpListenAddr=127.0.0.1:{port}",
                    "-retentionPeriod=60d",
                ],
                stdout=log,
                stderr=log,
            )
        self.measured = Measured(self.process.pid)
        deadline = time.monotonic() + 60
        while True:
            try:
                self.get("/health")
                return self
            except urllib.error.URLError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(timeout=120)
        shutil.rmtree(self.data, ignore_errors=True)

    def get(self, path: str, **parameters: str) -> bytes:
        url = f"{self.url}{path}?{urllib.parse.urlencode(parameters)}"
        with urllib.request.urlopen(url, timeout=300) as response:
            answer: bytes = response.read()
        return answer

    def query(self, text: str) -> bytes:
        return self.get("/select/logsql/query", query=f"_time:20d {text}")

    def questions(self, exchange: str, user: int) -> dict[str, Callable[[], Any]]:
        """Under the names of run.py, of the same exchange and user."""

        def rare() -> bytes:
            answer = self.query(f'request_body:"user\\":{{\\"id\\":{user}"')
            assert str(user).encode() in answer, f"user {user} is not found"
            return answer

        newest = 'url_path:="/api/products" method:="GET" status_code:>=400 status_code:<500'
        return {
            "chart_ms": lambda: self.query(
                "* | stats by (_time:1h) count() n, quantile(0.95, duration) p95"
            ),
            "by_id_ms": lambda: self.query(f'msg_id:="{exchange}"'),
            "newest_100_ms": lambda: self.query(f"{newest} | sort by (_time desc) limit 100"),
            "rare_body_value_ms": rare,
            "body_regex_ms": lambda: self.query('response_body:~"zip.*broke.*sku" | stats count()'),
            "summarize_p99_ms": lambda: self.query(
                "* | stats by (url_path) quantile(0.99, duration) p99"
            ),
        }


def load(logs: VictoriaLogs, arguments: tuple[str, ...], count: int) -> dict[str, Any]:
    report = loadgen(logs.url, "--protocol", "victorialogs", *arguments)
    logs.get("/internal/force_flush")
    return {
        "loaded_per_s": report["exchanges_per_s"],
        "bytes_per_exchange": bytes_in(logs.data) / count,
    }
