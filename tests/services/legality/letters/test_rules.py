"""Which message answers which letter, and by when: the table, the pack, the bytes."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from lxml import etree

from territoires.services.legality.domain import letters
from territoires.services.legality.domain.actes.names import ActIdentifier
from territoires.services.legality.domain.actes.writing import write_reply
from tests.services.legality.transmission.test_messages import require_valid

ACT = ActIdentifier("021", "212100077", date(2026, 11, 12), "DEL_2026_041", "DE")


def test_each_letter_but_the_referral_has_its_answers() -> None:
    assert letters.SENT_BY_BODY == ("2-2", "3-2", "3-3", "3-4", "4-2", "4-3", "4-4")
    assert {kind for kind, replies in letters.REPLIES.items() if not replies} == {letters.REFERRAL}
    for kind, replies in letters.REPLIES.items():
        assert all(reply[0] == kind[0] for reply in replies)


def test_what_the_state_acknowledges_is_what_it_says() -> None:
    assert set(letters.ACKNOWLEDGED_BY) == {"3-3", "3-4", "4-3", "4-4"}


@pytest.mark.parametrize(
    ("day", "months", "after"),
    [
        (date(2026, 11, 12), 2, date(2027, 1, 12)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2027, 12, 30), 2, date(2028, 2, 29)),
        (date(2026, 10, 31), 2, date(2026, 12, 31)),
    ],
)
def test_a_delay_in_months_ends_on_the_same_day_or_the_last(day: date, months: int, after: date) -> None:
    assert letters.months_after(day, months) == after


@pytest.mark.parametrize("kind", letters.SENT_BY_BODY)
def test_every_message_is_valid_for_the_official_schema(kind: str, shared_data: Path, tmp_path: Path) -> None:
    is_receipt = kind in letters.RECEIPTS.values()
    count = 0 if is_receipt else 3 if kind in letters.WITH_SEVERAL_FILES else 1
    names = [f"99_DE-{ACT}-{kind}_{rank}.pdf" for rank in range(1, count + 1)]
    message = write_reply(kind, ACT, letter_on=date(2026, 11, 20), documents=names)
    require_valid({f"{ACT}-{kind}_0.xml": message}, shared_data, tmp_path)
    assert b'DateCourrierPref="2026-11-20"' in message
    with pytest.raises(etree.DocumentInvalid):
        require_valid({"0.xml": message.replace(b"2026-11-20", b"20/11/2026")}, shared_data, tmp_path)
