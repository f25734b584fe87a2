"""What is left of gunicorn's throughput: one sync worker under wrk, with each contender.

All servers run all the time, and wrk visits one after the other, so that the idle ones cost nothing
and what the machine does otherwise meets all of them. The bare application and ours are visited in
every round, the peers in every third. wrk keeps two connections busy, so that the worker never
waits for a request. Nothing is pinned: on two cores, wrk, the exporting threads and the sink share
the one that the worker leaves.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from contenders import BARE, CONTENDERS
from environments import OURS, Environments
from workload import BODIES

HERE = Path(__file__).parent
COMPARED = (  # upstream with paths does a fortieth of the requests: nothing to see
    "ours init_app 5+5",
    "upstream",
    "sentry errors",
    "sentry traces",
    "opentelemetry",
    "apitally bodies",
)
HEADLINE = COMPARED[0]
PEERS_EVERY = 3
CONNECTIONS = 2
VISIT_S = 2
START_TIMEOUT_S = 30


class _Server:
    def __init__(self, name: str, python: str, sink: str) -> None:
        self.name = name
        self.visits: list[dict[str, Any]] = []
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{probe.getsockname()[1]}"
        self._process = subprocess.Popen(
            [python, "-m", "gunicorn", "--bind", self.address, "--workers", "1", "served:app"],
            cwd=HERE,
            env={
                **os.environ,
                "BENCH_CONTENDER": name,
                "BENCH_SINK": sink,
                "PYTHONHASHSEED": "0",
                "PYTHONWARNINGS": "ignore",
            },
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def wait_until_up(self) -> None:
        host, port = self.address.split(":")
        deadline_s = time.monotonic() + START_TIMEOUT_S
        while True:
            try:
                socket.create_connection((host, int(port)), timeout=1).close()
                return
            except OSError:
                if time.monotonic() > deadline_s or self._process.poll() is not None:
                    raise RuntimeError(f"gunicorn with {self.name} did not start") from None
                time.sleep(0.05)

    def visit(self, body: Path, seconds: int) -> dict[str, Any]:
        output = subprocess.run(
            [
                *("wrk", "--threads", "1", "--connections", str(CONNECTIONS)),
                *("--duration", f"{seconds}s", "--script", str(HERE / "post.lua"), "--latency"),
                f"http://{self.address}/orders/1k/7?page=2",
            ],
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, "BENCH_BODY": str(body)},
        ).stdout
        result: dict[str, Any] = json.loads(output.splitlines()[-1])
        if result["errors"] or not result["requests"]:
            raise RuntimeError(f"requests to gunicorn with {self.name} failed: {output}")
        return result

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(30)

    def row(self) -> dict[str, Any]:
        rates = [visit["requests"] / visit["duration_us"] * 1e6 for visit in self.visits]
        return {
            "contender": self.name,
            "visits": len(self.visits),
            "requests_per_s": statistics.median(rates),
            "p50_us": statistics.median(visit["p50_us"] for visit in self.visits),
            "p99_us": statistics.median(visit["p99_us"] for visit in self.visits),
        }


def is_possible() -> bool:
    return shutil.which("wrk") is not None


def measure(environments: Environments, sink: str, rounds: int) -> list[dict[str, Any]]:
    servers = [_Server(BARE, environments.pythons[OURS], sink)]
    try:
        for name in COMPARED:
            python = environments.pythons.get(CONTENDERS[name].environment)
            if python is not None:
                servers.append(_Server(name, python, sink))
        for server in servers:
            server.wait_until_up()
        with tempfile.TemporaryDirectory() as folder:
            body = Path(folder, "body.json")
            body.write_bytes(BODIES["1k"])
            for server in servers:
                server.visit(body, 1)  # warms it up
            for number in range(rounds):
                _round(servers, body, number)
    finally:
        for server in servers:
            server.close()
    rows = [server.row() for server in servers]
    for row in rows:
        row["throughput_kept"] = row["requests_per_s"] / rows[0]["requests_per_s"]
    return rows


def _round(servers: list[_Server], body: Path, number: int) -> None:
    bare_and_ours, peers = servers[:2], servers[2:]
    for server in bare_and_ours if number % 2 == 0 else reversed(bare_and_ours):
        server.visits.append(server.visit(body, VISIT_S))
    if number % PEERS_EVERY == 0:
        for server in peers:
            server.visits.append(server.visit(body, VISIT_S))
