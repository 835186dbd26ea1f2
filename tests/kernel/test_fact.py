"""What a fact may hold, and where each field goes."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import ClassVar

import pytest

from territoires.kernel.clock import PARIS
from territoires.kernel.fact import Fact, Subject, digest, personal, plain
from territoires.kernel.ids import new_id


@dataclass(frozen=True, kw_only=True)
class Specimen(Fact):
    KIND: ClassVar[str] = "specimen.thing.made"
    number: str
    held_on: date
    author: str = personal()
    minutes: str = digest(default="")


def test_each_field_goes_where_it_is_marked() -> None:
    fact = Specimen(
        subject=Subject("specimen.thing", new_id()),
        number="7",
        held_on=date(2026, 11, 12),
        author="A",
        minutes="ab",
    )
    assert fact.payload() == {"number": "7", "held_on": "2026-11-12"}
    assert fact.personal_values() == {"author": "A"}
    assert fact.digests() == {"minutes": "ab"}


def test_an_absent_digest_is_left_out() -> None:
    fact = Specimen(subject=Subject("s", new_id()), number="7", held_on=date(2026, 11, 12), author="")
    assert fact.digests() == {}
    assert fact.personal_values() == {}


def test_instants_are_written_in_utc_with_microseconds() -> None:
    noon = datetime(2026, 7, 14, 12, tzinfo=PARIS)
    assert plain(noon) == "2026-07-14T10:00:00.000000Z"
    assert plain([Decimal("1.50"), datetime(2026, 1, 1, tzinfo=UTC)])[0] == "1.50"


@pytest.mark.parametrize("value", [1.5, {1, 2}, b"bytes", object()])
def test_what_has_no_single_writing_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        plain(value)
