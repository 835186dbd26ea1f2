"""What an agent does on the pages, without a script: each form keeps what was typed and says what is wrong."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from territoires.kernel.actor import Actor
from territoires.services.procurement.domain import life
from territoires.services.procurement.models import Consultation
from territoires.services.procurement.queries.sheets import (
    checked,
    criteria_of,
    lots_of,
    pieces_of,
    sirets_of,
)

from .conftest import make_consultation, rows


@pytest.fixture
def agent(body: Any, secretary: Actor) -> Client:
    """The secretary's browser, in English."""
    person = rows("identity.Person").get(pk=secretary.person)
    account = rows("identity.Account").create_user("claire@exemple.test", person=person)
    rows("identity.RoleAssignment").create(
        membership=person.memberships.get(), role="secretary", since_on="2026-01-05"
    )
    for service in ("procurement", "portal"):
        rows("identity.ServiceActivation").create(
            organisation=body, service=service, since_at="2026-01-05T00:00:00Z"
        )
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def at(one: Consultation | None, name: str = "") -> str:
    place = f"{one.pk}/" if one else ""
    return f"/o/217104389/procurement/{place}{name}"


def need(**other: str) -> dict[str, str]:
    return {
        "title": "Toiture",
        "main_procurement_category": "works",
        "estimated_value": "180 000,50",
        "family": "École",
        "cpv": "45261200-9",
        "committed_elsewhere": "",
        "regime": "",
    } | other


def rows_of(prefix: str, *lines: dict[str, str]) -> dict[str, str]:
    found = {f"{prefix}-TOTAL_FORMS": str(len(lines)), f"{prefix}-INITIAL_FORMS": "0"}
    return found | {
        f"{prefix}-{n}-{name}": value for n, line in enumerate(lines) for name, value in line.items()
    }


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_from_one_line_to_the_procedure(agent: Client) -> None:
    begun = agent.post(at(None, "new/"), {"title": "Toiture", "category": "works"})
    one = Consultation.objects.get()
    assert begun["Location"] == at(one, "need/")
    saved = agent.post(at(one, "need/"), need(next=""))
    assert saved["Location"] == at(one, "procedure/")
    one.refresh_from_db()
    assert (str(one.estimated_value), one.cpv, one.regime) == ("180000.50", "45261200", "authority")
    page = text(agent.get(at(one, "procedure/")))
    assert "the simplest lawful procedure is" in page and "Adapted procedure (MAPA)" in page
    agent.post(at(one, "procedure/"), {"procedure": "adapted"})
    proposed = text(agent.get(at(one, "calendar/")))
    assert "The calendar that we propose" in proposed
    agent.post(at(one, "calendar/take/"))
    one.refresh_from_db()
    assert one.tenders_until is not None and not [
        f
        for f in checked(one, one.publish_on).standings
        if f.finding.step == "calendar"  # type: ignore[arg-type]
    ]


def test_what_is_wrong_keeps_what_was_typed(agent: Client, secretary: Actor) -> None:
    one = make_consultation(secretary, "blank")
    answer = agent.post(at(one, "need/"), need(estimated_value="beaucoup", family="Écoles et cantines"))
    assert answer.status_code == 422
    assert "This is no amount" in text(answer) and 'value="beaucoup"' in text(answer)
    assert "Écoles et cantines" in text(answer)
    one.refresh_from_db()
    assert one.family == ""


def test_what_somebody_else_changed_is_not_overwritten(agent: Client, secretary: Actor) -> None:
    one = make_consultation(secretary)
    answer = agent.post(at(one, "need/"), need(version=str(one.version - 1)))
    assert answer.status_code == 409 and "Somebody changed this" in text(answer)
    one.refresh_from_db()
    assert one.title != "Toiture"


def test_a_code_is_searched_and_taken_without_a_script(agent: Client, secretary: Actor) -> None:
    one = make_consultation(secretary, "blank")
    searched = agent.post(at(one, "need/"), need(cpv="", cpv_words="toiture", **{"search-cpv": ""}))
    assert searched["Location"].startswith(at(one, "need/?cpv_words=toiture"))
    page = text(agent.get(searched["Location"]))
    assert 'name="take-cpv" value="45000000"' in page and "only the 45 divisions" in page
    agent.post(at(one, "need/"), need(cpv="", **{"take-cpv": "45000000"}))
    one.refresh_from_db()
    assert (one.cpv, one.family) == ("45000000", "École")


