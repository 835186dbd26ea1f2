"""Officers, custodian, time key and policy: what stops a publication, and what writes the policy."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from territoires.foundations.journal import api as journal
from territoires.kernel.errors import Conflict, Denied, Invalid, StepUpRequired
from territoires.services.procurement.actions import holders, staffing
from territoires.services.procurement.actions.policies import settle_policy
from territoires.services.procurement.domain.quorum import proposed_threshold
from territoires.services.procurement.domain.sealing.policy import read_policy
from territoires.services.procurement.domain.sealing.slots import PASSPHRASE, RECOVERY
from territoires.services.procurement.models import CustodianKey, KeySlot, PolicyVersion, TimeKey
from territoires.services.procurement.queries import quorum
from territoires.services.procurement.queries.readiness import publication_obstacles
from tests.services.procurement.conftest import make_actor, make_person, rows

from .world import BEFORE, DEADLINE, Officer, World, make_world, present, stock


def codes(world: World) -> list[str]:
    return [one.code for one in quorum.quorum_obstacles(world.consultation)]


@pytest.mark.parametrize(("officers", "expected"), [(2, 2), (3, 2), (4, 3), (9, 3)])
def test_the_proposed_number_lets_one_key_be_lost(officers: int, expected: int) -> None:
    assert proposed_threshold(officers) == expected


def test_nothing_is_published_before_all_have_accepted_and_tried(world: World) -> None:
    assert codes(world).count("officer-not-ready") == 2
    first, second = world.officers
    first.accept(world.consultation)
    assert codes(world).count("officer-not-ready") == 1
    assert "officer-without-trial" in codes(world)
    first.try_key(world.consultation)
    second.accept(world.consultation)
    second.try_key(world.consultation)
    assert codes(world) == ["time-key-missing"]
    assert quorum.current_policy(world.consultation) is None
    world.keeper.work_once()
    assert codes(world) == ["policy-outdated"]
    world.opener.work_once()
    assert codes(world) == []
    names = [one.code for one in publication_obstacles(world.consultation, world.secretary)]
    assert not {"officer-not-ready", "custodian-missing", "time-key-missing"} & set(names)


def test_the_policy_names_the_officers_in_order_then_the_custodian(world: World) -> None:
    world.ready()
    row = quorum.current_policy(world.consultation)
    assert row is not None
    policy = read_policy(bytes(row.document))
    assert [one.role for one in policy.holders] == ["officer", "officer", "custodian"]
    assert [one.id for one in policy.holders[:2]] == [one.holder for one in world.officers]
    assert (policy.threshold, policy.deadline) == (2, DEADLINE)
    assert row.sha256 == policy.hash.hex()
    assert "procurement.policy.written" in [one.kind for one in journal.timeline(world.consultation.pk)]


def test_a_key_of_the_stock_serves_one_consultation(world: World) -> None:
    world.ready()
    custodian = quorum.custodian_of(world.consultation)
    assert custodian is not None
    assert CustodianKey.objects.get(pk=custodian.pk).drawn_at is not None
    assert quorum.custodian_stock() == 2


def test_the_custodian_is_neither_the_operator_nor_the_buyer(world: World) -> None:
    buyer = world.consultation.organisation.name
    rows("t_procurement.HolderKey").filter(role="custodian").delete()
    CustodianKey.objects.filter(for_recovery=False).update(name=buyer.upper())
    holders.prepare_quorum(actor=present(world.secretary, BEFORE), consultation=world.consultation, round=1)
    assert "custodian-missing" in codes(world)
    CustodianKey.objects.update(name="Études notariales d'Essai", drawn_at=None)
    rows("identity.Organisation").create(
        reference="999990013", siren="999990013", name="Études notariales d'essai", kind="operator"
    )
    holders.prepare_quorum(actor=present(world.secretary, BEFORE), consultation=world.consultation, round=1)
    assert "custodian-missing" in codes(world)
    with pytest.raises(Invalid, match="custodian-is-the-operator"):
        stock(1, name=" etudes notariales d’essai")
    with pytest.raises(Invalid, match="custodian-is-the-operator"):
        stock(1, for_recovery=True, name="ÉTUDES NOTARIALES D'ESSAI")


def test_an_empty_stock_is_said(world: World) -> None:
    rows("t_procurement.HolderKey").filter(role="custodian").delete()
    CustodianKey.objects.filter(for_recovery=False).delete()
    assert "custodian-missing" in codes(world)


def test_a_key_needs_recovery_words_and_a_second_way(world: World) -> None:
    officer = world.officers[0]
    for kinds in ((PASSPHRASE, PASSPHRASE), (RECOVERY,)):
        with pytest.raises(Invalid) as refused:
            officer.accept(world.consultation, slots=officer.slots(*kinds))
        assert refused.value.code == "slots-too-few"
    stranger = Officer(officer.actor)
    with pytest.raises(Invalid) as refused:
        officer.accept(world.consultation, slots=stranger.slots())
    assert refused.value.code == "slot-of-another"


def test_a_point_off_the_curve_is_no_key(world: World) -> None:
    with pytest.raises(Invalid):
        world.officers[0].accept(world.consultation, public_key=b"\4" + bytes(64))


def test_two_officers_have_not_the_same_key(world: World) -> None:
    first, second = world.officers
    first.accept(world.consultation)
    with pytest.raises(Conflict):
        second.accept(world.consultation, public_key=first.public)


def test_only_who_is_named_accepts_and_only_after_confirming_that_it_is_she(world: World) -> None:
    stranger = Officer(
        make_actor(
            world.consultation.organisation, person=make_person(world.consultation.organisation, "Inès")
        )
    )
    with pytest.raises(Denied):
        stranger.accept(world.consultation)
    officer = world.officers[0]
    with pytest.raises(StepUpRequired):
        holders.accept_holder(
            actor=officer.actor,
            consultation=world.consultation,
            round=1,
            holder=officer.holder,
            public_key=officer.public,
            slots=officer.slots(),
        )


def test_a_trial_that_opens_something_else_does_not_count(world: World) -> None:
    officer = world.officers[0]
    officer.accept(world.consultation)
    with pytest.raises(Invalid) as refused:
        officer.try_key(world.consultation, opened=b"autre")
    assert refused.value.code == "trial-failed"
    assert "officer-without-trial" in codes(world)


def test_accepting_again_makes_a_fresh_key_before_the_publication_and_none_after(world: World) -> None:
    world.ready()
    before = quorum.current_policy(world.consultation)
    again = Officer(world.officers[0].actor)
    again.accept(world.consultation)
    again.try_key(world.consultation)
    after = quorum.current_policy(world.consultation)
    assert before is not None and after is not None
    assert before.sha256 != after.sha256 and after.version == 1
    world.published()
    with pytest.raises(Conflict) as refused:
        Officer(world.officers[1].actor).accept(world.consultation)
    assert refused.value.code == "officers-fixed"


def test_the_body_chooses_how_many_within_what_protects(body: Any, tmp_path: Path) -> None:
    world = make_world(body, tmp_path, officers=3)
    world.ready()
    holders.choose_threshold(actor=world.secretary, consultation=world.consultation, round=1, threshold=3)
    row = quorum.current_policy(world.consultation)
    assert row is not None and read_policy(bytes(row.document)).threshold == 3
    for wrong in (1, 4):
        with pytest.raises(Invalid):
            holders.choose_threshold(
                actor=world.secretary, consultation=world.consultation, round=1, threshold=wrong
            )


def test_a_later_deadline_is_a_new_version_that_names_the_one_before(world: World) -> None:
    world.ready().published()
    first = quorum.current_policy(world.consultation)
    world.consultation.tenders_until = DEADLINE + timedelta(days=3)
    world.consultation.save()
    assert len(settle_policy(world.secretary, world.consultation)) == 1
    assert settle_policy(world.secretary, world.consultation) == []
    last = quorum.current_policy(world.consultation)
    assert first is not None and last is not None
    policy = read_policy(bytes(last.document))
    assert (policy.version, policy.previous) == (2, bytes.fromhex(first.sha256))
    world.consultation.tenders_until = DEADLINE  # the database, too, would refuse it
    with pytest.raises(Invalid):
        settle_policy(world.secretary, world.consultation)


def test_who_leaves_before_the_publication_leaves_no_key_in_the_policy(world: World) -> None:
    world.ready()
    gone = world.officers[1].actor.person
    assert gone is not None
    staffing.leave_team(actor=world.secretary, consultation=world.consultation, person=gone, role="open")
    assert PolicyVersion.objects.filter(consultation=world.consultation).count() == 0
    assert KeySlot.objects.filter(holder__person_id=gone).count() == 0
    assert "officers-too-few" in codes(world)


def test_who_leaves_after_the_publication_stays_in_the_policy_and_loses_her_slots(world: World) -> None:
    world.ready().published()
    gone = world.officers[1].actor.person
    assert gone is not None
    before = quorum.current_policy(world.consultation)
    staffing.leave_team(actor=world.secretary, consultation=world.consultation, person=gone, role="open")
    after = quorum.current_policy(world.consultation)
    assert before is not None and after is not None and before.sha256 == after.sha256
    assert KeySlot.objects.filter(holder__person_id=gone).count() == 0
    assert len(quorum.holders_of(world.consultation, 1)) == 2


def test_a_new_way_leads_to_the_same_key(world: World) -> None:
    officer = world.officers[0]
    officer.accept(world.consultation)
    (added,) = officer.slots(PASSPHRASE)
    holders.add_slot(
        actor=present(officer.actor, BEFORE), consultation=world.consultation, round=1, slot=added
    )
    assert KeySlot.objects.filter(holder_id=officer.holder).count() == 3
    with pytest.raises(Invalid):
        holders.add_slot(
            actor=present(officer.actor, BEFORE),
            consultation=world.consultation,
            round=1,
            slot=Officer(officer.actor).slots(PASSPHRASE)[0],
        )


def test_the_time_key_is_backed_up_for_the_recovery_custodian(world: World) -> None:
    world.ready()
    key = TimeKey.objects.get(consultation=world.consultation)
    assert key.backup is not None and key.recovery is not None
