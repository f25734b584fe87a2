"""A receiver that refuses, asks for patience, moves, or is not there for long."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path

import pytest

from .faulty_proxy import FaultyProxy, Mode, Seen, wait_until_seen
from .processes import KEY, Server, call, gunicorn, held_port
from .producer import Producer
from .test_delivery_spool import numbers
from .test_documented_api import APPS


@pytest.fixture
def proxy(server: Server) -> Iterator[FaultyProxy]:
    standing = FaultyProxy(server.port)
    yield standing
    standing.close()
    standing.assert_every_publish_was_signed()


@pytest.mark.parametrize("mode", ["403", "404"])
def test_a_publish_that_is_refused_asks_for_the_metadata_again(
    server: Server, proxy: FaultyProxy, tmp_path: Path, mode: Mode
) -> None:
    """The topic may have moved."""
    with Producer(proxy.url, tmp_path / "producer.log") as producer:
        producer.push(0, 1)
        assert producer.flush()
        proxy.fails_publish_only = True
        proxy.mode = mode
        producer.push(1, 20)
        wait_until_seen(proxy, mode, 3)
        proxy.mode = "pass"
        assert producer.flush()
        assert producer.stats()["dropped"] == {}
    seen = list(proxy.requests)
    refused = [i for i, request in enumerate(seen) if request.mode == mode]
    assert len(refused) >= 3
    assert [seen[i + 1].what for i in refused] == ["metadata"] * len(refused)
    assert numbers(server) == [*range(21)]


@pytest.mark.parametrize("stage", ["metadata", "publish"])
@pytest.mark.parametrize("form", ["seconds", "date"])
@pytest.mark.parametrize("spool", [False, True])
def test_nobody_comes_before_the_receiver_asks_to(
    server: Server, proxy: FaultyProxy, tmp_path: Path, stage: str, form: str, spool: bool
) -> None:
    """Only ever later: a machine under load does not fail this test."""
    options = {"spool_dir": tmp_path / "spool"} if spool else {}
    patience = 3  # without it the second attempt would come within 0.2 s

    with Producer(proxy.url, tmp_path / "producer.log", **options) as producer:
        proxy.fails_publish_only = stage == "publish"
        proxy.mode = "429"
        date = math.ceil(time.time()) + patience
        proxy.retry_after = str(patience) if form == "seconds" else formatdate(date, usegmt=True)
        producer.push(0, 10)
        wait_until_seen(proxy, "429", 1)
        refused = next(i for i, request in enumerate(proxy.requests) if request.mode == "429")
        proxy.mode = "pass"
        producer.push(10, 10)
        server.wait_for(20, 60)
        again: Seen = proxy.requests[refused + 1]
        if form == "seconds":
            assert again.steady >= proxy.requests[refused].steady + patience
        else:
            assert again.unix >= date - 0.01, "the wait is counted in milliseconds"
    assert numbers(server) == [*range(20)]


@pytest.mark.parametrize("spool", [False, True])
def test_a_receiver_that_begins_anew_with_other_keys_gets_all_that_the_old_one_did_not(
    tmp_path: Path, spool: bool
) -> None:
    """Another data directory, so another key pair: the same API key goes on."""
    options = {"spool_dir": tmp_path / "spool"} if spool else {}
    with held_port() as port:
        old = Server(tmp_path / "old", tmp_path / "server.log", port=port).start()
        with Producer(old.url, tmp_path / "producer.log", **options) as producer:
            producer.push(0, 10)
            old.wait_for(10, 60)
            assert producer.flush()
            old_keys = old.get("/api/client_metadata").json()["pubsub_push_service_account"]
            old.kill()
            producer.push(10, 10)
            new = Server(tmp_path / "new", tmp_path / "server.log", port=port).start()
            try:
                new_keys = new.get("/api/client_metadata").json()["pubsub_push_service_account"]
                assert new_keys["private_key"] != old_keys["private_key"]
                producer.push(20, 10)
                new.wait_for(20, 60)
                producer.wait_for_state("ready")
                assert producer.flush()
                assert producer.stats()["dropped"] == {}
                assert numbers(new) == [*range(10, 30)]
            finally:
                assert new.stop() == 0


def test_a_hanging_receiver_does_not_keep_a_process_from_ending(
    proxy: FaultyProxy, tmp_path: Path
) -> None:
    proxy.mode = "hang"
    with Producer(proxy.url, tmp_path / "producer.log", flush_timeout_s=1) as producer:
        producer.push(0, 50)
        wait_until_seen(proxy, "hang", 1)
        assert producer.end(seconds=60) == 0  # it would hang for ever


def test_a_hanging_receiver_does_not_keep_gunicorn_from_ending(
    proxy: FaultyProxy, tmp_path: Path
) -> None:
    proxy.mode = "hang"
    settings = {
        "APITOOLKIT_API_KEY": KEY,
        "APITOOLKIT_ROOT_URL": proxy.url,
        "APITOOLKIT_FLUSH_TIMEOUT_S": "1",
    }
    with gunicorn("delivery:app", APPS, tmp_path / "app.log", settings) as base:
        for number in range(20):
            assert call(f"{base}/n/{number}").status == 200
        wait_until_seen(proxy, "hang", 1)


@pytest.mark.parametrize("arguments", [(), ("--threads", "4"), ("--worker-class", "gevent")])
def test_sigterm_loses_nothing_that_the_receiver_takes(
    server: Server, proxy: FaultyProxy, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    """Also what waited in a back-off when it came."""
    settings = {
        "APITOOLKIT_API_KEY": KEY,
        "APITOOLKIT_ROOT_URL": proxy.url,
        "APITOOLKIT_FLUSH_TIMEOUT_S": "30",
    }
    proxy.retry_after = "600"
    proxy.mode = "429"
    with gunicorn(
        "delivery:app", APPS, tmp_path / "app.log", settings, arguments, workers=1
    ) as base:
        for number in range(40):
            assert call(f"{base}/n/{number}").status == 200
        wait_until_seen(proxy, "429", 1)
        proxy.mode = "pass"
    assert numbers(server) == [*range(40)]


def test_only_the_applications_own_traffic_is_recorded(
    server: Server, proxy: FaultyProxy, tmp_path: Path
) -> None:
    proxy.mode = "500"
    with Producer(proxy.url, tmp_path / "producer.log") as producer:
        producer.push(0, 5)
        wait_until_seen(proxy, "500", 2)
        proxy.mode = "pass"
        assert producer.flush()
        assert producer.stats()["captured"] == 5
    assert numbers(server) == [*range(5)]