def test_other_buyers_are_named_by_their_siret(agent: Client, secretary: Actor) -> None:
    one = make_consultation(secretary, "blank")
    refused = agent.post(at(one, "need/"), need(participants="12345678901234"))
    assert refused.status_code == 422 and "is no SIRET" in text(refused)
    agent.post(at(one, "need/"), need(participants="217 104 389 00010"))
    assert sirets_of(one) == ["21710438900010"]


def test_lots_are_written_removed_and_refused_line_by_line(agent: Client, secretary: Actor) -> None:
    one = make_consultation(secretary, "blank")
    lines = (
        {"title": "Couverture", "estimated_value": "120 000"},
        {"title": "", "estimated_value": "5"},
        {"title": ""},
    )
    refused = agent.post(at(one, "lots/"), {"division_reason": "Un motif.", **rows_of("lots", *lines)})
    assert refused.status_code == 422 and "Lot 2 has no title" in text(refused)
    more = agent.post(
        at(one, "lots/"),
        {"more": "", **rows_of("lots", {"title": "Couverture"}, {"title": "Isolation", "remove": "on"})},
    )
    assert more["Location"] == at(one, "lots/")
    assert [lot.title for lot in lots_of(one)] == ["Couverture"]


def test_a_usual_division_is_proposed_and_not_saved_by_itself(agent: Client, secretary: Actor) -> None:
    one = make_consultation(secretary, "blank")
    page = text(agent.get(at(one, "criteria/")))
    assert "Here is a usual division" in page and criteria_of(one) == []
    agent.post(at(one, "need/"), need())
    lines = (
        {"kind": "price", "weight": "60"},
        {"kind": "environment", "weight": "33,5"},
        {"kind": "", "weight": ""},
    )
    agent.post(at(one, "criteria/"), rows_of("criteria", *lines))
    assert [str(c.weight) for c in criteria_of(one)] == ["60.00", "33.50"]
    agent.post(at(one, "procedure/"), {"procedure": "open"})
    assert "93.5 %" in text(agent.get(at(one, "check/")))


def test_lines_sent_again_as_new_are_kept(agent: Client, secretary: Actor) -> None:
    one = make_consultation(secretary, "blank")
    lots = ({"title": "Couverture", "estimated_value": "120 000"}, {"title": "Isolation"})
    weights = {"price": "60", "technical": "30"}  # the second as it is proposed
    usual = [{"kind": kind, "weight": weight} for kind, weight in weights.items()]
    for _time in range(2):
        agent.post(at(one, "lots/"), rows_of("lots", *lots))
        agent.post(at(one, "criteria/"), rows_of("criteria", *usual))
        assert [lot.title for lot in lots_of(one)] == ["Couverture", "Isolation"]
        assert [(c.kind, int(c.weight)) for c in criteria_of(one)] == [("price", 60), ("technical", 30)]


def test_a_choice_that_is_always_taken_is_not_optional(agent: Client, secretary: Actor) -> None:
    page = text(agent.get(at(make_consultation(secretary, "blank"), "terms/")))
    assert "<legend>Signature</legend>" in page and "inclusion in work <span" in page


def test_a_criterion_without_its_kind_is_refused(agent: Client, secretary: Actor) -> None:
    one = make_consultation(secretary, "blank")
    answer = agent.post(at(one, "criteria/"), rows_of("criteria", {"kind": "", "weight": "60"}))
    assert answer.status_code == 422 and "Choose the kind" in text(answer)


def test_an_hour_that_the_clocks_skip_is_refused(agent: Client, secretary: Actor) -> None:
    one = make_consultation(secretary)
    answer = agent.post(at(one, "calendar/"), {"tenders_on": "28/03/2027", "tenders_at": "2:30"})
    assert answer.status_code == 422 and "clocks go forward" in text(answer)


def test_a_document_is_added_read_and_taken_off(agent: Client, secretary: Actor) -> None:
    one = make_consultation(secretary, "blank")
    sent = SimpleUploadedFile("cahier.txt", "Trois classes à couvrir.".encode())
    agent.post(at(one, "documents/"), {"document": sent, "kind": "technical"})
    (piece,) = pieces_of(one)
    read = agent.get(at(one, f"documents/{piece.sha256}/"))
    assert b"".join(read.streaming_content).decode() == "Trois classes à couvrir."  # type: ignore[attr-defined]
    agent.post(at(one, f"documents/{piece.sha256}/remove/"))
    assert pieces_of(one) == []


