"""A procedure moves, and what the public is told follows by itself: through the book, its sequencer and followers."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from territoires.foundations.journal import api as journal
from territoires.kernel.clock import fixed_clock, legal_day
from territoires.services.procurement.actions import amending, open_data, publishing
from territoires.services.procurement.actions import notices as verbs
from territoires.services.procurement.actions.contracts import changing, executing, notifying
from territoires.services.procurement.domain.notices import decp, life
from territoires.services.procurement.models import Notice, OpenRecord, Release
from territoires.services.procurement.queries import readiness
from territoires.services.procurement.queries.notice_rules import decp_on
from territoires.services.procurement.queries.open_data import feed, kept_records
from tests.services.procurement.award.conftest import make_case
from tests.services.procurement.conftest import rows
from tests.waiting import until

from .conftest import PROFILE, World, is_in, judged, make_buyer, make_formal, send_waiting
from .test_ocds import faults


@pytest.fixture
def book(live_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database of the test's own, with a book of its own."""
    witness = tmp_path / "checkpoints.jsonl"
    monkeypatch.setattr("territoires.foundations.journal.witness.path", lambda: witness)
    monkeypatch.setattr(readiness, "quorum_obstacles", lambda consultation: [])


def follow() -> None:
    """The sequencer numbers what was written, and every follower reads it."""
    while journal.sequence_once():
        pass
    while journal.follow_once():
        pass
    assert [one.reason for one in journal.dead_letters()] == []


def tags(consultation: Any) -> list[str]:
    return list(
        Release.objects.filter(consultation=consultation).order_by("number").values_list("tag", flat=True)
    )


def test_a_call_is_told_when_it_is_published_and_again_when_it_changes(
    book: None, rules: Path, world: World, shared_data: Path
) -> None:
    _body, buyer = make_buyer()
    verbs.write_profile(actor=buyer, values=PROFILE)
    made = make_formal(buyer)
    publishing.publish_consultation(actor=buyer, consultation=made)
    follow()
    assert tags(made) == ["tender"]
    (notice,) = Notice.objects.filter(consultation=made)
    assert (notice.subtype, notice.channel, judged(notice).state) == ("16", "notices-ted", life.READY)

    # sent, taken by the publisher, published: each step follows the bus and the publisher
    verbs.order_notice(actor=buyer, consultation=made, notice=notice.pk)
    send_waiting()
    follow()
    notice.refresh_from_db()
    assert notice.state == life.SENT
    until(is_in(notice, life.PUBLISHED))

    # the deadline moves: a release, and the correction of the published notice, ready to send
    made.refresh_from_db()
    amending.amend_consultation(
        actor=buyer,
        consultation=made,
        summary="La date limite est reportée d'une semaine.",
        reason="Une visite de plus est organisée.",
        values={"tenders_until": made.tenders_until + timedelta(days=7)},
    )
    follow()
    assert tags(made) == ["tender", "tenderAmendment"]
    correction = Notice.objects.get(consultation=made, changes=notice)
    assert judged(correction).state == life.READY, correction.findings
    assert "reportée" in correction.change_text

    # everybody reads it, in the official form
    client = Client()
    package = client.get(f"/marches/donnees/{made.pk}/ocds.json").json()
    assert faults(shared_data, "release-package-schema.json", package) == []
    record = client.get(f"/marches/donnees/{made.pk}/record.json").json()
    assert faults(shared_data, "record-package-schema.json", record) == []
    value = package["releases"][0]["tender"].get("value")
    assert value is None, "an estimate that the buyer keeps to itself is in no release"


def test_a_contract_is_told_when_it_is_notified_and_whole_again_at_each_change(
    book: None, rules: Path, world: World, shared_data: Path
) -> None:
    body, buyer = make_buyer()
    verbs.write_profile(actor=buyer, values=PROFILE)
    case = make_case(body=body)
    case.examine().note().rank().award()
    follow()
    assert tags(case.consultation) == [], "the award is in no open data before its letters"
    case.tell()
    follow()
    assert tags(case.consultation) == ["award"]
    case.later(days=12).sign_all()
    contract = case.contract
    notifying.send_to_holder(actor=case.buyer, contract=contract)
    holder = next(one for one in case.bidders if one.organisation == contract.holder_id)
    notifying.acknowledge_contract(actor=replace(holder, clock=fixed_clock(case.at)), contract=contract)
    follow()
    assert tags(case.consultation)[-1] == "contract"
    record = OpenRecord.objects.get(contract=contract.pk)
    assert record.identifier == contract.number and record.revision == 1
    assert record.content["montant"] == 100000 and record.content["offresRecues"] == 3

    # what only the buyer knows is asked, never guessed; then it is public
    today = legal_day(case.at)
    lacking = {one.field for one in kept_records(body.pk, today)[0].faults}
    assert {"ccag", "formePrix", "typesPrix", "attributionAvance", "marcheInnovant"} <= lacking
    content = record.content | {
        "datePublicationDonnees": today.isoformat(),  # the case lives in the future of the follower's clock
        "ccag": "Travaux",
        "formePrix": "Forfaitaire",
        "typesPrix": {"typePrix": ["Définitif révisable"]},
        "attributionAvance": False,
        "marcheInnovant": False,
        "modalitesExecution": {"modaliteExecution": ["Sans objet"]},
        "considerationsSociales": {"considerationSociale": ["Pas de considération sociale"]},
        "considerationsEnvironnementales": {"considerationEnvironnementale": ["Clause environnementale"]},
        "titulaires": [{"titulaire": {"id": "55204599900869", "typeIdentifiant": "SIRET"}}],
    }
    open_data.write_record(
        actor=case.buyer, organisation=body, kind=record.kind, record=content, key=record.pk
    )
    assert [one.faults for one in kept_records(body.pk, today) if one.row.pk == record.pk] == [[]]

    # a change: the same number, the whole record, what the buyer said kept
    begun = executing.begin_execution(actor=case.buyer, contract=contract, started_on=legal_day(case.at))
    changing.conclude_change(
        actor=case.buyer,
        contract=begun,
        ground="low",
        object="Reprise d'un chéneau",
        reason="Le chéneau s'est révélé percé.",
        amount=Decimal(6_000),
        signed_on=legal_day(case.at),
        document=None,
    )
    contract.refresh_from_db()
    changing.acknowledge_change(
        actor=replace(holder, clock=fixed_clock(case.at)), contract=contract, number=1
    )
    follow()
    record.refresh_from_db()
    assert record.content["ccag"] == "Travaux" and record.identifier == contract.number
    (change,) = record.content["modifications"]
    assert change["modification"]["montant"] == 106000
    assert "contractAmendment" in tags(case.consultation)
    official = decp_on(today)
    assert official.file_faults(decp.package([(record.kind, record.content)])) == []

    # followed twice, nothing is told twice
    before = Release.objects.count()
    journal.rebuild("procurement.public-record")
    while journal.follow_once():
        pass
    assert Release.objects.count() == before


