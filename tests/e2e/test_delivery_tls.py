"""Over HTTPS: nothing goes to whoever cannot show a certificate, and all over one connection to who
can."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypercorn.asyncio import serve
from hypercorn.config import Config

from .certificates import Authority, Certificate
from .faulty_proxy import FaultyProxy
from .processes import Server, call, eventually, held_port
from .producer import Producer
from .test_delivery_spool import numbers


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "authority")


def certificate_of(authority: Authority, flaw: str) -> Certificate:
    if flaw == "self-signed":
        return authority.self_signed("stranger", "IP:127.0.0.1")
    if flaw == "expired":
        return authority.sign("expired", "IP:127.0.0.1", days=-1)
    return authority.sign("elsewhere", "DNS:elsewhere.invalid")


@pytest.mark.parametrize(
    ("flaw", "complaint"),
    [
        ("self-signed", "self-signed certificate"),
        ("expired", "certificate has expired"),
        ("wrong-host", "no alternative certificate subject name matches"),
    ],
)
def test_nothing_is_sent_to_a_receiver_with_a_wrong_certificate(
    server: Server, authority: Authority, tmp_path: Path, flaw: str, complaint: str
) -> None:
    proxy = FaultyProxy(server.port, certificate_of(authority, flaw).context())
    try:
        with Producer(
            proxy.url,
            tmp_path / "producer.log",
            pubsub_endpoint=proxy.url,
            flush_timeout_s=1,
            SSL_CERT_FILE=authority.file,
        ) as producer:
            producer.push(0, 10)
            stats = producer.wait_for_state("unreachable")
            assert complaint in stats["last_error"]
            assert stats["sent"] == 0
            producer.push(10, 10)
            assert producer.stats()["queue_bytes"] > 0, "it waits for a better one"
        assert proxy.requests == []
        assert server.exchanges() == []
    finally:
        proxy.close()


@dataclass
class Http2Proxy:
    """Forwards what comes to the server, and remembers how it came."""

    target: Server
    versions: list[str] = field(default_factory=list)
    clients: set[tuple[str, int]] = field(default_factory=set)
    paths: list[str] = field(default_factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        self.versions.append(scope["http_version"])
        self.clients.add(tuple(scope["client"]))
        self.paths.append(scope["path"])
        body = b""
        while True:
            event = await receive()
            body += event.get("body", b"")
            if not event.get("more_body"):
                break
        headers = {
            name.decode(): value.decode()
            for name, value in scope["headers"]
            if not name.startswith(b":") and name != b"host"
        }
        url = self.target.url + scope["raw_path"].decode()
        answer = await asyncio.to_thread(call, url, scope["method"], body or None, headers)
        await send(
            {
                "type": "http.response.start",
                "status": answer.status,
                "headers": [(b"content-type", b"application/json")],
            }
        )
        await send({"type": "http.response.body", "body": answer.body})


@pytest.fixture
def http2(server: Server, authority: Authority) -> Iterator[tuple[Http2Proxy, str]]:
    """And its URL; its certificate is good."""
    shown = authority.sign("good", "IP:127.0.0.1")
    proxy = Http2Proxy(server)
    loop = asyncio.new_event_loop()
    ended = asyncio.Event()
    with held_port() as port:
        config = Config()
        config.bind = [f"127.0.0.1:{port}"]
        config.certfile, config.keyfile = str(shown.certificate), str(shown.key)
        config.loglevel = "CRITICAL"

        def run() -> None:
            loop.run_until_complete(serve(proxy, config, shutdown_trigger=ended.wait))

        thread = threading.Thread(target=run)
        thread.start()
        trusting = ssl.create_default_context(cafile=str(authority.file))
        eventually(lambda: answers(port, trusting), "the HTTP/2 server")
        yield proxy, f"https://127.0.0.1:{port}"
        loop.call_soon_threadsafe(ended.set)
        thread.join()
    loop.close()


def answers(port: int, context: ssl.SSLContext) -> bool:
    try:
        with (
            socket.create_connection(("127.0.0.1", port), timeout=30) as connection,
            context.wrap_socket(connection, server_hostname="127.0.0.1"),
        ):
            return True
    except OSError:
        return False


def test_all_goes_over_one_http2_connection_to_who_shows_a_good_certificate(
    server: Server, authority: Authority, http2: tuple[Http2Proxy, str], tmp_path: Path
) -> None:
    proxy, url = http2
    with Producer(
        url, tmp_path / "producer.log", pubsub_endpoint=url, SSL_CERT_FILE=authority.file
    ) as producer:
        for first in range(0, 50, 10):
            producer.push(first, 10)
            assert producer.flush()
    assert numbers(server) == [*range(50)]
    assert sum(path.endswith(":publish") for path in proxy.paths) >= 5
    assert set(proxy.versions) == {"2"}
    assert len(proxy.clients) == 1
