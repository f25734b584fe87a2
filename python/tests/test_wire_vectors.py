"""Our messages have the members that the golden vectors have, with values of the same kinds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conftest import Site

ENCODED = sorted((Path(__file__).resolve().parents[2] / "wire/vectors/encoded").glob("*.json"))


def golden(path: Path) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(json.loads(path.read_text())["message_text"])
    return message


@pytest.mark.parametrize("path", ENCODED, ids=lambda path: path.stem)
def test_a_recorded_exchange_has_every_member_that_is_always_there(path: Path, site: Site) -> None:
    always = set.intersection(*(set(golden(p)) for p in ENCODED))
    known = set.union(*(set(golden(p)) for p in ENCODED))
    site.app.add_url_rule("/u/<int:n>", view_func=lambda n: str(n), methods=["POST"])
    site.app.test_client().post("/u/7?tag=a&tag=b", data=b"x", content_type="text/plain")
    message = site.message()
    assert always <= set(message)
    assert set(message) <= known
    for name, value in golden(path).items():
        if value is not None and message.get(name) is not None:
            assert isinstance(message[name], type(value)), name
