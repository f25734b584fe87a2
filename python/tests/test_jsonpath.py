"""apitoolkit_flask.jsonpath."""

from __future__ import annotations

import pytest

from apitoolkit_flask import jsonpath
from apitoolkit_flask.jsonpath import JSONPathError

BODY = b'{"users": [{"card": 4111, "n": "a"}, {"card": 1.50}], "credit-card": {"cvv": "123"}}'


def test_select_gives_normalized_paths_and_the_bytes_as_they_stand() -> None:
    assert jsonpath.select(BODY, "$.users[*].card") == [
        ("$['users'][0]['card']", b"4111"),
        ("$['users'][1]['card']", b"1.50"),
    ]
    assert jsonpath.select(BODY, "$.nothing") == []


def test_select_is_strict_unless_told_otherwise() -> None:
    with pytest.raises(JSONPathError):
        jsonpath.select(BODY, "$.credit-card.cvv")
    assert jsonpath.select(BODY, "$.credit-card.cvv", strict=False) == [
        ("$['credit-card']['cvv']", b'"123"')
    ]


def test_a_wrong_path_tells_the_column() -> None:
    with pytest.raises(JSONPathError, match="expected") as caught:
        jsonpath.select(BODY, "$.a[")
    assert caught.value.column == 5
    assert isinstance(caught.value, ValueError)
    with pytest.raises(JSONPathError, match=r'paths\[1\]: "\$\.a\["') as caught:
        jsonpath.redact(BODY, ["$.b", "$.a["])
    assert caught.value.column == 5


def test_select_of_a_body_that_is_no_json_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="byte"):
        jsonpath.select(b"{nope", "$")


def test_redact_keeps_every_other_byte() -> None:
    assert jsonpath.redact(BODY, ["$.users[*].card", "$.credit-card.cvv"]) == (
        b'{"users": [{"card": "[CLIENT_REDACTED]", "n": "a"}, {"card": "[CLIENT_REDACTED]"}], '
        b'"credit-card": {"cvv": "[CLIENT_REDACTED]"}}'
    )
    assert jsonpath.redact(BODY, []) == BODY


def test_redact_reads_the_body_as_its_type_says() -> None:
    form = jsonpath.redact(b"a=1&password=x", ["$.password"], "application/x-www-form-urlencoded")
    assert form == b'{"a":"1","password":"[CLIENT_REDACTED]"}'


def test_redact_fails_closed() -> None:
    assert jsonpath.redact(b'{"a": ', ["$.a"]) == b'"[CLIENT_REDACTED]"'
