"""sample_rate: what is taken, in every way in which a message can leave."""

from __future__ import annotations

from typing import Any, Callable

import pytest

from conftest import Site


def answer(status: int) -> tuple[str, int]:
    return "", status


@pytest.mark.parametrize("replaced", [False, True])
def test_errors_are_kept_and_the_rest_is_not(
    make_site: Callable[..., Site], replaced: bool
) -> None:
    site = make_site(sample_rate=0)
    site.app.add_url_rule("/<int:status>", view_func=answer)
    published: list[dict[str, Any]] = []
    if replaced:
        site.toolkit.publish_message = published.append  # type: ignore[assignment, method-assign]
    for status in (200, 404, 500, 200, 503):
        site.app.test_client().get(f"/{status}").close()
    messages = published if replaced else site.toolkit.take_messages()
    assert [message["status_code"] for message in messages] == [500, 503]
    assert all("sample_weight" not in message for message in messages)
    assert site.toolkit.stats()["dropped"] == {"sampled": 3}


def test_the_weights_stand_for_what_was_left_out(make_site: Callable[..., Site]) -> None:
    site = make_site(sample_rate=0.25)
    site.app.add_url_rule("/<int:status>", view_func=answer)
    for _ in range(400):
        site.app.test_client().get("/200").close()
    messages = site.toolkit.take_messages()
    assert {message["sample_weight"] for message in messages} == {4.0}
    assert site.toolkit.stats()["dropped"]["sampled"] + len(messages) == 400
