"""The rules of the transmission, without database."""

from __future__ import annotations

from datetime import date

import pytest

from territoires.foundations.packs import api as packs
from territoires.kernel.errors import Conflict
from territoires.services.legality.domain import transmission as rules

ENTRIES = packs.pack("actes-anomalies", on=date(2026, 11, 24)).entries


@pytest.mark.parametrize(
    ("detail", "code"),
    [
        ("ODT-VERIF-01 : la date de classification n'est pas la bonne", "ODT-VERIF-01"),
        ("odt-verif-01", "ODT-VERIF-01"),
        ("ODT-VERIF-011 : autre chose", "other"),
        ("Le numéro interne existe déjà", "number-taken"),
        ("", "other"),
        ("Motif jamais vu", "other"),
    ],
)
def test_an_anomaly_is_explained_by_its_rule_or_its_words(detail, code):
    found = rules.explanation_of(detail, ENTRIES)
    assert found.code == code
    assert found.meaning.fr != found.meaning.en and found.remedy.fr


@pytest.mark.parametrize(
    ("effect", "received", "since"),
    [
        (date(2026, 11, 20), date(2026, 11, 24), date(2026, 11, 24)),
        (date(2026, 11, 26), date(2026, 11, 24), date(2026, 11, 26)),
        (None, date(2026, 11, 24), None),
        (date(2026, 11, 20), None, None),
    ],
)
def test_executory_is_the_later_of_two_dates_and_nothing_without_both(effect, received, since):
    assert rules.executory_since(took_effect_on=effect, received_on=received) == since


def test_an_acknowledgement_may_overtake_the_record_of_the_sending():
    assert rules.TRANSMISSION.after(rules.CONFIRMED, "acknowledge") == rules.ACKNOWLEDGED


@pytest.mark.parametrize("state", [rules.TO_CONFIRM, rules.CONFIRMED, rules.SENT, rules.REFUSED])
def test_only_what_was_acknowledged_is_cancelled(state):
    with pytest.raises(Conflict):
        rules.TRANSMISSION.after(state, "cancel")


def test_what_was_refused_or_cancelled_may_be_sent_again():
    assert set(rules.TRANSMISSION.states) - set(rules.LIVE) == {rules.REFUSED, rules.CANCELLED}
