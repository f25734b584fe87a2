"""Transports of one's own: what the application hands to the option `transport`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable


class RetryLater(Exception):  # noqa: N818 - it is no error, but an answer
    """Raised by a transport: the batch is to come again, after `after_s` seconds (None: when the
    back-off says so, from 0.1 s to 60 s)."""

    def __init__(self, reason: str = "", after_s: float | None = None) -> None:
        super().__init__(reason)
        self.after_s = after_s


class Rejected(Exception):  # noqa: N818 - likewise
    """Raised by a transport: the receiver will never take this batch.

    It is divided, so that only those messages are dropped (and counted as "rejected") that are
    refused on their own.
    """


@runtime_checkable
class Transport(Protocol):
    """How messages leave the process, for the option `transport`. docs/delivery.md shows one."""

    def deliver(self, messages: Sequence[bytes], timeout_s: float) -> None:
        """Delivers a batch: each message is one JSON object in UTF-8, redacted already.

        Returning means that the receiver has all of it. RetryLater and Rejected say otherwise, and
        any other exception means to try again. Called in a thread of this package, from one thread
        at a time, with at most 1000 messages and 9 MB. After `timeout_s` seconds the batch is taken
        for undelivered and will come again. Calls of HTTPX and requests that are made here are not
        recorded.
        """
