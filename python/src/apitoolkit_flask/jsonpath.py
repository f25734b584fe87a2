"""JSONPath (RFC 9535) as the redaction of bodies uses it, to try out what a path selects."""

from __future__ import annotations

from collections.abc import Sequence

from . import _native

__all__ = ["JSONPathError", "redact", "select"]


class JSONPathError(ValueError):
    """A path that cannot be parsed. `column` counts the path's characters from 1."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(message)
        self.column = column


def select(body: bytes, path: str, strict: bool = True) -> list[tuple[str, bytes]]:
    """The nodes that `path` selects in `body`: (normalized path, the value's bytes as they stand).

    In the order of RFC 9535, duplicates included. `strict=False` accepts the compatible forms of
    docs/redaction.md too, such as `$.credit-card.cvv`. Raises JSONPathError for the path and
    ValueError for a body that is not JSON.
    """
    result = _native.jsonpath_select(body, path, strict)
    if isinstance(result, tuple):
        column, message = result
        raise JSONPathError(message, column)
    return result


def redact(body: bytes, paths: Sequence[str], content_type: str = "application/json") -> bytes:
    """`body` as it would leave the process: every selected value is "[CLIENT_REDACTED]".

    Every other byte is kept. A body that cannot be read as `content_type` says is masked whole.
    Raises JSONPathError for a path that cannot be parsed.
    """
    result = _native.jsonpath_redact(body, list(paths), content_type)
    if isinstance(result, tuple):
        column, message = result
        raise JSONPathError(message, column)
    return result
