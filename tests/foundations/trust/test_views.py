"""The authority over HTTP: refusals in the body, four HTTP errors and no other."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from territoires.foundations.trust import api as trust
from territoires.foundations.trust.time_stamp_query import TimeStampQuery, imprint_of

QUERY = TimeStampQuery(imprint_of(bytes(32))).encoding()


def post(body: bytes, content_type: str = "application/timestamp-query"):
    return trust.time_stamp_view(RequestFactory().post("/tsa", body, content_type=content_type))


def test_a_query_gets_a_token(live_database) -> None:
    answer = post(QUERY)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/timestamp-reply")
    assert bytes(32) in answer.content
    assert len(trust.time_stamp(bytes(32))) > 1000


def test_a_refused_clock_is_said_to_the_asker_and_to_the_journal(live_database) -> None:
    from territoires.foundations.trust.authority import _build
    from territoires.foundations.trust.clock_mark import DatabaseMark
    from territoires.kernel.errors import Unavailable

    _build.cache_clear()
    DatabaseMark().refuse("The clock jumped.")
    assert b"The clock jumped." in post(QUERY).content
    with pytest.raises(Unavailable, match="jumped"):
        trust.time_stamp(bytes(32))
    trust.clear_clock()
    assert len(trust.time_stamp(bytes(32))) > 1000


def test_a_bad_query_is_refused_with_status_200() -> None:
    answer = post(b"nonsense")
    assert answer.status_code == 200
    assert b"not a TimeStampReq" in answer.content


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (lambda: trust.time_stamp_view(RequestFactory().get("/tsa")), 405),
        (lambda: post(QUERY, "text/plain"), 415),
        (lambda: post(bytes(64 * 1024 + 1)), 413),
    ],
)
def test_what_is_no_query_at_all(answer, status) -> None:
    assert answer().status_code == status


def test_the_address_is_tsa_and_asks_for_no_token_of_forms() -> None:
    from django.urls import resolve

    found = resolve("/tsa").func
    assert found is trust.time_stamp_view
    assert found.csrf_exempt
