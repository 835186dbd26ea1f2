"""A number that the outside has seen never comes back."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection, transaction

from territoires.foundations.exchange import api as exchange
from territoires.foundations.exchange import serials
from territoires.kernel.ids import new_id

TODAY = date(2026, 11, 24)
TOWN = new_id()


def take(day: date = TODAY, start: int = 1, organisation=TOWN, channel: str = "test") -> int:
    return exchange.next_serial(channel=channel, organisation=organisation, day=day, start=start)


@pytest.mark.django_db
def test_numbers_follow_each_other_by_day_organisation_and_channel():
    assert [take(), take(), take()] == [1, 2, 3]
    assert take(day=date(2027, 1, 1)) == take(organisation=new_id()) == take(channel="other") == 1


@pytest.mark.django_db
def test_numbers_start_where_another_device_does_not_go():
    assert [take(start=500), take(start=500)] == [500, 501]
    assert take(start=1) == 502
    assert take(start=900) == 900


@pytest.mark.django_db
@pytest.mark.parametrize(
    "first_restore", [datetime(2026, 11, 23, 23, 0, tzinfo=UTC), datetime(2026, 11, 24, 9, tzinfo=UTC)]
)
def test_restoring_the_same_backup_twice_in_a_day_repeats_no_number(first_restore):
    seen = {take() for _ in range(5)}
    newcomer = new_id()  # its first number of the day is after the backup
    seen_of_newcomer = set()
    for restored_at in (first_restore, first_restore + timedelta(minutes=20)):
        with transaction.atomic():
            serials.jump(restored_at)
            numbers = [take() for _ in range(50)]
            numbers_of_newcomer = [take(organisation=newcomer) for _ in range(50)]
            transaction.set_rollback(True)  # the machine is lost, and the backup brought back
        assert not seen & set(numbers) and not seen_of_newcomer & set(numbers_of_newcomer)
        assert max(numbers) < 10**9, "nine digits, in the name of an envelope"
        seen |= set(numbers)
        seen_of_newcomer |= set(numbers_of_newcomer)


@pytest.mark.django_db
def test_days_that_have_passed_do_not_jump():
    take(day=TODAY - timedelta(days=1))
    serials.jump(datetime(2026, 11, 24, 9, tzinfo=UTC))
    assert take(day=TODAY - timedelta(days=1)) == 2


def test_clerks_at_once_get_different_numbers(live_database):
    taken: list[int] = []

    def clerk() -> None:
        try:
            for _ in range(25):
                with transaction.atomic():
                    taken.append(take())
        finally:
            connection.close()

    clerks = [threading.Thread(target=clerk) for _ in range(4)]
    for one in clerks:
        one.start()
    for one in clerks:
        one.join()
    assert sorted(taken) == list(range(1, 101))
