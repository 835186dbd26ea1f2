"""Dates, deadlines, sizes, amounts and numbers, as people read them in both languages."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.forms import Form
from django.utils import translation

from territoires.foundations.registry.api import sentence
from territoires.ui import dates
from territoires.ui.templatetags import ui

PARIS = ZoneInfo("Europe/Paris")
NOON = datetime(2026, 11, 12, 14, 0, tzinfo=PARIS)


@pytest.mark.parametrize(
    ("language", "value", "words"),
    [
        ("fr", NOON, "jeudi 12 novembre 2026, 14\u00a0h"),
        ("en", NOON, "Thursday 12 November 2026, 2\u00a0pm"),
        ("fr", date(2026, 12, 1), "mardi 1er décembre 2026"),
        ("fr", date(2026, 11, 11), "mercredi 11 novembre 2026"),
    ],
)
def test_long_date(language: str, value: date, words: str) -> None:
    with translation.override(language):
        assert dates.long_date(value) == words


def test_short_date_keeps_the_minutes_that_count() -> None:
    with translation.override("fr"):
        assert dates.short_date(NOON.replace(minute=5)) == "12 nov. 2026, 14\u00a0h\u00a005"


def test_short_months_are_those_of_french() -> None:
    with translation.override("fr"):
        months = [dates.short_date(date(2026, month, 12)).split()[1] for month in range(1, 13)]
    assert months == [
        "janv.",
        "févr.",
        "mars",
        "avr.",
        "mai",
        "juin",
        "juill.",
        "août",
        "sept.",
        "oct.",
        "nov.",
        "déc.",
    ]


def test_short_date_says_the_first_as_french_does() -> None:
    with translation.override("fr"):
        assert [dates.short_date(date(2026, 12, day)) for day in (1, 11, 21)] == [
            "1er déc. 2026",
            "11 déc. 2026",
            "21 déc. 2026",
        ]


@pytest.mark.parametrize(("language", "day"), [("fr", "1er déc. 2026"), ("en", "1 Dec. 2026")])
def test_an_instant_is_told_to_the_second(language: str, day: str) -> None:
    with translation.override(language):
        assert dates.exact_date(datetime(2026, 12, 1, 9, 5, 7, tzinfo=PARIS)) == f"{day}, 09:05:07"


def test_every_error_is_counted() -> None:
    form = Form({})
    form.add_error(None, ["One thing.", "Another thing."])
    assert ui.error_count(form) == 2


@pytest.mark.parametrize(
    ("away", "french", "english"),
    [
        (timedelta(hours=3), "aujourd’hui", "today"),
        (timedelta(0), "délai échu", "time is up"),
        (timedelta(days=1), "demain", "tomorrow"),
        (timedelta(days=2), "dans 2 jours", "in 2 days"),
        (timedelta(days=-1), "en retard de 1 jour", "1 day late"),
        (timedelta(days=-3), "en retard de 3 jours", "3 days late"),
    ],
)
def test_due_in_words(french_catalog: None, away: timedelta, french: str, english: str) -> None:
    for language, words in (("fr", french), ("en", english)):
        with translation.override(language):
            assert dates.due_in_words(NOON + away, NOON) == words


def test_deadline_counts_paris_days_not_utc_ones() -> None:
    now = datetime(2026, 11, 12, 23, 30, tzinfo=PARIS)
    with translation.override("en"):
        assert dates.due_in_words(now + timedelta(hours=1), now) == "tomorrow"


@pytest.mark.parametrize(
    ("size", "french", "english"),
    [
        (0, "0 octet", "0 bytes"),
        (1, "1 octet", "1 byte"),
        (999, "999 octets", "999 bytes"),
        (212_000, "212 ko", "212 kB"),
        (1_700_000, "1,7 Mo", "1.7 MB"),
        (999_950, "1,0 Mo", "1.0 MB"),
        (150_000_000, "150 Mo", "150 MB"),
    ],
)
def test_file_size(size: int, french: str, english: str) -> None:
    for language, words in (("fr", french), ("en", english)):
        with translation.override(language):
            for given in (size, str(size)):  # a component's attribute is text
                assert ui.file_size(given).replace("\u00a0", " ") == words


def test_dotted() -> None:
    assert ui.dotted("legality.act.<b>") == "legality.<wbr>act.<wbr>&lt;b&gt;"


def test_amount() -> None:
    with translation.override("fr"):
        assert ui.amount("1204.5").replace("\u00a0", " ").replace("\u202f", " ") == "1 204,50 €"
    with translation.override("en"):
        assert ui.amount("1204.5") == "€1,204.50"


@pytest.mark.parametrize(
    ("number", "grouped"),
    [("217104389", "217 104 389"), ("21710438900017", "217 104 389 00017"), ("abc", "abc"), ("", "")],
)
def test_siren(number: str, grouped: str) -> None:
    assert ui.siren(number).replace("\u00a0", " ") == grouped


def test_hash_is_grouped_whole_or_shortened() -> None:
    value = "9f2c41ab" + "0" * 52 + "e07d"
    assert ui.in_fours(value).replace(" ", "") == value
    assert ui.shortened(value) == "9f2c 41ab … e07d"


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox, Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/120.0 Safari/537.36 Edg/120.0",
            "Edge, Windows",
        ),
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/120.0 Safari/537.36", "Chrome, Android"),
        ("curl/8.5.0", "Unknown browser"),
    ],
)
def test_browser_is_named_in_two_words(header: str, words: str) -> None:
    with translation.override("en"):
        assert ui.browser(header) == words


def test_a_day_in_a_refusal_is_read_as_on_a_page() -> None:
    with translation.override("fr"):
        assert sentence("x %(day)s", {"day": date(2026, 12, 1)}) == "x 1er déc. 2026"


@pytest.mark.parametrize(
    ("kept", "read"),
    [
        ("2026-12-10T11:00:00+00:00", "Thursday 10 December 2026, noon"),
        ("2026-12-01", "Tuesday 1 December 2026"),
        ("03/12/2026 12:00:00", "03/12/2026 12:00:00"),
        ("", ""),
    ],
)
def test_a_notification_tells_its_day_in_words(kept: str, read: str) -> None:
    with translation.override("en"):
        assert dates.told_date(kept) == read
