"""The thread in which a transport of the application's own runs."""

from __future__ import annotations

import _thread
import sys
from typing import TYPE_CHECKING, Any, Callable

from . import _context, _log
from ._native import Handoff
from ._transport import Rejected, RetryLater

if TYPE_CHECKING:
    from ._transport import Transport

STOP_TIMEOUT_MS = 500  # for a transport that is still at it when everything else has ended


def _start_thread(run: Callable[[], None]) -> None:
    """A real thread also where gevent puts greenlets in their place: it waits outside of Python,
    where a greenlet would hold up all others."""
    monkey = sys.modules.get("gevent.monkey")
    start: Any = _thread.start_new_thread
    if monkey is not None:
        start = monkey.get_original("_thread", "start_new_thread")
    start(run, ())


class DeliveryThread:
    """Takes batches from the core's worker, which itself never runs Python."""

    def __init__(self, transport: Transport) -> None:
        self.handoff = Handoff()
        self._transport = transport

    def start(self) -> None:
        """Once in each process. Raises RuntimeError if there is no thread to be had."""
        self.handoff.enter()
        try:
            _start_thread(self._run)
        except BaseException:
            self.handoff.leave()
            raise

    def stop(self) -> None:
        """After the core has been closed. Waits for a deliver() that is on its way, not for long:
        the thread must not be in the middle of the core when the interpreter ends."""
        self.handoff.stop(STOP_TIMEOUT_MS)

    def _run(self) -> None:
        try:
            with _context.paused():
                while (offer := self.handoff.fetch()) is not None:
                    number, messages, timeout_s = offer
                    self.handoff.answer(number, *self._deliver(messages, timeout_s))
        finally:
            self.handoff.leave()

    def _deliver(self, messages: list[bytes], timeout_s: float) -> tuple[str, int, str]:
        """The outcome, the wish for when to retry in ms (-1: none), and a sentence."""
        try:
            self._transport.deliver(messages, timeout_s)
        except RetryLater as later:
            after_ms = -1 if later.after_s is None else max(0, int(later.after_s * 1000))
            return "retry", after_ms, f"the transport wants to retry: {later}"
        except Rejected as refusal:
            return "rejected", -1, f"the transport has rejected messages: {refusal}"
        except BaseException as error:
            _log.failure("the transport, whose batch is tried again,")
            return "retry", -1, f"the transport raised {type(error).__name__}"
        return "delivered", -1, ""
