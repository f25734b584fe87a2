"""A client that says the bytes it is given and keeps the bytes it is answered."""

from __future__ import annotations

import contextlib
import re
import socket

TIMEOUT_S = 60.0  # for one read, on a machine however busy

_DATE = re.compile(rb"(?im)^(date: )[^\r]*")


class RawClient:
    """One connection. `received` grows with every read; it is all that the server has said."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), TIMEOUT_S)
        self.received = bytearray()
        self._taken = 0  # of `received`, by the reads so far

    @property
    def transcript(self) -> bytes:
        """What was received, but for the time of day in its Date headers."""
        return _DATE.sub(rb"\1<date>", bytes(self.received))

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def send_what_is_taken(self, data: bytes) -> None:
        """Like send(), to a server that may close the connection before it has read all."""
        try:
            self._socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            return

    def read_until(self, marker: bytes) -> bytes:
        """What was not read yet, up to and with the marker."""
        while (at := self.received.find(marker, self._taken)) < 0:
            assert self._receive(), f"the end came before {marker!r}: {bytes(self.received)!r}"
        return self._take(at + len(marker))

    def read_answer(self, has_body: bool = True) -> bytes:
        """One response: its length is what Content-Length or the chunks say, else all."""
        head = self.read_until(b"\r\n\r\n")
        if re.match(rb"HTTP/1\.[01] 1\d\d ", head):
            return head + self.read_answer(has_body)
        if not has_body or re.match(rb"HTTP/1\.[01] (204|304) ", head):
            return head
        length = re.search(rb"(?im)^content-length: *(\d+)", head)
        if length is not None:
            return head + self.read_count(int(length.group(1)))
        if re.search(rb"(?im)^transfer-encoding: *chunked", head):
            return head + self.read_until(b"0\r\n\r\n")
        return head + self.read_to_the_end()

    def read_count(self, count: int) -> bytes:
        while len(self.received) - self._taken < count:
            assert self._receive(), f"the end came before {count} bytes"
        return self._take(self._taken + count)

    def read_to_the_end(self) -> bytes:
        """Until the server closes; a reset, which a server that left bytes unread causes, is an
        end as well."""
        while self._receive():
            pass
        return self._take(len(self.received))

    def leave(self) -> None:
        """Goes away for good, as a killed client does: what the server still writes is refused."""
        linger = (1).to_bytes(4, "little") + (0).to_bytes(4, "little")
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._socket.close()

    def end_sending(self) -> None:
        with contextlib.suppress(OSError):  # the server has reset the connection
            self._socket.shutdown(socket.SHUT_WR)

    def has_ended(self) -> bool:
        """Waits for more; whether there is none."""
        return self._taken == len(self.received) and not self._receive()

    def close(self) -> None:
        self._socket.close()

    def _receive(self) -> bool:
        try:
            data = self._socket.recv(1 << 18)
        except ConnectionResetError:
            return False
        self.received += data
        return bool(data)

    def _take(self, end: int) -> bytes:
        taken = bytes(self.received[self._taken : end])
        self._taken = end
        return taken
