"""With a spool: what could not be delivered outlives the process, however that ends."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from .faulty_proxy import FaultyProxy, Mode
from .processes import KEY, Server, call, eventually, gunicorn
from .producer import Producer
from .test_documented_api import APPS

RANDOM = random.Random()  # noqa: S311
WEATHER: list[Mode] = ["pass", "pass", "pass", "reset", "500", "half", "404"]


@pytest.fixture
def proxy(server: Server) -> Iterator[FaultyProxy]:
    standing = FaultyProxy(server.port)
    yield standing
    standing.close()
    standing.assert_every_publish_was_signed()


def numbers(server: Server) -> list[int]:
    """Of /n/<number>, as they are stored; more than once what is stored more than once."""
    return sorted(int(e["raw_url"].rpartition("/")[2]) for e in server.exchanges())


class Flapping:
    """A receiver that is there and away by turns, and is away in all ways, while in the context."""

    def __init__(self, proxy: FaultyProxy) -> None:
        self._proxy = proxy
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._flap)

    def _flap(self) -> None:
        while not self._ended.wait(RANDOM.uniform(0, 0.2)):
            self._proxy.mode = RANDOM.choice(WEATHER)

    def __enter__(self) -> Flapping:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()


def has_workers(log: Path, count: int) -> bool:
    return log.read_text().count("Worker is ready:") >= count


def killed_while_it_runs(producer: Producer, first: int) -> list[int]:
    """The numbers that it had said are safe when it was killed, at a random moment."""
    producer.command("run", first)
    safe = [int(producer.line())]
    time.sleep(RANDOM.uniform(0, 0.3))
    return safe + [int(line) for line in producer.kill().split("\n")[:-1]]


@pytest.mark.parametrize("receiver", ["up", "down", "flapping"])
def test_kill_9_loses_nothing_that_was_in_the_spool_and_nothing_arrives_twice(
    server: Server, proxy: FaultyProxy, tmp_path: Path, receiver: str
) -> None:
    log = tmp_path / "producer.log"
    options = {"spool_dir": tmp_path / "spool"}
    safe: list[int] = []

    def kill_some() -> None:
        for _ in range(12):
            first = (safe[-1] // 100_000 + 1) * 100_000 if safe else 0
            safe.extend(killed_while_it_runs(Producer(proxy.url, log, **options), first))

    if receiver == "flapping":
        with Flapping(proxy):
            kill_some()
    else:
        proxy.mode = "reset" if receiver == "down" else "pass"
        kill_some()
    if receiver == "down":
        assert numbers(server) == []
    proxy.mode = "pass"
    last = 99_000_000
    with Producer(proxy.url, log, **options) as successor:
        successor.push(last, 1)
        eventually(lambda: last in numbers(server), "its own exchange", 60)
        successor.wait_for_empty_spool()
        assert successor.flush()
    arrived = numbers(server)
    assert set(safe) | {last} <= set(arrived)
    assert len(arrived) == len(set(arrived)), "nothing twice"


def test_kill_9_of_gunicorns_workers_loses_nothing_that_was_in_the_spool(
    server: Server, proxy: FaultyProxy, tmp_path: Path
) -> None:
    settings = {
        "APITOOLKIT_API_KEY": KEY,
        "APITOOLKIT_ROOT_URL": proxy.url,
        "APITOOLKIT_SPOOL_DIR": str(tmp_path / "spool"),
        "APITOOLKIT_FLUSH_TIMEOUT_S": "30",
    }
    log = tmp_path / "app.log"
    safe: set[int] = set()
    with gunicorn("delivery:app", APPS, log, settings, workers=1, kills_workers=True) as base:
        with Flapping(proxy):
            for round_number in range(6):
                for i in range(20):
                    number = round_number * 100 + i
                    assert call(f"{base}/n/{number}").status == 200
                flushed = call(f"{base}/flush", "POST", timeout=90).json()
                assert flushed["flushed"]
                safe |= {round_number * 100 + i for i in range(20)}
                # In the middle of what comes next, which may or may not get there.
                for i in range(20, 20 + RANDOM.randrange(10)):
                    assert call(f"{base}/n/{round_number * 100 + i}").status == 200
                os.kill(flushed["pid"], signal.SIGKILL)
                ready = round_number + 2
                eventually(
                    partial(has_workers, log, ready),
                    "another worker",
                    60,
                )
        proxy.mode = "pass"
        # The worker that lives sends what the killed ones left, though nothing more comes.
        assert call(f"{base}/n/999999").status == 200
        eventually(lambda: 999999 in numbers(server), "its own exchange", 60)
        eventually(lambda: call(f"{base}/state").json()["spool_bytes"] == 0, "an empty spool", 60)
    arrived = numbers(server)
    assert safe | {999999} <= set(arrived)
    assert len(arrived) == len(set(arrived)), "nothing twice"


def test_two_processes_share_a_spool_and_send_nothing_twice(
    server: Server, proxy: FaultyProxy, tmp_path: Path
) -> None:
    options = {"spool_dir": tmp_path / "spool"}
    proxy.mode = "500"
    for process in range(2):
        with Producer(proxy.url, tmp_path / "producer.log", **options) as producer:
            producer.push(process * 1000, 300)
    proxy.mode = "pass"
    with (
        Producer(proxy.url, tmp_path / "producer.log", **options) as one,
        Producer(proxy.url, tmp_path / "producer.log", **options) as other,
    ):
        one.push(5000, 1)
        other.push(6000, 1)
        eventually(lambda: {5000, 6000} <= set(numbers(server)), "their own exchanges", 60)
        one.wait_for_empty_spool()
        other.wait_for_empty_spool()
    wanted = [*range(300), *range(1000, 1300), 5000, 6000]
    assert numbers(server) == wanted
    # Not even over the wire: the server did not have to tell repeats from the rest.
    assert sorted(int(m["raw_url"].rpartition("/")[2]) for m in proxy.published) == wanted


def test_an_exit_while_the_receiver_hangs_leaves_all_to_the_next_process(
    server: Server, proxy: FaultyProxy, tmp_path: Path
) -> None:
    options: dict[str, Any] = {"spool_dir": tmp_path / "spool", "flush_timeout_s": 1}
    proxy.mode = "hang"
    with Producer(proxy.url, tmp_path / "producer.log", **options) as producer:
        producer.push(0, 50)
    assert numbers(server) == []
    proxy.mode = "pass"
    with Producer(proxy.url, tmp_path / "producer.log", **options) as successor:
        successor.push(50, 1)
        eventually(lambda: 50 in numbers(server), "its own exchange", 60)
        successor.wait_for_empty_spool()
        assert successor.flush()
    assert numbers(server) == [*range(51)]


def test_a_disk_that_is_full_is_noticed_by_nobody_but_stats(
    server: Server, proxy: FaultyProxy, tmp_path: Path
) -> None:
    proxy.mode = "500"
    with Producer(
        proxy.url,
        tmp_path / "producer.log",
        spool_dir=tmp_path / "spool",
        FILE_BYTES_MAX=30_000,
    ) as producer:
        pushed = 0

        def is_full() -> dict[str, Any] | None:
            nonlocal pushed
            producer.push(pushed, 5, body_bytes=2000)
            pushed += 5
            stats = producer.stats()
            return stats if "too large" in stats["last_error"] else None

        stats = eventually(is_full, "the disk to be full", 60)
        assert stats["spool_bytes"] <= 30_000
        producer.push(pushed, 20, body_bytes=2000)
        pushed += 20
        stats = producer.stats()
        assert stats["queue_bytes"] > 0, "memory serves"
        assert stats["dropped"] == {}
        assert stats["captured"] == pushed
        proxy.mode = "pass"
        server.wait_for(pushed, 60)
        producer.wait_for_empty_spool()
        assert producer.stats()["sent"] == pushed
    assert numbers(server) == [*range(pushed)]


def test_a_full_disk_and_a_full_queue_drop_and_count(
    server: Server, proxy: FaultyProxy, tmp_path: Path
) -> None:
    proxy.mode = "500"
    with Producer(
        proxy.url,
        tmp_path / "producer.log",
        spool_dir=tmp_path / "spool",
        queue_bytes_max=200_000,
        FILE_BYTES_MAX=30_000,
    ) as producer:
        pushed = 0

        def is_dropping() -> dict[str, Any] | None:
            nonlocal pushed
            producer.push(pushed, 20, body_bytes=2000)
            pushed += 20
            stats = producer.stats()
            return stats if stats["dropped"].get("queue_full", 0) > 0 else None

        eventually(is_dropping, "the queue to be full", 60)
        assert producer.stats()["queue_bytes"] <= 200_000
        proxy.mode = "pass"
        assert producer.flush()
        producer.wait_for_empty_spool()
        stats = producer.stats()
        assert stats["captured"] == pushed
        assert stats["sent"] + sum(stats["dropped"].values()) == pushed
    arrived = numbers(server)
    assert len(arrived) == len(set(arrived)) == stats["sent"]


def test_nothing_is_in_the_spool_in_the_clear(proxy: FaultyProxy, tmp_path: Path) -> None:
    """And what is there is for its user's eyes only."""
    proxy.mode = "500"
    spool = tmp_path / "spool"
    with Producer(
        proxy.url, tmp_path / "producer.log", spool_dir=spool, redact_non_json="mask"
    ) as producer:
        producer.push(0, 5, body_bytes=400)
        assert producer.flush()
        files = list(spool.iterdir())
        assert any(path.suffix == ".segment" and path.stat().st_size > 0 for path in files)
        assert [oct(path.stat().st_mode) for path in files if path.stat().st_mode & 0o077] == []
        assert all(b"/n/" not in path.read_bytes() for path in files)
        assert producer.stats()["spool_bytes"] > 0