def test_the_file_of_a_body_goes_to_the_portal_and_a_gap_keeps_a_record_out(
    book: None, rules: Path, world: World
) -> None:
    body, buyer = make_buyer()
    sound = {
        "id": "2024-1",
        "acheteur": {"id": body.siret},
        **json.loads(Path(__file__).with_name("sound_record.json").read_text()),
    }
    open_data.write_record(actor=buyer, organisation=body, kind="marche", record=sound)
    open_data.write_record(
        actor=buyer, organisation=body, kind="marche", record=sound | {"id": "2024-2", "montant": 0}
    )
    made = open_data.publish_file(actor=buyer, organisation=body)
    send_waiting()
    follow()
    made.refresh_from_db()
    assert (made.state, made.records) == ("published", 1)
    (name,) = [one for one in world.received("opendata") if body.siret in one]
    assert name == f"decp-{body.siret}"
    public = Client().get(f"/marches/donnees/decp/{body.reference}.json").json()
    assert [one["id"] for one in public["marches"]["marche"]] == ["2024-1"]
    catalogue = Client().get("/marches/donnees/catalogue.jsonld").json()
    assert any(body.siret in json.dumps(one) for one in catalogue["dcat:dataset"])

    world.behave("opendata", call="upload", status=422, words="fichier refusé")
    again = open_data.publish_file(actor=buyer, organisation=body)
    send_waiting()
    follow()
    again.refresh_from_db()
    assert (again.state, again.reason, again.revision) == ("rejected", "fichier refusé", 2)


def test_a_reader_of_the_feed_goes_on_from_a_cursor_and_misses_nothing(book: None, rules: Path) -> None:
    _body, buyer = make_buyer()
    made = [make_formal(buyer, family=f"Besoin {rank}") for rank in range(3)]
    for one in made:
        publishing.publish_consultation(actor=buyer, consultation=one)
    follow()
    seen, cursor = [], ""
    while True:
        page, following = feed(cursor, limit=2)
        if not page:
            break
        seen += [row.consultation_id for row in page]
        cursor = following
    assert seen == [one.pk for one in made]
    answer = Client().get("/marches/donnees/flux.json").json()
    assert len(answer["releases"]) == 3 and answer["links"]["is_complete"]
    assert Client().get("/marches/donnees/flux.json?cursor=nonsense").status_code == 422
    rest = Client().get(f"/marches/donnees/flux.json?cursor={answer['links']['cursor']}").json()
    assert rest["releases"] == []


def test_releases_made_at_once_become_visible_in_the_order_of_their_numbers(book: None) -> None:
    """Whoever holds the lock is alone until its commit: a second writer waits, so no number is seen before a lower one."""
    import threading

    from django.db import connections

    from territoires.kernel.actor import system_actor

    _body, buyer = make_buyer()
    made = make_formal(buyer)
    publishing.publish_consultation(actor=buyer, consultation=made)

    def publish() -> None:
        try:
            open_data.publish_release(actor=system_actor("worker"), consultation=made, tag="tenderUpdate")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=publish) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    releases = Release.objects.order_by("number")
    assert [one.content["id"].split("-")[-3] for one in releases] == [f"{rank:04}" for rank in range(1, 9)]
    assert len({one.number for one in releases}) == 8


def test_after_a_platform_was_put_back_from_a_copy_no_release_bears_a_lost_name_nor_is_skipped(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from territoires.kernel.actor import system_actor

    monkeypatch.setattr(readiness, "quorum_obstacles", lambda consultation: [])
    _body, buyer = make_buyer()
    made = make_formal(buyer)
    publishing.publish_consultation(actor=buyer, consultation=made)
    actor = replace(system_actor("worker"), clock=buyer.clock)
    lost = open_data.publish_release(actor=actor, consultation=made, tag="tenderUpdate")
    _page, cursor = feed("")
    rows("t_procurement.Release").filter(pk=lost.pk).delete()  # the copy is older than the release

    rows("t_procurement.Consultation").filter(pk=made.pk).update(title="Nettoyage, autrement")
    made.refresh_from_db()
    again = open_data.publish_release(actor=actor, consultation=made, tag="tenderUpdate")
    assert again.content["id"] != lost.content["id"]
    page, _cursor = feed(cursor)
    assert [one.pk for one in page] == [again.pk]
