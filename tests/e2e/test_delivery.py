"""The worst day: the receiver is down, slow, lies or refuses; the application must not notice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .conftest import SecondService
from .faulty_proxy import FaultyProxy, Mode, decoded_text, wait_until_seen
from .processes import Server, call, eventually, gunicorn, held_port
from .test_documented_api import APPS, SECRETS, environment, send_traffic


@pytest.fixture
def proxy(server: Server) -> Iterator[FaultyProxy]:
    standing = FaultyProxy(server.port)
    yield standing
    standing.close()
    standing.assert_every_publish_was_signed()


def test_no_secret_leaves_the_process(
    server: Server,
    proxy: FaultyProxy,
    second_service: SecondService,
    refusing_service: str,
    tmp_path: Path,
) -> None:
    settings = environment(proxy.url, second_service.url, refusing_service)
    with gunicorn("documented:app", APPS, tmp_path / "app.log", settings) as base:
        send_traffic(base)
        server.wait_for(19)
    said = "".join(decoded_text(message) for message in proxy.published)
    assert len(proxy.published) >= 19
    assert "kept header" in said, "what is not secret is there"
    assert [secret for secret in SECRETS if secret in said] == []


@pytest.mark.parametrize(
    "mode", ["hang", "reset", "401", "403", "404", "429", "500", "garbage", "half"]
)
@pytest.mark.parametrize("stage", ["metadata", "publish"])
def test_a_receiver_that_fails_delays_nothing_and_gets_everything_later(
    server: Server, proxy: FaultyProxy, tmp_path: Path, mode: Mode, stage: str
) -> None:
    log = tmp_path / "app.log"
    with gunicorn("documented:app", APPS, log, environment(proxy.url), workers=1) as base:
        before = 0
        if stage == "publish":
            assert call(f"{base}/hello").status == 200
            before = len(eventually(server.exchanges, "the first exchange"))
        proxy.mode = mode
        proxy.hold()
        assert call(f"{base}/hello").json() == {"Hello": "World"}
        wait_until_seen(proxy, mode, 1)
        for _ in range(19):
            assert call(f"{base}/hello").json() == {"Hello": "World"}
        # A request that waited for its delivery would have come to an end only by giving it up; and
        # had they waited for a part of a time limit each, the delivery would be over it by now.
        assert (proxy.held, proxy.given_up) == (1, 0)
        proxy.release()
        wait_until_seen(proxy, mode, 1 if mode == "hang" else 2)
        for _ in range(5):
            assert call(f"{base}/hello").status == 200
        assert len(server.exchanges()) == before, "nothing can have arrived"
        proxy.mode = "pass"
        server.wait_for(before + 25, 60)
    assert len(server.exchanges()) == before + 25
    if mode == "401" and stage == "metadata":
        refusals = [line for line in log.read_text().splitlines() if "API key" in line]
        assert len(refusals) == 1, log.read_text()


def test_http_publishes_to_the_server_itself_whatever_the_environment_has(
    server: Server, tmp_path: Path
) -> None:
    settings = environment(f"http://127.0.0.1:{server.port}")
    settings |= {"APITOOLKIT_TRANSPORT": "http", "PUBSUB_EMULATOR_HOST": "127.0.0.1:1"}
    with gunicorn("documented:app", APPS, tmp_path / "app.log", settings) as base:
        assert call(f"{base}/hello").status == 200
        server.wait_for(1)


def test_a_server_that_is_not_there_yet_gets_everything_once_it_is(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    with (
        held_port() as port,
        gunicorn("documented:app", APPS, log, environment(f"http://127.0.0.1:{port}")) as base,
    ):
        for _ in range(20):
            assert call(f"{base}/hello").status == 200
        server = Server(tmp_path / "data", tmp_path / "server.log", port=port).start()
        try:
            server.wait_for(20, 60)
            assert len(server.exchanges()) == 20
        finally:
            server.stop()


def test_a_server_that_is_killed_and_comes_back_has_everything_once(
    server: Server, tmp_path: Path
) -> None:
    with gunicorn("documented:app", APPS, tmp_path / "app.log", environment(server.url)) as base:
        for round_number in range(3):
            for _ in range(10):
                assert call(f"{base}/hello").status == 200
            server.kill()
            for _ in range(10):
                assert call(f"{base}/hello").status == 200
            server.start()
            wanted = (round_number + 1) * 20
            server.wait_for(wanted, 60)
    assert len(server.exchanges()) == 60


def test_what_was_captured_just_before_the_application_ends_arrives(
    server: Server, tmp_path: Path
) -> None:
    with gunicorn("documented:app", APPS, tmp_path / "app.log", environment(server.url)) as base:
        for _ in range(30):
            assert call(f"{base}/hello").status == 200
    assert len(server.exchanges()) == 30


@pytest.mark.parametrize(
    "arguments", [(), ("--preload",), ("--threads", "4"), ("--preload", "--threads", "4")]
)
def test_every_way_to_run_gunicorn_delivers(
    server: Server, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    with gunicorn(
        "documented:app", APPS, tmp_path / "app.log", environment(server.url), arguments
    ) as base:
        for _ in range(40):
            assert call(f"{base}/hello").status == 200
        server.wait_for(40)
    assert len({e["id"] for e in server.exchanges()}) == 40
