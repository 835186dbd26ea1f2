"""Contracts under execution that another platform published: their essential data go on from here, under the same id."""

from __future__ import annotations

from typing import Any

from territoires.contracts.procurement_notices import OpenRecordWritten
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day

from ..domain.notices.decp import CONTRACT, ContractData, Holder, record_of
from ..domain.switch_tables import Row
from ..models import OpenRecord, RecordSource


def take_record(actor: Actor, organisation: Any, row: Row) -> OpenRecordWritten:
    """Inside an import: the record of one line. Every later change republishes it whole, under this ``identifier``."""
    published_on = row["date_publication"] or max(row["date_notification"], legal_day(actor.now()))
    data = ContractData(
        identifier=row["id"],
        buyer=row["siret_acheteur"] or organisation.siret,
        object=row["objet"],
        nature=row["nature"] or "Marché",
        cpv=row["cpv"],
        procedure=row["procedure"],
        place_code=row["lieu_code"],
        place_kind=row["lieu_type"] or "Code commune",
        months=row["duree_mois"],
        notified_on=row["date_notification"],
        published_on=published_on,
        amount=row["montant"],
        holders=[Holder(identifier=siret) for siret in row["titulaires"]],
        offers=row["offres_recues"] or 1,
        price_form=row["forme_prix"] or "Forfaitaire",
    )
    record = OpenRecord(
        organisation=organisation,
        kind=CONTRACT,
        identifier=row["id"],
        content=record_of(data),
        source=RecordSource.IMPORTED,
        written_at=actor.now(),
    )
    record.save(force_insert=True)
    return OpenRecordWritten(
        subject=record.subject,
        identifier=record.identifier,
        revision=record.revision,
        record_kind=record.kind,
        source=record.source,
    )
