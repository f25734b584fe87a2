"""Acknowledged means stored: once, for good, whatever happens to the server and its disk."""

from __future__ import annotations

import contextlib
import os
import random
import resource
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .load import Load, assert_stored_once, stored_ids
from .processes import Server, call, eventually
from .test_server_process import message, publish, serve

# `make test-durability` asks for 100.
KILLS = int(os.environ.get("DURABILITY_KILLS", "8"))
KILLS_A_LEG = 10  # then with new data, so that reading it all back stays affordable

MIB = 1 << 20
TMPFS_BYTES = 400 * MIB  # the server wants 256 MiB to be free


@pytest.mark.parametrize("leg", range((KILLS + KILLS_A_LEG - 1) // KILLS_A_LEG))
def test_kill_9_at_random_moments_under_full_load(server: Server, tmp_path: Path, leg: int) -> None:
    moments = random.SystemRandom()
    seed = moments.getrandbits(32)
    load = Load(server, tmp_path, "--count", "100000000", "--seed", str(seed), "--patience", "300")
    acknowledged = 0
    try:
        for _ in range(min(KILLS_A_LEG, KILLS - leg * KILLS_A_LEG)):
            acknowledged = load.wait_for_more(acknowledged)
            time.sleep(moments.uniform(0, 0.4))
            server.kill()
            server.start()
        load.wait_for_more(acknowledged)
        report = load.finish()
    finally:
        load.kill()
    assert report["retried"] > 0
    assert_stored_once(server, load, report)
    assert counted(server) == server.get("/api/v1/stats").json()["exchanges"]
    assert server.get("/api/v1/dead-letters").json()["data"] == []


def counted(server: Server) -> int:
    """What the charts show of the last day."""
    requests = 0
    for kind in ("incoming", "outgoing"):
        overview = server.get(f"/api/v1/overview?since=-24h&type={kind}").json()
        assert overview["source"] == "rollups"
        assert overview["unreadable"] == 0
        requests += overview["totals"]["requests"]
    return requests


def test_what_was_stored_before_a_kill_is_known_after_it(server: Server, tmp_path: Path) -> None:
    """The same exchanges again, of three days and with the same ids: nothing is stored twice."""
    again = (
        "--count",
        "3000",
        "--since",
        "2026-03-01T12:00:00Z",
        "--until",
        "2026-03-04T12:00:00Z",
    )
    report = Load(server, tmp_path, *again).wait()
    assert report["acknowledged"] == 3000
    before = stored_ids(server)
    server.kill()
    server.start()
    assert Load(server, tmp_path, *again).wait()["acknowledged"] == 3000
    assert stored_ids(server) == before
    assert len(before) == 3000


def test_more_than_can_be_committed_is_refused_for_now_and_comes_in_later(
    server: Server, tmp_path: Path
) -> None:
    """Forty requests of 5 MB at once: memory has its bounds, and nothing is lost."""
    arguments = ("--connections", "40", "--batch", "1000", "--count", "40000", "--patience", "300")
    load = Load(server, tmp_path, *arguments)
    try:
        report = load.wait()
    finally:
        load.kill()
    assert_stored_once(server, load, report)
    assert peak_mb(server) < 700


# --- The disk ---


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={TMPFS_BYTES}", "tmpfs", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode != 0:
        pytest.skip(f"no file system may be mounted here: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextlib.contextmanager
def running(data: Path, log: Path, **limits: Any) -> Iterator[Server]:
    server = Server(data, log, **limits).start()
    try:
        yield server
    finally:
        if server.process is not None and server.process.poll() is None:
            server.kill()


def fill(path: Path) -> None:
    """Until not another byte can be written beside it."""
    with path.open("ab", buffering=0) as file:
        for piece in (MIB, 4096, 1):
            with contextlib.suppress(OSError):
                while True:
                    file.write(bytes(piece))


def assert_refuses_and_answers(server: Server, reason: str) -> None:
    """A publish gets 503 with a time to come back and a reason; queries are answered."""
    metadata = server.get("/api/client_metadata").json()
    path = f"/v1/projects/{metadata['pubsub_project_id']}/topics/{metadata['topic_id']}:publish"

    def refusal() -> bool | None:
        status, answer = publish(server, [message("/probe")])
        return status == 503 and reason in str(answer)

    eventually(refusal, f"a publish to be refused because of {reason!r}")
    refused = call(server.url + path, "POST", b'{"messages":[{"data":"e30="}]}')
    assert refused.status == 503
    assert int(refused.header("Retry-After") or 0) > 0
    assert refused.json()["error"]["status"] == "UNAVAILABLE"
    listed = server.get("/api/v1/exchanges?limit=10")
    assert listed.status == 200
    assert len(listed.json()["data"]) == 10
    one = listed.json()["data"][0]["id"]
    assert server.get(f"/api/v1/exchanges/{one}").status == 200


def test_a_full_disk_is_read_only_until_there_is_room(small_disk: Path, tmp_path: Path) -> None:
    with running(small_disk / "data", tmp_path / "log") as server:
        arguments = ("--count", "100000000", "--rate", "4000", "--patience", "300")
        load = Load(server, tmp_path, *arguments)
        try:
            before = load.wait_for_more(1000)
            fill(small_disk / "ballast")
            assert_refuses_and_answers(server, "read-only")
            assert call(server.url + "/healthz").status == 503
            (small_disk / "ballast").unlink()
            after = load.wait_for_more(len(load.acknowledged()))
            assert after > before
            report = load.finish()
        finally:
            load.kill()
        assert report["refused"] > 0
        # The probes of the refusal may have come in before it.
        assert_stored_but_probes(server, load, report)
        assert call(server.url + "/healthz").status == 200
        assert server.stop() == 0


def test_a_kill_on_a_full_disk_loses_nothing(small_disk: Path, tmp_path: Path) -> None:
    with running(small_disk / "data", tmp_path / "log") as server:
        load = Load(server, tmp_path, "--count", "100000000", "--rate", "4000", "--patience", "300")
        try:
            load.wait_for_more(1000)
            fill(small_disk / "ballast")
            assert_refuses_and_answers(server, "read-only")
            server.kill()
            server.start()  # there may be nothing to write with, and the log is elsewhere
            assert server.get("/api/v1/exchanges?limit=1").status == 200
            (small_disk / "ballast").unlink()
            load.wait_for_more(len(load.acknowledged()))
            report = load.finish()
        finally:
            load.kill()
        assert_stored_but_probes(server, load, report)


def test_a_file_that_may_not_grow_is_503_until_it_may(server: Server, tmp_path: Path) -> None:
    """As a quota: the system refuses to write beyond a size, without the disk being full."""
    assert server.process is not None
    load = Load(server, tmp_path, "--count", "100000000", "--rate", "2000", "--patience", "300")
    try:
        load.wait_for_more(2000)
        largest = max(path.stat().st_size for path in server.data.rglob("*") if path.is_file())
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (largest, -1))
        assert_refuses_and_answers(server, "")
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (-1, -1))
        load.wait_for_more(len(load.acknowledged()))
        report = load.finish()
    finally:
        load.kill()
    assert_stored_but_probes(server, load, report)


def assert_stored_but_probes(server: Server, load: Load, report: dict[str, Any]) -> None:
    acknowledged = set(load.acknowledged())
    assert report["unacknowledged"] == 0
    stored = server.exchanges(fields="id,url_path", limit=1000)
    ids = [e["id"] for e in stored if e["url_path"] != "/probe"]
    assert len(ids) == len(set(ids)), "stored twice"
    assert acknowledged - set(ids) == set(), "acknowledged and lost"
    assert set(ids) == acknowledged


def test_a_directory_that_is_read_only_is_one_sentence(small_disk: Path, tmp_path: Path) -> None:
    with running(small_disk / "data", tmp_path / "log") as server:
        assert publish(server, [message("/a")])[0] == 200
        assert server.stop() == 0
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    done = serve("--data", str(small_disk / "data"), "--listen", "127.0.0.1:0")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert str(small_disk / "data") in done.stderr


# --- Damage ---

Damage = tuple[str, int, int]  # what is done, at which part of 16 of the file, how many bytes

DAMAGES: list[Damage] = [
    ("cut", 16, 1),
    ("cut", 16, 2048),
    ("cut", 8, 0),
    ("append", 16, 2048),
    ("flip", 0, 64),
    ("flip", 1, 4096),
    ("flip", 8, 4096),
    ("flip", 15, 4096),
]


def damage(path: Path, how: Damage) -> None:
    what, sixteenth, count = how
    content = bytearray(path.read_bytes())
    at = len(content) * sixteenth // 16
    if what == "cut":
        content = content[: max(0, at - count)]
    elif what == "append":
        content += os.urandom(count)
    else:
        content[at : at + count] = bytes(b ^ 0xA5 for b in content[at : at + count])
    path.write_bytes(content)


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """Data of two days that a killed server left, and what it had said is in it."""
    folder = tmp_path_factory.mktemp("damage")
    with running(folder / "data", folder / "log") as server:
        days = ("--since", "2026-03-01T18:00:00Z", "--until", "2026-03-02T06:00:00Z")
        Load(server, folder, "--count", "2000", *days).wait()
        exchanges = {e["id"]: e for e in server.exchanges(limit=500)}
        assert len(exchanges) == 2000
        server.kill()
    return folder / "data", exchanges


@pytest.mark.parametrize("how", DAMAGES, ids=lambda how: "-".join(map(str, how)))
def test_damaged_files_are_survived_and_never_told_as_truth(
    stored: tuple[Path, dict[str, Any]], tmp_path: Path, how: Damage
) -> None:
    """Each file of the store in turn. What is still listed is what was stored; new exchanges come
    in; what is gone is said in the log."""
    data, exchanges = stored
    names = sorted(
        path.relative_to(data)
        for path in (data / "exchanges").rglob("*")
        if path.is_file() and path.stat().st_size > 0 and not path.name.endswith("-shm")
    )
    assert names
    for name in names:
        copy = tmp_path / "data"
        shutil.copytree(data, copy)
        damage(copy / name, how)
        log = tmp_path / "log"
        log.write_text("")
        with running(copy, log) as server:
            found = server.exchanges(limit=500)
            assert publish(server, [message("/after")])[0] == 200
            assert len(server.exchanges(url_path="/after")) == 1
            assert server.stop() == 0
        assert [e["id"] for e in found if e != exchanges.get(e["id"])] == [], (name, how)
        assert len({e["id"] for e in found}) == len(found), (name, how)
        # The end of a log that is damaged looks like one that a crash cut off.
        if len(found) < len(exchanges) and name.suffix != ".db-wal":
            assert "warn" in log.read_text() or "error" in log.read_text(), (name, how)
        shutil.rmtree(copy)


def test_a_torn_end_costs_nothing_that_was_acknowledged(
    stored: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    """A write that the crash cut off: bytes that belong to no transaction, at the logs' ends."""
    data, exchanges = stored
    copy = tmp_path / "data"
    shutil.copytree(data, copy)
    logs = [p for p in (copy / "exchanges").rglob("*-wal") if p.stat().st_size > 0]
    for path in logs:
        damage(path, ("append", 16, 3000))
    with running(copy, tmp_path / "log") as server:
        assert {e["id"] for e in server.exchanges(limit=500)} == set(exchanges)


def peak_mb(server: Server) -> float:
    assert server.process is not None
    for line in Path(f"/proc/{server.process.pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise AssertionError("no VmHWM")
