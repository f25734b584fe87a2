"""Reads what a view left unread of its request's body, within a time however slowly it comes.

A read of a server's wsgi.input cannot be given a deadline: the input loops over the connection,
and a time-out of the connection begins anew with every byte. So the connection is watched, and the
input is only read when that cannot wait.
"""

from __future__ import annotations

import io
import select
import socket
import time
from typing import Any

TIMEOUT_S = 0.5
PAUSE_S = 0.01  # between looks at a connection that cannot tell when enough is there


def read_rest(source: Any, connection: Any, size: int) -> bytes:
    """At most `size` bytes; fewer, perhaps none, where the client does not send them in time.

    `connection` is the server's socket, or None where the server does not tell: such servers have
    the whole body before they call the application, or time-outs of their own. Not so uWSGI: its
    input would wait for its socket-timeout, and having read all it keeps a connection that it
    would have closed; so there nothing is read.
    """
    if connection is None:
        return b"" if type(source).__module__ == "uwsgi" else _read_all(source, size)
    deadline_s = time.monotonic() + TIMEOUT_S
    if isinstance(source, io.BufferedReader):
        return _read_as_it_comes(source, connection, size, deadline_s)
    return _read_gunicorn(source, connection, size, deadline_s)


def _read_all(source: Any, size: int) -> bytes:
    rest = bytearray()
    while len(rest) < size:
        chunk = source.read(size - len(rest))
        if not chunk:
            break
        rest += chunk
    return bytes(rest)


def _read_gunicorn(source: Any, connection: Any, size: int, deadline_s: float) -> bytes:
    """All or nothing: gunicorn's input loses what it has read when the connection fails it, and
    would then take the next request on the connection for the rest of this one."""
    try:
        buffered = source.buf.tell() + source.reader.unreader.buf.tell()
    except AttributeError:  # another kind of input, put before it by whoever
        return b""
    missing = size - buffered
    if missing > 0 and not _has_arrived(connection, missing, deadline_s):
        return b""
    return _read_all(source, size)


def _has_arrived(connection: Any, count: int, deadline_s: float) -> bool:
    """Whether `count` bytes, or the end, wait in the connection; nothing of it is read."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, count)
    try:
        while _is_readable(connection, deadline_s):
            arrived = len(connection.recv(count, socket.MSG_PEEK))
            if arrived in (0, count):
                return True
            time.sleep(PAUSE_S)  # a Unix socket does not know SO_RCVLOWAT
        return False
    finally:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 1)


def _read_as_it_comes(source: Any, connection: Any, size: int, deadline_s: float) -> bytes:
    """For an input that is a buffered file over the connection, as Werkzeug's: when there is
    nothing it says None and loses nothing."""
    rest = bytearray()
    timeout_s = connection.gettimeout()
    connection.settimeout(0)
    try:
        while len(rest) < size:
            chunk = source.read(size - len(rest))
            if chunk is not None and not chunk:
                break
            if chunk:
                rest += chunk
            elif not _is_readable(connection, deadline_s):
                break
    finally:
        connection.settimeout(timeout_s)
    return bytes(rest)


def _is_readable(connection: Any, deadline_s: float) -> bool:
    remaining_s = deadline_s - time.monotonic()
    if remaining_s <= 0:
        return False
    poller = select.poll()
    poller.register(connection, select.POLLIN)
    return bool(poller.poll(remaining_s * 1000))
