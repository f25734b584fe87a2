"""More than there is room for, while the receiver is away and nothing but memory serves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .faulty_proxy import FaultyProxy
from .processes import Server, eventually
from .producer import Producer

QUEUE_BYTES_MAX = 32 << 20  # the default
PUSHED = 200_000
BODY_BYTES = 10_000
ERROR = 900_000_000
LATER = 800_000_000


def test_memory_is_bounded_drops_are_counted_and_errors_are_kept(
    server: Server, tmp_path: Path
) -> None:
    proxy = FaultyProxy(server.port)
    try:
        proxy.mode = "reset"
        with Producer(proxy.url, tmp_path / "producer.log") as producer:
            # As large as it gets without a queue.
            producer.push(0, 100, body_bytes=BODY_BYTES)
            idle_bytes = producer.stats()["rss_bytes"]
            for first in range(100, PUSHED, 10_000):
                producer.push(first, min(10_000, PUSHED - first), body_bytes=BODY_BYTES)
                stats = producer.stats()
                assert stats["queue_bytes"] <= QUEUE_BYTES_MAX
                # 2 GB were pushed in the end.
                assert stats["rss_bytes"] - idle_bytes <= 4 * QUEUE_BYTES_MAX
            pushed = PUSHED

            def is_sampled() -> dict[str, Any] | None:
                nonlocal pushed
                producer.push(pushed, 1000, body_bytes=BODY_BYTES)
                pushed += 1000
                stats = producer.stats()
                return stats if stats["dropped"].get("sampled", 0) > 0 else None

            stats = eventually(is_sampled, "sampling to begin", 60)
            assert stats["captured"] == pushed
            assert stats["dropped"]["queue_full"] > 0

            # Nothing else gets in any more, but an error does, whole.
            producer.push(ERROR, 1, status=500)
            dropped = producer.stats()["dropped"]
            assert dropped == stats["dropped"]

            proxy.mode = "pass"
            eventually(
                lambda: producer.stats()["queue_bytes"] < QUEUE_BYTES_MAX // 2, "some room", 120
            )
            later = LATER

            def is_weighted() -> list[dict[str, Any]]:
                nonlocal later
                producer.push(later, 100)
                later += 100
                assert producer.flush()
                return [e for e in stored(server, "/n/8") if e["sample_weight"] > 1]

            weighted = eventually(is_weighted, "one that stands for others", 60)
            assert {e["sample_weight"] for e in weighted} <= {2.0**i for i in range(1, 11)}
            stats = producer.stats()
            assert stats["sent"] + sum(stats["dropped"].values()) == stats["captured"]
            assert [e["status_code"] for e in stored(server, f"/n/{ERROR}")] == [500]
            assert [e["sample_weight"] for e in stored(server, f"/n/{ERROR}")] == [1.0]
    finally:
        proxy.close()


def stored(server: Server, url_prefix: str) -> list[dict[str, Any]]:
    """The exchanges, whole, whose URL begins like this."""
    return [
        server.get(f"/api/v1/exchanges/{e['id']}").json()
        for e in server.exchanges()
        if e["raw_url"].startswith(url_prefix)
    ]
