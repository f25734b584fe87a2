"""Errors: raised, handled and reported."""

from __future__ import annotations

import logging
import sys
from typing import Any, Callable

import pytest
from flask import abort, request
from werkzeug.exceptions import HTTPException, InternalServerError, NotFound

from apitoolkit_flask import _errors, report_error
from conftest import Message, Site


def error_types(message: Message) -> list[str]:
    return [error["error_type"] for error in message["errors"]]


def add_crash(site: Site) -> None:
    @site.app.route("/crash")
    def crash() -> str:
        try:
            return {"here": "x"}["missing"]
        except KeyError as error:
            raise ValueError("cannot") from error


@pytest.mark.parametrize("hooks", [False, True])
def test_an_unhandled_error_is_recorded_with_its_root_cause(
    hooks: bool, make_site: Callable[..., Site]
) -> None:
    site = make_site(hooks=hooks)
    add_crash(site)
    assert site.app.test_client().get("/crash").status_code == 500
    message = site.message()
    assert message["status_code"] == 500
    (error,) = message["errors"]
    assert error["error_type"] == "ValueError"
    assert error["message"] == "cannot"
    assert error["root_error_type"] == "KeyError"
    assert error["root_error_message"] == "'missing'"
    assert 'return {"here": "x"}["missing"]' in error["stack_trace"]
    assert "direct cause" in error["stack_trace"]
    assert error["when"]


@pytest.mark.parametrize("hooks", [False, True])
def test_an_error_that_the_application_handles_is_recorded(
    hooks: bool, make_site: Callable[..., Site]
) -> None:
    site = make_site(hooks=hooks)
    add_crash(site)
    site.app.register_error_handler(ValueError, lambda e: (str(e), 422))
    assert site.app.test_client().get("/crash").data == b"cannot"
    message = site.message()
    assert (message["status_code"], error_types(message)) == (422, ["ValueError"])


@pytest.mark.parametrize("hooks", [False, True])
@pytest.mark.parametrize("key", ["PROPAGATE_EXCEPTIONS", "TESTING"])
def test_an_error_that_flask_lets_through_is_recorded_as_500(
    key: str, hooks: bool, make_site: Callable[..., Site]
) -> None:
    site = make_site(hooks=hooks)
    site.app.config[key] = True
    add_crash(site)
    with pytest.raises(ValueError, match="cannot"):
        site.app.test_client().get("/crash")
    message = site.message()
    assert (message["status_code"], error_types(message)) == (500, ["ValueError"])
    assert message["url_path"] == "/crash"


def test_an_http_exception_is_not_an_error(site: Site) -> None:
    site.app.add_url_rule("/", view_func=lambda: abort(403))
    site.app.test_client().get("/")
    message = site.message()
    assert (message["status_code"], message["errors"]) == (403, [])


def test_several_reported_errors_are_all_recorded(site: Site) -> None:
    @site.app.route("/")
    def view() -> str:
        for kind in (ValueError, TypeError, ValueError):
            report_error(request, kind("x"))
        return "ok"

    site.app.test_client().get("/")
    assert error_types(site.message()) == ["ValueError", "TypeError", "ValueError"]


def test_an_error_that_is_reported_and_then_raised_is_recorded_once(site: Site) -> None:
    @site.app.route("/")
    def view() -> str:
        error = ValueError("x")
        report_error(request, error)
        report_error(request, error)
        raise error

    site.app.test_client().get("/")
    assert error_types(site.message()) == ["ValueError"]


def test_an_error_of_one_request_counts_again_in_the_next(site: Site) -> None:
    error = ValueError("kept")

    @site.app.route("/")
    def view() -> str:
        report_error(request, error)
        return ""

    for _ in range(2):
        site.app.test_client().get("/").close()
    assert [error_types(m) for m in site.messages()] == [["ValueError"]] * 2


def test_an_error_while_the_response_streams_is_linked(site: Site) -> None:
    @site.app.route("/")
    def view() -> Any:
        current = request._get_current_object()  # type: ignore[attr-defined]

        def chunks() -> Any:
            yield "a"
            report_error(current, ValueError("late"))

        return chunks()

    with site.app.test_client().get("/") as response:
        assert response.data == b"a"
    assert error_types(site.message()) == ["ValueError"]


def test_handle_error_reports_and_answers_what_flask_can_send(site: Site) -> None:
    site.app.register_error_handler(Exception, site.toolkit.handle_error)
    add_crash(site)
    client = site.app.test_client()
    assert client.get("/crash").status_code == 500
    assert client.get("/none").status_code == 404
    assert sorted((m["status_code"], len(m["errors"])) for m in site.messages()) == [
        (404, 0),
        (500, 1),
    ]
    with site.app.test_request_context():
        assert isinstance(site.toolkit.handle_error(NotFound()), NotFound)
        answer: HTTPException = site.toolkit.handle_error(ValueError())
        assert isinstance(answer, InternalServerError)


def test_an_error_that_is_reported_outside_of_a_request_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    report_error(request, ValueError("nowhere"))
    report_error(None, ValueError("nothing"))
    assert [r.levelno for r in caplog.records] == [logging.WARNING] * 2
    assert "ValueError: nowhere" in caplog.text


def test_the_context_of_an_error_counts_unless_it_is_suppressed() -> None:
    def chained(suppress: bool) -> BaseException:
        try:
            try:
                raise KeyError("inner")
            except KeyError:
                if suppress:
                    raise ValueError("outer") from None
                raise ValueError("outer")  # noqa: B904 - the implicit context is what is tested
        except ValueError as error:
            return error

    assert type(_errors.root_of(chained(suppress=False))) is KeyError
    assert type(_errors.root_of(chained(suppress=True))) is ValueError


def test_a_cycle_of_causes_ends() -> None:
    a, b = ValueError("a"), TypeError("b")
    a.__cause__, b.__cause__ = b, a
    description = _errors.describe(a)
    assert (description.error_type, description.root_error_type) == ("ValueError", "TypeError")


def test_a_very_long_chain_of_causes_is_bounded() -> None:
    error: BaseException = ValueError("first")
    for _ in range(5000):
        outer = ValueError("next")
        outer.__cause__ = error
        error = outer
    assert len(_errors.describe(error).stack_trace) <= _errors.STACK_TRACE_CHARS_MAX


def test_an_error_without_a_traceback_has_no_none_in_its_place() -> None:
    assert _errors.describe(ValueError("x")).stack_trace == "ValueError: x\n"


def test_an_error_whose_text_cannot_be_had_is_described() -> None:
    class MuteError(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    assert _errors.describe(MuteError()).message == "<an exception whose str() raises>"


@pytest.mark.skipif(sys.version_info < (3, 11), reason="exception groups came with Python 3.11")
def test_the_root_of_an_exception_group_is_its_first_members() -> None:
    group = ExceptionGroup("two", [OSError("disk"), ValueError("x")])  # noqa: F821
    description = _errors.describe(group)
    assert description.root_error_type == "OSError"
    assert "ValueError: x" in description.stack_trace
