"""What an archivist is told of a consultation, and who keeps its package: the body's own shelf until an archiving service does."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Max
from django.urls import reverse

from territoires.contracts.archives import (
    Archives,
    Deposit,
    DepositRequested,
    Description,
    FinalAction,
    Unit,
)
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.fact import Subject

from ..domain.keeping import ARTICLES, CONTRACT, PROCEDURE, WORKS
from ..models import Consultation, Contract, Package
from .incidents import rule_value

DESCRIPTION = "description.json"
DOCUMENT_TYPE = "Dossier de marché public"
# The bids of those who lost are destroyed at the end of their duration; what was opened of them is among the documents.
UNITS = (
    Unit("documents", "Pièces du dossier"),
    Unit("journal", "Faits et preuves"),
    Unit("sealed", "Plis tels que reçus", FinalAction.DESTROY),
    Unit("tables", "Données"),
)


def described(consultation: Consultation, titles: Mapping[str, str]) -> Description:
    """The description of its package: the same as long as the consultation does not change."""
    days = Contract.objects.filter(consultation=consultation).aggregate(
        signed=Max("signed_on"), ended=Max("ended_on")
    )
    rule, start = _duration(consultation, days["signed"], days["ended"])
    begun = legal_day(consultation.started_at)
    return Description(
        identifier=consultation.reference or str(consultation.pk),
        title=consultation.title,
        document_type=DOCUMENT_TYPE,
        producer=consultation.organisation.siret or consultation.organisation.reference,
        producer_name=consultation.organisation.name,
        keep_years=rule_value(rule, start or begun),
        article=ARTICLES[rule],
        summary=consultation.description,
        started_on=begun,
        keep_from_on=start,
        units=UNITS,
        titles=titles,
    )


def _duration(
    consultation: Consultation, signed_on: date | None, ended_on: date | None
) -> tuple[str, date | None]:
    if ended_on is None:
        return PROCEDURE, signed_on
    return (WORKS if consultation.main_procurement_category == "works" else CONTRACT), ended_on


def written(description: Description) -> bytes:
    """The description as the package holds it."""
    return json.dumps(asdict(description), default=str, ensure_ascii=False, indent=1, sort_keys=True).encode()


def read(content: bytes) -> Description:
    """The description that ``written`` wrote. Raises ValueError, KeyError or TypeError for another shape."""
    said: dict[str, Any] = json.loads(content)
    days = {name: said[name] and date.fromisoformat(said[name]) for name in ("started_on", "keep_from_on")}
    units = tuple(
        Unit(one["folder"], one["title"], FinalAction(one["final_action"])) for one in said["units"]
    )
    return Description(**{**said, **days, "units": units})


class OwnShelf:
    """The stand-in for an archiving service: the body's kept files, where nothing is handed over to anybody."""

    name = ""

    def deposit(self, *, actor: Actor, about: Subject, deposit: Deposit, matter: UUID) -> DepositRequested:
        """There is nothing to hand over: the package is on the shelf already."""
        package = Package.objects.select_related("organisation").get(pk=about.id)
        place = {"organisation": package.organisation.reference, "package": package.pk}
        return DepositRequested(package.pk, reverse("procurement_desk:package", kwargs=place))


def archives_of(organisation: UUID) -> Archives:
    """Who keeps the packages of a body: its own shelf, until an archiving service is there."""
    return OwnShelf()
