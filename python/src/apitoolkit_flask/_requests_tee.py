"""Bodies of `requests` that pass: seen as the application or the network reads them."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._call import Call


class BodyTee:
    """Stands in for a request's body that is a file or an iterable, while it is sent."""

    def __init__(self, call: Call, body: Any) -> None:
        self._call = call
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._body:
            self._see(chunk)
            yield chunk

    def _see(self, chunk: Any) -> None:
        self._call.request_body.add(chunk.encode() if isinstance(chunk, str) else bytes(chunk))

    def _read(self, *args: Any) -> Any:
        chunk = self._body.read(*args)
        self._see(chunk)
        return chunk

    def _seek(self, *args: Any) -> Any:
        self._call.request_body.clear()  # a redirect sends the body again
        return self._body.seek(*args)

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._body, name)
        return {"read": self._read, "seek": self._seek}.get(name, value)


# The methods of urllib3.HTTPResponse by which a body is read. They call one another: only what the
# outermost gives is what the application gets.
_READERS = ("read", "read1", "readinto")
_GENERATORS = ("stream", "read_chunked")


class RawTee:
    """Sees what is read of a response's `raw`, which stays the object that it is."""

    def __init__(self, call: Call, raw: Any) -> None:
        self._call = call
        self._raw_length_left = functools.partial(getattr, raw, "length_remaining", None)
        self._depth = 0
        wrappers = dict.fromkeys(_READERS, self._read)
        wrappers.update(dict.fromkeys(_GENERATORS, self._generate))
        wrappers["close"] = self._close
        for name, wrapper in wrappers.items():
            original = getattr(raw, name, None)
            if original is not None:
                setattr(raw, name, functools.partial(wrapper, original))

    def _read(self, original: Any, *args: Any, **options: Any) -> Any:
        if self._depth:
            return original(*args, **options)
        chunk = self._step(functools.partial(original, *args, **options))
        is_count = isinstance(chunk, int)  # of readinto
        seen = bytes(memoryview(args[0])[:chunk]) if is_count else chunk
        self._see(seen, options)
        amount = args[0] if args else options.get("amt")
        if amount is None or not seen:
            self._call.finish()
        return chunk

    def _generate(self, original: Any, *args: Any, **options: Any) -> Any:
        chunks = original(*args, **options)
        return chunks if self._depth else self._pass(chunks, options)

    def _pass(self, chunks: Any, options: dict[str, Any]) -> Iterator[bytes]:
        try:
            while True:
                chunk = self._step(functools.partial(next, chunks, None))
                if chunk is None:
                    break
                self._see(chunk, options)
                yield chunk
        finally:
            chunks.close()
        self._call.finish()

    def _step(self, read: Any) -> Any:
        self._depth += 1
        try:
            return read()
        except BaseException as error:
            self._call.finish(error)
            raise
        finally:
            self._depth -= 1

    def _see(self, chunk: bytes, options: dict[str, Any]) -> None:
        self._call.response_body.add(chunk)
        if options.get("decode_content"):
            self._call.decoded = True

    def _close(self, original: Any) -> None:
        try:
            original()
        finally:
            if not self._depth:
                self._finish()

    def _finish(self) -> None:
        self._call.finish(aborted=self._raw_length_left() != 0)

    def __del__(self) -> None:
        self._call.finish(aborted=True)
