"""A change says what to compare: the digests of its new documents, the hash of the opening rules that a later deadline writes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.test import Client
from django.urls import reverse

from territoires.services.procurement.actions import amending, corresponding
from territoires.services.procurement.jobs.publication import tell_correspondents
from territoires.services.procurement.queries import quorum
from territoires.services.procurement.queries.change_proofs import changes_of
from territoires.services.procurement.queries.publication import first_deadline
from territoires.services.procurement.rest.publication import _amendment
from tests.services.procurement.conftest import receive, rows
from tests.services.procurement.publication.conftest import visitor

from .world import DEADLINE, make_world


def test_a_change_shows_the_digests_and_the_hash_that_it_makes(body: Any, tmp_path: Path) -> None:
    world = make_world(body, tmp_path)
    world.ready().published()
    consultation, actor = world.consultation, world.secretary.at(DEADLINE - timedelta(days=9))
    former = quorum.current_policy(consultation)
    corresponding.join_correspondents(
        actor=visitor(actor.now()), consultation=consultation, name="Manon", email="manon@exemple.example"
    )
    plan = receive(actor, b"%PDF-1.4 plan", "plan.pdf")
    deadline = first_deadline(consultation)
    assert former is not None and deadline is not None
    words = {"summary": "La date limite change.", "reason": "Un plan manquait au dossier."}
    amending.amend_consultation(
        actor=actor,
        consultation=consultation,
        values={"tenders_until": deadline + timedelta(days=7)},
        pieces=[amending.NewPiece(document=plan.pk, kind="technical")],
        **words,
    )
    consultation.refresh_from_db()
    amending.amend_consultation(
        actor=actor, consultation=consultation, values={"title": "Autre titre"}, **words
    )
    first, second = changes_of(consultation)
    present = quorum.current_policy(consultation)
    assert present is not None and present.sha256 != former.sha256
    assert ([one.sha256 for one in first.documents], first.policy_sha256) == ([plan.sha256], present.sha256)
    assert (second.documents, second.policy_sha256) == ([], ""), "what did not change is not told again"
    assert _amendment(first).policy_sha256 == present.sha256

    page = Client().get(reverse("procurement:consultation", kwargs={"consultation": consultation.pk}))
    shown = page.content.decode()
    told_there = shown[shown.index('id="changements"') :].partition("</ol>")[0]
    assert plan.sha256 in told_there and told_there.count(present.sha256) == 1
    assert former.sha256 not in shown
    tell_correspondents(str(consultation.pk), str(first.amendment.pk))
    told = rows("notifications.Notification").order_by("-pk").first().context
    assert told["documents"] == [["plan.pdf", plan.sha256]] and told["policy_sha256"] == present.sha256
