"""What the verbs of the preparation do, refuse, and leave in the book."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from territoires.foundations.actions.api import may, visible
from territoires.foundations.journal import api as journal
from territoires.kernel.actor import Actor
from territoires.kernel.clock import PARIS
from territoires.kernel.errors import Conflict, Denied, Invalid, Missing
from territoires.kernel.ids import new_id
from territoires.services.procurement.actions import filing, preparing, staffing, validating
from territoires.services.procurement.domain import life
from territoires.services.procurement.domain.wording import BuyerWords, CriterionWords, LotWords, buyers_in
from territoires.services.procurement.models import Consultation, Override
from territoires.services.procurement.permissions import Procurement
from territoires.services.procurement.queries.consultations import consultation_of, consultations_of
from territoires.services.procurement.queries.sheets import checked, criteria_of, lots_of, pieces_of

from .conftest import (
    CRITERIA,
    LOTS,
    NOW,
    make_actor,
    make_body,
    make_consultation,
    make_person,
    mandated,
    receive,
)

TODAY = NOW.date()


def kinds_of(consultation: Consultation) -> list[str]:
    return [fact.kind for fact in journal.timeline(consultation.pk)]


def test_a_whole_consultation_is_validated_and_numbered(secretary: Actor) -> None:
    done = make_consultation(secretary, "validated")
    assert (done.state, done.reference) == (life.VALIDATED, "2026-001")
    assert make_consultation(secretary, "validated").reference == "2026-002"


def test_what_lacks_something_is_not_validated_and_says_what(secretary: Actor) -> None:
    blank = make_consultation(secretary, "blank")
    with pytest.raises(Invalid) as refused:
        validating.validate_consultation(actor=secretary, consultation=blank)
    assert {fault.code for fault in refused.value.faults} >= {"estimated-value-missing", "procedure-missing"}
    blank.refresh_from_db()
    assert blank.state == life.DRAFT


def test_a_warning_is_answered_with_a_reason_that_stays(secretary: Actor) -> None:
    draft = make_consultation(secretary, review_body="")
    with pytest.raises(Invalid):
        validating.validate_consultation(actor=secretary, consultation=draft)
    (standing,) = checked(draft, TODAY).standings
    reason = "Le règlement de la consultation le dit."
    validating.override_warning(
        actor=secretary, consultation=draft, finding=standing.finding.key, reason=reason
    )
    assert validating.validate_consultation(actor=secretary, consultation=draft).state == life.VALIDATED
    assert Override.objects.get(consultation=draft).reason == reason


def test_what_a_text_forbids_takes_no_reason(secretary: Actor) -> None:
    draft = make_consultation(secretary, environmental_clause="")
    (standing,) = checked(draft, TODAY).standings
    with pytest.raises(Conflict) as refused:
        validating.override_warning(
            actor=secretary, consultation=draft, finding=standing.finding.key, reason="Nous ne voulons pas."
        )
    assert refused.value.code == "not-a-warning"


def test_a_reason_is_a_sentence(secretary: Actor) -> None:
    draft = make_consultation(secretary, review_body="")
    (standing,) = checked(draft, TODAY).standings
    with pytest.raises(Invalid):
        validating.override_warning(
            actor=secretary, consultation=draft, finding=standing.finding.key, reason="  non "
        )


def test_nothing_is_written_once_validated(secretary: Actor) -> None:
    done = make_consultation(secretary, "validated")
    for verb, given in (
        (preparing.revise_consultation, {"values": {"title": "Autre"}}),
        (preparing.write_lots, {"lots": ()}),
        (preparing.write_criteria, {"criteria": CRITERIA[:2]}),
    ):
        with pytest.raises(Conflict):
            verb(actor=secretary, consultation=done, **given)  # type: ignore[operator]
    back = validating.reopen_consultation(
        actor=secretary, consultation=done, reason="Le lot 2 change de matériau."
    )
    assert (back.state, back.validated_at) == (life.DRAFT, None)


def test_the_version_that_was_read_is_the_one_that_is_changed(secretary: Actor) -> None:
    draft = make_consultation(secretary)
    with pytest.raises(Conflict) as refused:
        preparing.revise_consultation(
            actor=secretary, consultation=draft, values={"title": "Autre"}, version=draft.version - 1
        )
    assert refused.value.code == "changed-meanwhile"


@pytest.mark.parametrize(
    "values",
    [
        {"title": ""},
        {"title": "x" * 301},
        {"cpv": "toiture"},
        {"estimated_value": Decimal(0)},
        {"estimated_value": Decimal("1e20")},
        {"main_procurement_category": "favours"},
        {"contact_email": "nulle part"},
        {"procedure": "x" * 40},
        {"duration_months": -1},
    ],
    ids=str,
)
def test_what_cannot_be_kept_is_refused_by_name(secretary: Actor, values: dict[str, Any]) -> None:
    draft = make_consultation(secretary)
    with pytest.raises(Invalid) as refused:
        preparing.revise_consultation(actor=secretary, consultation=draft, values=values)
    assert {fault.field for fault in refused.value.faults} == set(values)


def test_a_lot_keeps_its_id_and_loses_its_criteria_with_it(secretary: Actor) -> None:
    draft = make_consultation(secretary)
    before = [lot.pk for lot in lots_of(draft)]
    own = CriterionWords(kind="price", weight=Decimal(100), lot_number=2)
    preparing.write_criteria(actor=secretary, consultation=draft, criteria=[*CRITERIA, own])
    preparing.write_lots(actor=secretary, consultation=draft, lots=[LotWords(title="Tout")])
    assert [lot.pk for lot in lots_of(draft)] == before[:1]
    assert [one.lot_number for one in criteria_of(draft)] == [None] * 3


@pytest.mark.parametrize("weight", [Decimal(0), Decimal(101), Decimal(-5)])
def test_a_weight_weighs(secretary: Actor, weight: Decimal) -> None:
    draft = make_consultation(secretary)
    with pytest.raises(Invalid):
        preparing.write_criteria(
            actor=secretary, consultation=draft, criteria=[CriterionWords(kind="price", weight=weight)]
        )


def test_a_criterion_without_a_name_takes_that_of_its_kind(secretary: Actor) -> None:
    assert [c.name for c in criteria_of(make_consultation(secretary))] == [
        "Prix",
        "Mémoire technique",
        "Performance environnementale",
    ]


def test_a_copy_takes_the_words_and_not_the_moment(secretary: Actor) -> None:
    source = make_consultation(secretary, "validated")
    copy = preparing.copy_consultation(actor=secretary, source=source, title="Toiture de la mairie")
    assert (copy.title, copy.procedure, copy.copied_from_id) == ("Toiture de la mairie", "adapted", source.pk)
    assert (copy.state, copy.reference, copy.publish_on, copy.tenders_until) == (life.DRAFT, "", None, None)
    assert [lot.title for lot in lots_of(copy)] == [lot.title for lot in LOTS]
    assert len(criteria_of(copy)) == len(CRITERIA) and pieces_of(copy) == []


def test_the_same_need_bought_twice_adds_up(secretary: Actor) -> None:
    make_consultation(secretary, "validated")
    second = make_consultation(secretary)
    assert checked(second, TODAY).sheet.reference_value == 360000


def test_a_file_is_added_once_and_taken_off(secretary: Actor) -> None:
    draft = make_consultation(secretary)
    again = receive(secretary, f"%PDF-1.4 reglement.pdf {draft.pk}".encode(), "copie.pdf")
    with pytest.raises(Conflict):
        filing.add_document(actor=secretary, consultation=draft, document=again.pk, kind="rules")
    (first, second) = pieces_of(draft)
    filing.remove_document(actor=secretary, consultation=draft, sha256=first.sha256)
    assert [piece.pk for piece in pieces_of(draft)] == [second.pk]


@pytest.mark.parametrize(
    ("content", "name"),
    [(b"", "vide.pdf"), (b"MZ\x90\x00" + b"\0" * 200, "plan.pdf"), (b"#!/bin/sh\nrm", "a.sh")],
)
def test_a_file_that_harms_or_says_nothing_is_refused(secretary: Actor, content: bytes, name: str) -> None:
    draft = make_consultation(secretary)
    document = receive(secretary, content, name)
    with pytest.raises(Invalid):
        filing.add_document(actor=secretary, consultation=draft, document=document.pk, kind="rules")


def test_a_file_of_another_body_is_not_there(secretary: Actor) -> None:
    draft = make_consultation(secretary)
    elsewhere = make_actor(make_body("Ailleurs", "217004999"))
    document = receive(elsewhere, b"%PDF-1.4 ailleurs")
    with pytest.raises(Missing):
        filing.add_document(actor=secretary, consultation=draft, document=document.pk, kind="rules")


def test_thrown_away_it_leaves_the_list_and_the_book_remembers(secretary: Actor) -> None:
    gone = make_consultation(secretary, "discarded")
    assert not consultations_of(secretary).filter(pk=gone.pk).exists()
    assert pieces_of(gone) == []
    assert kinds_of(gone)[0] == "procurement.consultation.started"
    assert kinds_of(gone)[-1] == "procurement.consultation.discarded"


def test_sirets_are_checked_line_by_line() -> None:
    assert buyers_in("217 104 389 00010\n\n21710438900010") == [BuyerWords("21710438900010")]
    with pytest.raises(Invalid) as refused:
        buyers_in("21710438900010\n12345678901234")
    assert refused.value.faults[0].params["value"] == "12345678901234"


def test_the_law_of_a_day_that_is_not_here_stops_and_says_so(secretary: Actor) -> None:
    draft = make_consultation(
        secretary, publish_on=date(2028, 2, 1), tenders_until=datetime(2028, 3, 1, 12, tzinfo=PARIS)
    )
    assert "law-unknown" in {one.finding.code for one in checked(draft, TODAY).standings if one.stops}


# -- rights -------------------------------------------------------------------------------------------------------------


def test_an_agent_prepares_and_does_not_validate(secretary: Actor, body: Any) -> None:
    draft = make_consultation(secretary)
    agent = make_actor(body, "agent")
    preparing.revise_consultation(actor=agent, consultation=draft, values={"validity_days": 90})
    with pytest.raises(Denied):
        validating.validate_consultation(actor=agent, consultation=draft)


def test_another_body_sees_nothing(secretary: Actor) -> None:
    draft = make_consultation(secretary)
    elsewhere = make_actor(make_body("Ailleurs", "217004999"))
    with pytest.raises(Missing):
        consultation_of(elsewhere, draft.pk)
    with pytest.raises(Denied):
        preparing.revise_consultation(actor=elsewhere, consultation=draft, values={"title": "Pris"})


def test_once_the_team_names_who_validates_nobody_else_does(secretary: Actor, body: Any) -> None:
    draft = make_consultation(secretary)
    mayor = make_person(body, "Paul")
    staffing.join_team(actor=secretary, consultation=draft, person=mayor.pk, role="validate")
    assert not may(secretary, Procurement.VALIDATE, draft)
    assert may(make_actor(body, "executive", person=mayor), Procurement.VALIDATE, draft)
    staffing.leave_team(actor=secretary, consultation=draft, person=mayor.pk, role="validate")
    assert may(secretary, Procurement.VALIDATE, draft)


def test_an_outside_assistant_sees_only_the_consultations_of_whose_team_she_is(
    secretary: Actor, body: Any
) -> None:
    hers, other = make_consultation(secretary), make_consultation(secretary)
    architect = mandated(body)
    assert not visible(architect, Procurement.READ).exists()
    staffing.join_team(actor=secretary, consultation=hers, person=architect.person, role="prepare")
    staffing.join_team(actor=secretary, consultation=hers, person=architect.person, role="evaluate")
    assert list(consultations_of(architect)) == [hers]
    preparing.revise_consultation(actor=architect, consultation=hers, values={"validity_days": 100})
    for verb, given in (
        (validating.validate_consultation, {"consultation": hers}),
        (staffing.join_team, {"consultation": hers, "person": architect.person, "role": "open"}),
        (preparing.revise_consultation, {"consultation": other, "values": {"validity_days": 1}}),
        (preparing.copy_consultation, {"source": other, "title": "Volée"}),
    ):
        with pytest.raises(Denied):
            verb(actor=architect, **given)  # type: ignore[operator]


def test_a_mandate_that_lends_the_power_to_validate_covers_the_body(secretary: Actor, body: Any) -> None:
    draft = make_consultation(secretary)
    assert consultation_of(mandated(body, "secretary"), draft.pk) == draft


def test_only_people_of_the_body_join_a_team(secretary: Actor) -> None:
    draft = make_consultation(secretary)
    with pytest.raises(Invalid):
        staffing.join_team(
            actor=secretary, consultation=draft, person=make_person(name="Zoé").pk, role="open"
        )
    with pytest.raises(Invalid):
        staffing.join_team(actor=secretary, consultation=draft, person=new_id(), role="open")


def test_a_second_click_starts_nothing_more(secretary: Actor) -> None:
    twice = replace(secretary, idempotency_key="k")
    first = preparing.start_consultation(actor=twice, title="Fioul", category="goods")
    assert preparing.start_consultation(actor=twice, title="Fioul", category="goods").pk == first.pk
    assert Consultation.objects.count() == 1
