"""The names that applications rely on."""

from __future__ import annotations

import inspect
from importlib import resources

import apitoolkit_flask
from apitoolkit_flask import APIToolkit, observe_request, observe_request_async
from conftest import Site


def test_the_public_names_are_these() -> None:
    assert apitoolkit_flask.__all__ == [
        "APIToolkit",
        "Rejected",
        "RetryLater",
        "Stats",
        "Transport",
        "__version__",
        "jsonpath",
        "observe_request",
        "observe_request_async",
        "report_error",
    ]
    assert all(hasattr(apitoolkit_flask, name) for name in apitoolkit_flask.__all__)


def test_the_package_is_typed() -> None:
    assert resources.files(apitoolkit_flask).joinpath("py.typed").is_file()
    assert resources.files(apitoolkit_flask).joinpath("_native.pyi").is_file()


def test_observe_request_takes_what_upstream_takes_in_that_order() -> None:
    for function in (observe_request, observe_request_async):
        assert list(inspect.signature(function).parameters)[:5] == [
            "request",
            "url_wildcard",
            "redact_headers",
            "redact_request_body",
            "redact_response_body",
        ]


def test_the_version_is_the_projects() -> None:
    assert apitoolkit_flask.__version__.count(".") == 2


def test_upstream_method_names_are_there() -> None:
    for name in ("beforeRequest", "afterRequest", "handle_error", "getInfo", "publish_message"):
        assert callable(getattr(APIToolkit, name))


def test_the_time_that_recording_takes_is_told(site: Site) -> None:
    site.app.add_url_rule("/", view_func=lambda: "ok")
    before = site.toolkit.stats()
    assert (before["overhead_mean_us"], before["overhead_p99_us"]) == (0, 0)
    for _ in range(200):
        site.app.test_client().get("/").close()
    after = site.toolkit.stats()
    assert 0 < after["overhead_mean_us"] < after["overhead_p99_us"] * 200
    assert after["overhead_p99_us"] > 0
