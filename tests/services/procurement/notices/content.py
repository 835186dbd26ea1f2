"""Notices and essential data in each state, for whoever looks at their pages."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from territoires.foundations.documents import api as documents
from territoires.kernel.actor import system_actor
from territoires.services.procurement.actions import notice_records, open_data
from territoires.services.procurement.actions import notices as verbs
from territoires.services.procurement.domain.notices.decp_import import Reading, Repair
from territoires.services.procurement.domain.notices.judging import ERROR, WARNING, Judgement
from territoires.services.procurement.models import Notice
from tests.services.procurement.conftest import make_consultation, receive

WRONG = (
    Judgement("BR-BT-00513-0052", ERROR, "2a-16", "BT-513-Organization-Company", "present"),
    Judgement("BR-BT-00021-0022", ERROR, "2a-16", "BT-21-Lot", "present", "LOT-0001"),
    Judgement("BR-BT-00262-0001", ERROR, "3b-16", "BT-262-Lot", "", "LOT-0002"),
    Judgement("BR-BT-00098-0001", WARNING, "4-16", "BT-98-Lot", "", "LOT-0001"),
)


def judged(actor: Any, notice: Notice, findings: tuple[Judgement, ...], rules: str = "1.15.1") -> Notice:
    """A notice with bytes, and what the rules are taken to have said of them."""
    document = documents.receive(
        [b"<notice/>", str(notice.pk).encode()],
        name=f"{notice.name}.xml",
        organisation=notice.organisation_id,
        actor=actor,
        limit=10_000,
    )
    machine = replace(system_actor("worker", organisation=notice.organisation_id), clock=actor.clock)
    return notice_records.record_judgement(
        actor=machine, notice=notice, document=document, findings=findings, rules=rules
    )


def fill(secretary: Any, village: Any) -> dict[str, str]:
    """A consultation with a notice in each state, a record with a gap, a file that was brought."""
    consultation = make_consultation(secretary, "validated", title="Toiture des avis (exemple)")
    made = {
        state: verbs.prepare_notice(
            actor=secretary, consultation=consultation, subtype="16", channel="notices-ted"
        )
        for state in ("written", "wrong", "ready", "published", "stopped")
    }
    judged(secretary, made["wrong"], WRONG)
    for state in ("ready", "published", "stopped"):
        judged(secretary, made[state], ())
    given = {"actor": secretary, "consultation": consultation}
    verbs.tell_publication(
        **given, notice=made["published"].pk, number="123456-2026", published_on=date(2026, 11, 27)
    )
    verbs.stop_notice(**given, notice=made["stopped"].pk, reason="Le besoin a changé de nature.")
    record = open_data.write_record(
        actor=secretary,
        organisation=village,
        kind="marche",
        record={"id": "2024-17", "acheteur": {"id": village.siret or village.siren}, "objet": "Voirie"},
    )
    reading = Reading(
        repairs=[Repair("2024-18", "dateNotification", "day-written-anew", "1/2/24", "2024-02-01")]
    )
    run = open_data.import_records(
        actor=secretary,
        organisation=village,
        document=receive(secretary, b'{"marches": {}}', "decp.json"),
        reading=reading,
    )
    return {
        "consultation noticed": str(consultation.pk),
        **{f"notice {state}": str(one.pk) for state, one in made.items()},
        "open record": str(record.pk),
        "open import": str(run.pk),
    }
