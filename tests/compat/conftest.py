from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.certificates import Authority
from tests.e2e.processes import Server, held_port
from tests.e2e.tls_server import TLSServer


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with held_port() as port:
        running = Server(tmp_path / "data", tmp_path / "server.log", port=port).start()
        yield running
        assert running.stop() == 0, running.log.read_text()


@pytest.fixture
def tls_server(tmp_path: Path) -> Iterator[TLSServer]:
    running = TLSServer(tmp_path, Authority(tmp_path / "authority"))
    yield running
    running.stop()
