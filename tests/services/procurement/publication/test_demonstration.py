"""The demonstration's consultation on line: published by the real verbs, with officers whose keys open."""

from __future__ import annotations

import hashlib
from typing import Any

from territoires.contracts.governance import Demonstration
from territoires.services.procurement.domain import life
from territoires.services.procurement.domain.sealing.slots import (
    PASSPHRASE,
    argon2_key,
    open_slot,
    phrase_secret,
    read_slot,
)
from territoires.services.procurement.management.demonstration import PHRASE, fill
from territoires.services.procurement.models import Consultation, KeySlot
from territoires.services.procurement.queries import quorum
from territoires.services.procurement.queries.publication import amendments_of, answered_of
from territoires.services.procurement.queries.sheets import pieces_of
from tests.services.procurement.conftest import make_actor, make_person


def test_the_village_has_a_consultation_on_line(body: Any) -> None:
    actors = {
        "village.secretary": make_actor(body),
        "village.executive": make_actor(body, "executive", person=make_person(body, "Paul")),
    }
    fill(Demonstration(organisations={"village": body.pk}, actors=actors))
    public = Consultation.objects.get(state=life.PUBLISHED)
    (answer,), (change,) = answered_of(public), amendments_of(public)
    assert answer.answer and change.moves_deadline
    made = [one.made_as for one in pieces_of(public)]
    assert made.count("") == 3 and made.count("seal.pdf") == 1, (
        "what was brought, and the hash of the opening rules"
    )
    policy = quorum.current_policy(public)
    assert policy is not None and policy.deadline_at == public.tenders_until
    assert len(quorum.holders_of(public, 1)) == 3


def test_the_keys_of_its_officers_open_with_the_phrase_that_is_told(body: Any) -> None:
    actors = {
        "village.secretary": make_actor(body),
        "village.executive": make_actor(body, "executive", person=make_person(body, "Paul")),
    }
    fill(Demonstration(organisations={"village": body.pk}, actors=actors))
    slots = [read_slot(bytes(one.document)) for one in KeySlot.objects.all()]
    opened = [
        open_slot(one, argon2_key(phrase_secret(PHRASE), one.salt)) for one in slots if one.kind == PASSPHRASE
    ]
    assert len({hashlib.sha256(one).hexdigest() for one in opened}) == 2
