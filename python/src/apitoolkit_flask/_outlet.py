"""What of a recording leaves the process, and what becomes of it: the half of APIToolkit that faces
the core."""

from __future__ import annotations

import atexit
import json
from typing import TYPE_CHECKING, Any, Callable, cast

from . import _log
from ._before_send import BeforeSend
from ._core_client import make_client
from ._native import Recording, Rules
from ._options import Options, needs_key

if TYPE_CHECKING:
    from ._delivery_thread import DeliveryThread
    from ._instrumentation import Instrumentation
    from ._stats import Stats
    from ._transport import Transport

MESSAGES_TIMEOUT_S = 60.0
RULES_MAX = 256  # compiled lists of observed calls that are kept


class Outlet:
    def __init__(self, options: Options) -> None:
        """Raises ValueError that names the option, and in a list the index."""
        self._options = options
        self._sends = options.enabled and (
            bool(options.api_key) or not needs_key(options.transport)
        )
        self._before_send = None if options.before_send is None else BeforeSend(options.before_send)
        self._delivery = _delivery_of(options.transport)
        self._client = make_client(
            options, enabled=self._sends, before_send=self._before_send, delivery=self._delivery
        )
        self._compiled_rules: dict[Any, Rules] = {}
        self._undo_on_close: dict[Instrumentation, Callable[[], None]] = {}
        atexit.register(self._close_at_exit)
        if options.enabled and not self._sends:
            _log.logger.warning("apitoolkit: api_key is empty: nothing is sent")

    def publish_message(self, payload: dict[str, Any]) -> None:
        """Sends one message. Override or replace it to see each message, redacted, as a dict.

        A replacement is called on the request's thread, when the response is made (a streamed one:
        when it has ended), and takes the place of sending; it may call this one. It gets what the
        option before_send has left of the message.
        """
        try:
            self._client.push_message(json.dumps(payload, default=str).encode())
        except Exception:
            _log.failure("publish_message")

    def getInfo(self) -> dict[str, Any]:  # noqa: N802 - upstream's name
        """project_id (None until the server has told it), service_version and tags."""
        return {
            "project_id": self._client.project_id() or None,
            "service_version": self._options.service_version or None,
            "tags": list(self._options.tags),
        }

    def flush(self, timeout_s: float | None = None) -> bool:
        """Waits until all that was recorded is delivered or dropped; False after `timeout_s`.

        The default is the option flush_timeout_s.
        """
        seconds = self._options.flush_timeout_s if timeout_s is None else timeout_s
        try:
            return self._client.flush(max(0, int(seconds * 1000)))
        except Exception:
            _log.failure("flush")
            return False
        finally:
            _log.drain(self._client)

    def close(self) -> None:
        """Flushes for at most flush_timeout_s and stops; what comes later is dropped."""
        try:
            for undo in self._undo_on_close.values():
                undo()
            self._client.close()
            if self._delivery is not None:
                self._delivery.stop()
        except Exception:
            _log.failure("close")
        atexit.unregister(self._close_at_exit)
        _log.drain(self._client)

    def stats(self) -> Stats:
        """What has become of this process's exchanges so far; see Stats. Costs microseconds."""
        return cast("Stats", self._client.stats())

    def take_messages(self) -> list[dict[str, Any]]:
        """For tests, with transport="memory": what was sent since the last call, oldest first.

        Ends the recordings of this thread's requests, whose responses a test client may not close.
        Raises TimeoutError if they do not come within a minute, however busy the machine is.
        """
        self._client.finish_recordings()
        if self._options.transport == "memory" and not self.flush(MESSAGES_TIMEOUT_S):
            raise TimeoutError("the messages did not come within a minute")
        return [json.loads(message) for message in self._client.take_messages()]

    # --- for the adapters of this package ---

    @property
    def _is_recording(self) -> bool:
        return self._sends or (self._options.enabled and self._publishes_itself)

    @property
    def _publishes_itself(self) -> bool:
        """Whether publish_message was overridden or replaced."""
        return (
            "publish_message" in self.__dict__
            or type(self).publish_message is not Outlet.publish_message
        )

    def _begin(self, environ: dict[str, Any]) -> Recording | None:
        publishes_itself = self._publishes_itself  # asked once: it is on every request's way
        if not (self._sends or (publishes_itself and self._options.enabled)):
            return None
        return self._client.begin(environ, not publishes_itself)

    def _rules(self, lists: tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]) -> Rules:
        """Compiled once for each set of lists: a call names the same ones every time."""
        rules = self._compiled_rules.get(lists)
        if rules is None:
            rules = self._client.rules(*map(list, lists))
            if len(self._compiled_rules) >= RULES_MAX:
                self._compiled_rules.clear()
            self._compiled_rules[lists] = rules
        return rules

    def _finish(self, recording: Recording) -> None:
        """Ends a recording. Never raises, except what a replaced publish_message exits with."""
        try:
            if not self._publishes_itself:
                recording.finish()
                return
            self._publish(recording.take_message())
        except Exception:
            _log.failure("recording a response")

    def _publish(self, message: bytes) -> None:
        """For the publish_message that was put in the place of ours."""
        if message and self._before_send is not None:
            kept = self._before_send(message)
            if kept is None:
                self._client.count_held_back()
                return
            message = kept
        if message:
            self.publish_message(json.loads(message))

    def _close_at_exit(self) -> None:
        self.close()


def _delivery_of(transport: str | Transport) -> DeliveryThread | None:
    if isinstance(transport, str):
        return None
    from ._delivery_thread import DeliveryThread

    return DeliveryThread(transport)
