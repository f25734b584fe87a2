"""What `APIToolkit.stats()` returns."""

from __future__ import annotations

from typing import Literal, TypedDict


class Stats(TypedDict):
    """Counts since this process began to record; a forked child counts for itself."""

    captured: int  # exchanges, outgoing calls included
    sent: int  # acknowledged by the receiver
    retried: int  # batches tried again
    dropped: dict[
        str, int
    ]  # exchanges by reason: queue_full, rejected, sampled, before_send, shutdown, …
    redaction: dict[str, int]  # bodies that were masked whole, by reason
    queue_bytes: int  # what waits for delivery, in memory
    spool_bytes: int  # and on the disk, of all processes that share it
    overhead_mean_us: float  # of the time that recording kept a request's thread, in µs,
    overhead_p99_us: float  # and what 99 of 100 requests stay below, to 12 %
    state: Literal[
        "idle", "connecting", "ready", "unauthorized", "unreachable", "closed", "disabled"
    ]
    last_error: str  # one sentence; empty if there was none
