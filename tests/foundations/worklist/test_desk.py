"""The desk shows the worst first, and only what is the actor's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from territoires.foundations.worklist import api as worklist
from territoires.kernel.actor import Actor, Grant
from territoires.kernel.clock import fixed_clock
from territoires.kernel.errors import Invalid
from territoires.kernel.fact import Subject
from territoires.kernel.ids import new_id

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
TOWN, OTHER = new_id(), new_id()
PUBLISH = "legality:act:publish"


def secretary(organisation: UUID = TOWN, *, permission: str = PUBLISH, person: UUID | None = None) -> Actor:
    return Actor(
        person=person or new_id(),
        organisation=organisation,
        grants={permission: Grant(permission, "role", "Secretary")},
        services=frozenset({"legality"}),
        clock=fixed_clock(NOW),
    )


def waits(title: str, **given: object) -> Subject:
    subject = Subject("legality.act", new_id())
    worklist.open_item(**{**fields(subject), "title": title, **given})
    return subject


def to_do(subject: Subject, **given: object) -> worklist.ToDo:
    return worklist.ToDo(**{**fields(subject), **given})


def fields(subject: Subject) -> dict[str, object]:
    return {
        "organisation": TOWN,
        "subject": subject,
        "matter": subject.id,
        "kind": "legality.publish",
        "title": "publish",
        "verb": "Publish",
        "address": "/o/x/legality/",
        "permission": PUBLISH,
        "at": NOW,
    }


def titles(actor: Actor, **options: object) -> list[str]:
    return [item.title for item in worklist.desk(actor, **options).items]


def test_the_worst_comes_first_and_the_undated_last():
    waits("undated")
    waits("later", due_at=NOW + timedelta(days=30))
    waits("late", due_at=NOW - timedelta(days=1))
    waits("soon", due_at=NOW + timedelta(days=2))
    assert titles(secretary()) == ["late", "soon", "later", "undated"]


def test_counters_count_what_each_urgency_lists():
    waits("undated")
    waits("later", due_at=NOW + timedelta(days=30))
    waits("late", due_at=NOW - timedelta(days=1))
    waits("soon", due_at=NOW + timedelta(days=2))
    counted = worklist.counters(secretary())
    assert counted == worklist.Counters(late=1, soon=1, later=1, undated=1)
    assert counted.total == 4
    for urgency in ("late", "soon", "later", "undated"):
        assert titles(secretary(), urgency=urgency) == [urgency]


def test_only_the_acting_organisation_and_only_held_permissions():
    waits("ours")
    waits("theirs", organisation=OTHER)
    waits("other right", permission="legality:act:withdraw")
    assert titles(secretary()) == ["ours"]
    assert titles(secretary(OTHER)) == ["theirs"]
    assert titles(Actor(person=new_id())) == []


def test_a_service_switched_off_empties_its_part_of_the_desk():
    waits("ours")
    granted = secretary()
    assert (
        titles(Actor(person=granted.person, organisation=TOWN, grants=granted.grants, clock=granted.clock))
        == []
    )


def test_an_item_for_one_person_is_hers_alone():
    mayor = new_id()
    waits("sign", person=mayor)
    assert titles(secretary(person=mayor)) == ["sign"]
    assert titles(secretary()) == []


def test_opening_again_corrects_and_keeps_the_age():
    subject = waits("draft title")
    waits("final title", subject=subject, at=NOW + timedelta(days=3))
    (item,) = worklist.desk(secretary()).items
    assert (item.title, item.opened_at) == ("final title", NOW)


def test_closing_one_kind_leaves_the_others():
    subject = waits("publish")
    waits("notify", subject=subject, kind="legality.notify")
    assert worklist.close_items(subject, "legality.publish") == 1
    assert titles(secretary()) == ["notify"]
    assert worklist.close_items(subject) == 1
    assert worklist.close_items(subject) == 0


def test_what_waits_instead_closes_all_else_on_its_subject_alone():
    first, second, other = waits("one"), waits("two"), waits("other")
    waits("sign", subject=first, kind="legality.sign", person=new_id())
    later = {"kind": "legality.notify", "title": "notify", "at": NOW + timedelta(days=1)}
    worklist.replace_items({first: to_do(first, **later), second: None})
    assert sorted(titles(secretary())) == ["notify", "other"]
    worklist.replace_items({first: to_do(first, **later | {"title": "again"})})
    (item,) = [one for one in worklist.desk(secretary()).items if one.subject_id == first.id]
    assert (item.title, item.opened_at) == ("again", NOW + timedelta(days=1))
    worklist.replace_items({first: None, other: None})
    assert titles(secretary()) == []


def test_pages_follow_each_other_without_gap_or_double():
    for number in range(7):
        waits(f"{number}", due_at=NOW if number % 2 else None)
    seen, cursor = [], None
    while True:
        page = worklist.desk(secretary(), cursor=cursor, size=2)
        seen += [item.title for item in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert seen == titles(secretary())
    assert len(seen) == 7


@pytest.mark.parametrize("cursor", ["", "x", "é", "MjAyNi0xMS0yNA==", "MjAyNiB4", "AAAA", "=" * 9])
def test_a_cursor_that_is_not_ours_is_refused(cursor):
    if not cursor:
        assert worklist.desk(secretary(), cursor=cursor).items == []
        return
    with pytest.raises(Invalid):
        worklist.desk(secretary(), cursor=cursor)


def test_an_unknown_urgency_is_refused():
    with pytest.raises(Invalid):
        worklist.desk(secretary(), urgency="yesterday")
