"""The logger `apitoolkit`, and how a failure of this package is kept from the application."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._native import Client

logger = logging.getLogger("apitoolkit")

FAILURE_INTERVAL_S = 60.0

_last_failure_s: dict[str, float] = {}


def failure(where: str) -> None:
    """Logs the exception being handled, at most once a minute for each `where`. Never raises."""
    try:
        now_s = time.monotonic()
        if now_s - _last_failure_s.get(where, -FAILURE_INTERVAL_S) < FAILURE_INTERVAL_S:
            return
        _last_failure_s[where] = now_s
        logger.exception("apitoolkit: %s failed; the application is not affected", where)
    except Exception:  # noqa: S110 - a logging handler is the application's own code
        pass


def once(key: str, message: str) -> None:
    """Logs a warning, at most once a minute for each `key`. Never raises."""
    try:
        now_s = time.monotonic()
        if now_s - _last_failure_s.get(key, -FAILURE_INTERVAL_S) < FAILURE_INTERVAL_S:
            return
        _last_failure_s[key] = now_s
        logger.warning("%s", message)
    except Exception:  # noqa: S110 - likewise
        pass


def drain(client: Client) -> None:
    """Passes on what the core has to say. Never raises."""
    try:
        for level, message in client.take_log():
            logger.log(level, "%s", message)
    except Exception:
        failure("passing on log lines")
