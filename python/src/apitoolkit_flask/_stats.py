"""What `APIToolkit.stats()` returns."""

from __future__ import annotations

from typing import Literal, TypedDict


class Stats(TypedDict):
    """Counts since this process began to record; a forked child counts for itself."""

    captured: int  # exchanges, outgoing calls included
    sent: int  # acknowledged by the receiver
    retried: int  # batches tried again
    dropped: dict[str, int]  # exchanges by reason: queue_full, rejected, sampled, before_send, shutdown, …
    redaction: dict[str, int]  # bodies that were masked whole, by reason
    queue_bytes: int  # what waits for delivery, in memory
    spool_bytes: int  # and on the disk, of this process
    state: Literal[
        "idle", "connecting", "ready", "unauthorized", "unreachable", "closed", "disabled"
    ]
    last_error: str  # one sentence; empty if there was none