def test_an_empty_document_is_refused_at_its_field(agent: Client, secretary: Actor) -> None:
    one = make_consultation(secretary, "blank")
    answer = agent.post(
        at(one, "documents/"), {"document": SimpleUploadedFile("vide.pdf", b""), "kind": "rules"}
    )
    assert answer.status_code == 422 and "is empty" in text(answer)


def test_a_warning_is_answered_then_the_file_validated(agent: Client, secretary: Actor) -> None:
    one = make_consultation(secretary, review_body="")
    assert "Warnings to heed or to answer" in text(agent.get(at(one, "check/")))
    key = checked(one, one.publish_on).standings[0].finding.key  # type: ignore[arg-type]
    assert agent.post(at(one, "validate/")).status_code == 422
    agent.post(at(one, f"check/override/?finding={key}"), {"reason": "Le règlement de consultation le dit."})
    assert "Warnings that you answered" in text(agent.get(at(one, "check/")))
    agent.post(at(one, "validate/"))
    one.refresh_from_db()
    assert one.state == life.VALIDATED
    assert "Ready to be published" in text(agent.get(at(one)))


def test_a_validated_file_is_read_and_no_longer_written(agent: Client, secretary: Actor) -> None:
    one = make_consultation(secretary, "validated")
    for step in ("need", "procedure", "lots", "criteria", "terms", "calendar", "documents"):
        assert agent.get(at(one, f"{step}/"))["Location"] == at(one)
    assert agent.post(at(one, "need/"), need()).status_code == 409
    agent.post(at(one, "reopen/"), {"reason": "Le lot 2 change de matériau."})
    one.refresh_from_db()
    assert one.state == life.DRAFT


def test_a_copy_leads_to_its_need(agent: Client, secretary: Actor) -> None:
    one = make_consultation(secretary)
    answer = agent.post(at(one, "copy/"), {"title": "Toiture de la mairie"})
    copy = Consultation.objects.get(title="Toiture de la mairie")
    assert answer["Location"] == at(copy, "need/")


def test_a_second_click_on_start_starts_nothing_more(agent: Client) -> None:
    for _click in range(2):
        agent.post(at(None, "new/"), {"title": "Fioul", "category": "goods", "_key": "k"})
    assert Consultation.objects.count() == 1


def test_a_purchase_without_competition_asks_little(agent: Client, secretary: Actor) -> None:
    one = make_consultation(secretary, "blank")
    agent.post(at(one, "need/"), need(estimated_value="12 000"))
    agent.post(at(one, "procedure/"), {"procedure": "direct"})
    page = text(agent.get(at(one)))
    assert page.count("not needed") == 4
    assert "You choose freely" in text(agent.get(at(one, "procedure/")))


@pytest.mark.parametrize(
    "junk", ["\x00", "x" * 100_000, "<script>", "٣٤٥", "=1+1", "1e999", "NaN", "-5", "01/01/0001"]
)
def test_garbage_in_any_field_is_no_failure_of_ours(agent: Client, secretary: Actor, junk: str) -> None:
    one = make_consultation(secretary, "blank")
    for step, given in (
        (
            "need/",
            need(estimated_value=junk, cpv=junk, nuts=junk, family=junk, participants=junk, cpv_words=junk),
        ),
        ("procedure/", {"procedure": junk, "framework_maximum": junk}),
        ("terms/", {"duration_months": junk, "contact_email": junk, "minimum_turnover": junk}),
        ("calendar/", {"tenders_on": junk, "tenders_at": junk, "publish_on": junk}),
        ("lots/", rows_of("lots", {"title": junk, "cpv": junk, "estimated_value": junk})),
        ("lots/", {"lots-TOTAL_FORMS": junk, "lots-INITIAL_FORMS": junk}),
        ("criteria/", rows_of("criteria", {"kind": junk, "weight": junk, "name": junk})),
        ("documents/", {"document": junk, "kind": junk}),
        ("team/", {"person": junk, "role": junk}),
        ("team/leave/", {"person": junk, "role": junk}),
        ("copy/", {"title": junk}),
        (f"check/override/?finding={junk[:50]}", {"reason": junk}),
    ):
        assert agent.post(at(one, step), given).status_code < 500, step
    assert agent.get(at(None), {"q": junk, "state": junk, "page": junk}).status_code < 500
