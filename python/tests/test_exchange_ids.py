"""Ids are unique, though the system's generator is asked for many at once."""

from __future__ import annotations

import os
import uuid

from apitoolkit_flask import APIToolkit


def new_id(toolkit: APIToolkit) -> uuid.UUID:
    recording = toolkit._client.begin({"REQUEST_METHOD": "GET", "PATH_INFO": "/"})
    assert recording is not None
    return uuid.UUID(recording.id)


def random_bits(identifier: uuid.UUID) -> bytes:
    return identifier.bytes[8:]


def test_no_id_comes_twice() -> None:
    toolkit = APIToolkit(transport="memory")
    ids = [new_id(toolkit) for _ in range(1000)]
    assert len({random_bits(each) for each in ids}) == len(ids)
    assert {each.version for each in ids} == {7}
    assert {each.variant for each in ids} == {uuid.RFC_4122}


def test_a_forked_child_repeats_none_of_its_parents_ids() -> None:
    toolkit = APIToolkit(transport="memory")
    new_id(toolkit)  # from here on there are random bits in store
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writer, b"".join(random_bits(new_id(toolkit)) for _ in range(10)))
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    in_child = os.read(reader, 80)
    os.close(reader)
    os.close(writer)
    in_parent = {random_bits(new_id(toolkit)) for _ in range(100)}
    assert len(in_child) == 80
    assert in_parent.isdisjoint(in_child[i : i + 8] for i in range(0, 80, 8))
