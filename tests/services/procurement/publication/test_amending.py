"""Changes after the publication: never back, always told, nothing lost of what was there before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from territoires.foundations.journal import api as journal
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Conflict, Invalid, Missing, TooLate
from territoires.services.procurement.actions import amending, bidding, corresponding
from territoires.services.procurement.actions.amending import NewPiece
from territoires.services.procurement.domain import life
from territoires.services.procurement.jobs.publication import tell_correspondents
from territoires.services.procurement.models import Amendment, Consultation
from territoires.services.procurement.queries.listings import listing_of
from territoires.services.procurement.queries.publication import (
    amendments_of,
    former_pieces_of,
    is_open,
    proposed_deadline,
    public_piece,
)
from territoires.services.procurement.queries.sheets import pieces_of
from tests.services.procurement.bids.conftest import SIRETS, make_bidder, make_enterprise
from tests.services.procurement.conftest import receive, rows

from .conftest import PUBLISHED_AT, deadline, visitor

WHY = "Le plan de la charpente était faux."
DAY = timedelta(days=1)


def amend(actor: Actor, consultation: Consultation, **given: Any) -> Amendment:
    return amending.amend_consultation(
        **{"actor": actor, "consultation": consultation, "summary": "Un plan est corrigé.", "reason": WHY}
        | given
    )


def put_off(consultation: Consultation, days: int = 7) -> Mapping[str, Any]:
    return {"tenders_until": deadline(consultation) + days * DAY}


def test_a_deadline_is_put_off_as_a_new_version(buyer: Actor, public: Consultation) -> None:
    before = deadline(public)
    made = amend(buyer, public, values=put_off(public))
    public.refresh_from_db()
    assert (made.version, public.publication_version) == (2, 2)
    assert (made.tenders_before, made.tenders_after) == (before, before + 7 * DAY)
    assert public.tenders_until == before + 7 * DAY and made.moves_deadline
    listing = listing_of(public.pk)
    assert listing is not None
    assert (listing.version, listing.deadline_at, listing.changed_at) == (2, made.tenders_after, buyer.now())
    fact = [one for one in journal.timeline(public.pk) if one.kind == "procurement.consultation.amended"][-1]
    assert fact.facts["version"] == 2 and "reason" not in fact.facts


@pytest.mark.parametrize(
    ("shift", "code"),
    [(-DAY, "deadline-earlier"), (-60 * DAY, "deadline-earlier"), (1000 * DAY, "deadline-far")],
)
def test_a_deadline_never_comes_earlier(
    buyer: Actor, public: Consultation, shift: timedelta, code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        amend(buyer, public, values={"tenders_until": deadline(public) + shift})
    assert refused.value.code == code
    public.refresh_from_db()
    assert public.publication_version == 1


def test_nothing_is_changed_after_the_deadline(buyer: Actor, public: Consultation) -> None:
    late = buyer.at(deadline(public) + timedelta(microseconds=1))
    with pytest.raises(TooLate):
        amend(late, public, values=put_off(public, 30))
    with pytest.raises(TooLate):
        amending.suspend_consultation(actor=late, consultation=public, reason=WHY)
    with pytest.raises(TooLate):
        amending.withdraw_consultation(actor=late, consultation=public, reason=WHY)


def test_a_change_without_a_change_or_a_reason_is_none(buyer: Actor, public: Consultation) -> None:
    with pytest.raises(Invalid) as refused:
        amend(buyer, public, values={"tenders_until": public.tenders_until, "title": public.title})
    assert refused.value.code == "nothing-changed"
    with pytest.raises(Invalid):
        amend(buyer, public, values=put_off(public), reason=" non ")
    with pytest.raises(Invalid):
        amend(buyer, public, values=put_off(public), summary="")


def test_a_replaced_document_keeps_the_former(buyer: Actor, public: Consultation) -> None:
    former = next(piece for piece in pieces_of(public) if piece.kind == "technical")
    new = receive(buyer, b"%PDF-1.4 plan juste", "cahier.pdf")
    made = amend(buyer, public, pieces=[NewPiece(document=new.pk, replaces=former.sha256)])
    present = pieces_of(public)
    assert former.sha256 not in {piece.sha256 for piece in present}
    replacing = next(piece for piece in present if piece.sha256 == new.sha256)
    assert (replacing.replaces_id, replacing.kind, replacing.since_version) == (former.pk, "technical", 2)
    (kept,) = former_pieces_of(public)
    assert (kept.pk, kept.retired_in) == (former.pk, made.version)
    assert public_piece(public, former.sha256).document.purged_at is None


def test_a_document_is_added_and_another_taken_off(buyer: Actor, public: Consultation) -> None:
    gone = pieces_of(public)[1]
    new = receive(buyer, b"%PDF-1.4 annexe", "annexe.pdf")
    amend(buyer, public, pieces=[NewPiece(document=new.pk)], retired=[gone.sha256])
    assert gone.sha256 not in {piece.sha256 for piece in pieces_of(public)}
    assert len(pieces_of(public)) == 2


def test_a_foreign_or_a_present_file_is_no_new_document(buyer: Actor, public: Consultation) -> None:
    present = pieces_of(public)[0]
    with pytest.raises(Conflict):
        amend(buyer, public, pieces=[NewPiece(document=present.document_id)])
    new = receive(buyer, b"%PDF-1.4 annexe", "annexe.pdf")
    with pytest.raises(Invalid):
        amend(buyer, public, pieces=[NewPiece(document=new.pk, replaces="0" * 64)])
    with pytest.raises(Missing):
        amend(buyer, public, pieces=[NewPiece(document=public.pk)])


def test_words_are_corrected_and_what_they_were_is_kept(buyer: Actor, public: Consultation) -> None:
    before = public.title
    made = amend(buyer, public, values={"title": "Réfection des toitures"})
    assert made.changes == [{"field": "title", "before": before, "after": "Réfection des toitures"}]
    with pytest.raises(Invalid):
        amend(buyer, public, values={"title": "x" * 400})


def test_a_substantial_change_near_the_deadline_puts_it_off(buyer: Actor, public: Consultation) -> None:
    near = buyer.at(deadline(public) - 3 * DAY)
    new = receive(buyer, b"%PDF-1.4 plan", "plan.pdf")
    given = {"pieces": [NewPiece(document=new.pk)], "is_substantial": True}
    with pytest.raises(Invalid) as refused:
        amend(near, public, **given)
    assert refused.value.code == "deadline-too-near"
    proposed = proposed_deadline(public, near.now(), is_substantial=True)
    assert proposed is not None and proposed > deadline(public)
    amend(near, public, **given, values={"tenders_until": proposed})
    public.refresh_from_db()
    assert public.tenders_until == proposed


def test_far_from_the_deadline_nothing_is_proposed(buyer: Actor, public: Consultation) -> None:
    assert proposed_deadline(public, buyer.now(), is_substantial=False) is None


def test_the_version_that_was_read_is_the_one_that_changes(buyer: Actor, public: Consultation) -> None:
    with pytest.raises(Conflict):
        amend(buyer, public, values=put_off(public), version=public.version - 1)


# -- suspended, resumed, ended ------------------------------------------------------------------------------------------


def test_a_call_is_suspended_and_resumed_with_a_later_deadline(buyer: Actor, public: Consultation) -> None:
    stopped = amending.suspend_consultation(actor=buyer, consultation=public, reason=WHY)
    assert stopped.state == life.SUSPENDED and not is_open(stopped, buyer.now())
    listing = listing_of(public.pk)
    assert listing is not None and listing.status == "suspended"
    later = buyer.at(deadline(public) + 3 * DAY)
    with pytest.raises(Invalid):  # its deadline has passed meanwhile
        amending.resume_consultation(actor=later, consultation=stopped, reason=WHY, values={})
    again = amending.resume_consultation(
        actor=later,
        consultation=stopped,
        reason=WHY,
        values={"tenders_until": deadline(public) + 30 * DAY},
    )
    assert again.state == life.PUBLISHED and is_open(again, later.now())
    assert [one.verb for one in amendments_of(public)] == ["suspend", "resume"]
    with pytest.raises(Conflict):
        amending.resume_consultation(actor=later, consultation=again, reason=WHY, values={})


def test_a_call_is_withdrawn_for_a_reason_that_all_read(buyer: Actor, public: Consultation) -> None:
    gone = amending.withdraw_consultation(actor=buyer, consultation=public, reason=WHY)
    assert (gone.state, gone.end_reason, gone.ended_at) == (life.WITHDRAWN, WHY, buyer.now())
    listing = listing_of(public.pk)
    assert listing is not None and listing.status == "ended"
    with pytest.raises(Conflict):
        amend(buyer, public, values=put_off(public))


def test_it_is_given_up_after_the_deadline_too(buyer: Actor, public: Consultation) -> None:
    later = buyer.at(deadline(public) + DAY)
    gone = amending.abandon_consultation(
        actor=later, consultation=public, reason="Le budget de l'opération a été réduit."
    )
    assert gone.state == life.ABANDONED
    with pytest.raises(Conflict):
        amending.abandon_consultation(actor=later, consultation=public, reason=WHY)


# -- who is told --------------------------------------------------------------------------------------------------------


def mails_to(address: str) -> list[Any]:
    return list(rows("notifications.Mail").filter(address=address).select_related("notification"))


def test_whoever_left_an_address_is_told_once(buyer: Actor, public: Consultation) -> None:
    corresponding.join_correspondents(
        actor=visitor(), consultation=public, name="Manon Modèle", email="manon@travaux.example"
    )
    assert len(mails_to("manon@travaux.example")) == 1  # what was asked for, and how to end it
    made = amend(buyer, public, values=put_off(public))
    for _again in range(2):
        tell_correspondents(str(public.pk), str(made.pk))
    told = mails_to("manon@travaux.example")
    assert len(told) == 2
    context = told[-1].notification.context
    assert context["summary"] == made.summary and "/suivre/" in context["stop"]


def test_whoever_began_a_bid_is_told_once_though_she_left_no_address(
    buyer: Actor, public: Consultation
) -> None:
    bidder = make_bidder(make_enterprise()).at(PUBLISHED_AT)
    bidding.start_bid(actor=bidder, consultation=public, round=1)
    make_bidder(
        make_enterprise(SIRETS[1], "Imprimerie Essai"), name="Ines"
    )  # an enterprise that has not begun
    for person in rows("identity.Person").filter(memberships__organisation__kind="enterprise"):
        rows("identity.Account").create(email=f"{person.given_names}@travaux.example", person=person)
    made = amend(buyer, public, values=put_off(public))
    for _again in range(2):
        tell_correspondents(str(public.pk), str(made.pk))
    (told,) = mails_to("Manon@travaux.example")
    assert told.notification.context["summary"] == made.summary
    assert told.notification.organisation_id == bidder.organisation, (
        "the buyer's messages do not tell who bids"
    )
    assert not mails_to("Ines@travaux.example")
    fact = journal.timeline(public.pk)[-1]
    assert (fact.kind, fact.facts["count"]) == ("procurement.correspondents.told", 0)


def test_a_bidder_who_left_her_address_too_is_told_once(buyer: Actor, public: Consultation) -> None:
    bidder = make_bidder(make_enterprise()).at(PUBLISHED_AT)
    bidding.start_bid(actor=bidder, consultation=public, round=1)
    rows("identity.Account").create(email="manon@travaux.example", person_id=bidder.person)
    corresponding.join_correspondents(
        actor=visitor(), consultation=public, name="Manon Modèle", email="Manon@travaux.example"
    )
    before = rows("notifications.Mail").count()
    made = amend(buyer, public, values=put_off(public))
    tell_correspondents(str(public.pk), str(made.pk))
    assert rows("notifications.Mail").count() == before + 1


def test_whoever_took_the_address_back_is_not(buyer: Actor, public: Consultation) -> None:
    one = corresponding.join_correspondents(
        actor=visitor(), consultation=public, name="Manon Modèle", email="manon@travaux.example"
    )
    with pytest.raises(Missing):
        corresponding.stop_telling(
            actor=visitor(), consultation=public, correspondent=one, token=one.token[:-1] + "~"
        )
    corresponding.stop_telling(actor=visitor(), consultation=public, correspondent=one, token=one.token)
    made = amend(buyer, public, values=put_off(public))
    tell_correspondents(str(public.pk), str(made.pk))
    assert len(mails_to("manon@travaux.example")) == 1


def test_the_worker_is_asked_to_tell_at_each_change(buyer: Actor, public: Consultation) -> None:
    from procrastinate.contrib.django.models import ProcrastinateJob

    made = amend(buyer, public, values=put_off(public))
    (job,) = ProcrastinateJob.objects.filter(task_name=amending.TELL)
    assert job.args == {"consultation": str(public.pk), "about": str(made.pk)}


def test_amendments_are_only_added_to(buyer: Actor, public: Consultation) -> None:
    amend(buyer, public, values=put_off(public))
    for change in (
        lambda: Amendment.objects.update(reason="autre"),
        lambda: Amendment.objects.all().delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
