"""What files and databases say once unpacked, so that a search for a secret means something.

The server keeps an exchange as a zstd frame, and a message has its bodies in base64: neither would
be found by a search of the bytes as they lie there.
"""

from __future__ import annotations

import base64
import contextlib
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import zstandard

FRAME_MAGIC = b"\x28\xb5\x2f\xfd"
FRAME_BYTES_MAX = 64 << 20
BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{16,}={0,2}")
DEPTH_MAX = 3  # a frame that holds a message that holds a body
SQLITE_MAGIC = b"SQLite format 3\0"


def unpacked(content: bytes, depth: int = DEPTH_MAX) -> Iterator[bytes]:
    """The content, and whatever frames and base64 in it hold."""
    yield content
    if depth == 0:
        return
    for inner in (*_inflated(content), *_decoded(content)):
        yield from unpacked(inner, depth - 1)


def _inflated(content: bytes) -> Iterator[bytes]:
    start = content.find(FRAME_MAGIC)
    while start != -1:
        with contextlib.suppress(zstandard.ZstdError):
            frame = zstandard.ZstdDecompressor().decompressobj()
            yield frame.decompress(content[start:])[:FRAME_BYTES_MAX]
        start = content.find(FRAME_MAGIC, start + 1)


def _decoded(content: bytes) -> Iterator[bytes]:
    for found in BASE64.findall(content):
        text = found.rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
        # Letters before the base64 proper may belong to what stands around it.
        for skipped in range(4):
            part = text[skipped:]
            yield base64.b64decode(part[: len(part) - (len(part) % 4 == 1)] + b"==")


def cells(database: Path) -> Iterator[bytes]:
    """Every value of every column of every table that is text or bytes."""
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        connection.text_factory = bytes
        tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        for (table,) in tables.fetchall():
            for row in connection.execute(f'SELECT * FROM "{table.decode()}"'):  # noqa: S608
                yield from (value for value in row if isinstance(value, bytes))


def said_by_files(folder: Path) -> bytes:
    """Everything below the folder, as it lies there and unpacked."""
    parts: list[bytes] = []
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = file.read_bytes()
        parts.append(content)
        if content.startswith(SQLITE_MAGIC):
            parts += (part for cell in cells(file) for part in unpacked(cell))
        else:
            parts += unpacked(content)
    return b"\n".join(parts)
