"""Under gevent, where a native thread that touched Python, or a lock that greenlets share, would
hang or lose events without a word."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from .processes import KEY, Server, call, gunicorn
from .producer import Producer
from .test_delivery_spool import numbers
from .test_documented_api import APPS


@pytest.mark.parametrize("arguments", [(), ("--preload",)])
def test_a_gevent_worker_delivers_all_of_many_requests_at_once(
    server: Server, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    settings = {
        "APITOOLKIT_API_KEY": KEY,
        "APITOOLKIT_ROOT_URL": server.url,
        "APITOOLKIT_FLUSH_TIMEOUT_S": "30",
    }
    with (
        gunicorn(
            "delivery:app",
            APPS,
            tmp_path / "app.log",
            settings,
            ("--worker-class", "gevent", *arguments),
        ) as base,
        ThreadPoolExecutor(8) as clients,
    ):
        answers = clients.map(lambda number: call(f"{base}/n/{number}").json(), range(200))
        assert [answer["number"] for answer in answers] == [*range(200)]
    assert numbers(server) == [*range(200)]


def test_what_greenlets_pushed_is_flushed_at_the_exit(server: Server, tmp_path: Path) -> None:
    with Producer(server.url, tmp_path / "producer.log", GEVENT=1) as producer:
        assert producer.ask("greenlets", {"first": 0, "count": 300}) == 300
    assert numbers(server) == [*range(300)]
