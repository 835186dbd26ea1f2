"""Bringing in a vintage of the territory: bodies, their attachments, and the mergers between two years."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.db.models.functions import Greatest
from django.utils.translation import gettext_noop

from territoires.contracts.governance import BodyMerged, TerritoryLoaded
from territoires.foundations.actions.api import Outcome, action
from territoires.foundations.packs.api import pack
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import TooLate
from territoires.kernel.fact import Fact, Subject
from territoires.kernel.ids import new_id
from territoires.kernel.text import fold

from ..domain.colleges import college_of
from ..domain.territory import Body, Changes, Merger, Territory, compare, values_of
from ..models import TerritoryLoad, identity_rows, organisations
from ..permissions import Governance
from ..queries import territory as queries

BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did, in numbers of bodies and of attachments."""

    opened: int
    revised: int
    closed: int
    attached: int
    detached: int

    @property
    def is_unchanged(self) -> bool:
        return not any(asdict(self).values())


def load_territory(*, actor: Actor, territory: Territory) -> Loaded:
    """Makes the platform hold this territory. The same one twice changes nothing, and records nothing.

    Bodies that the vintage no longer has are closed from 1 January of its year, and keep their name for their acts.
    Raises TooLate when a newer vintage is in place.
    """
    changes, attachments = _difference(territory)
    if changes.is_empty and not (attachments.ended or attachments.begun):
        return Loaded(0, 0, 0, 0, 0)
    return Loaded(**_bring_in(actor=actor, territory=territory))


@action(Governance.LOAD_TERRITORY)
def _bring_in(*, actor: Actor, territory: Territory) -> Outcome[dict[str, int]]:
    latest = queries.latest_load(territory.region, lock=True)
    if latest is not None and latest.vintage > territory.vintage:
        raise TooLate(
            "older-vintage",
            gettext_noop(
                "The territory of %(held)s is in place; that of %(given)s is older. Nothing was changed."
            ),
            gettext_noop("Load the older year in an empty platform, or load a newer year."),
            params={"held": latest.vintage, "given": territory.vintage},
        )
    changes, attachments = _difference(territory)
    today = legal_day(actor.now())
    _open(changes.opened, territory.vintage, today)
    _revise(changes.revised, territory.vintage, today)
    mergers = _close(changes.closed, closed_on=date(territory.vintage, 1, 1))
    _attach(attachments, territory.vintage)
    load = TerritoryLoad(region=territory.region, vintage=territory.vintage, loaded_at=actor.now())
    load.save(force_insert=True)
    done = {
        "opened": len(changes.opened),
        "revised": len(changes.revised),
        "closed": len(changes.closed),
        "attached": len(attachments.begun),
        "detached": len(attachments.ended),
    }
    counts = territory.counts()
    return Outcome(
        done,
        TerritoryLoaded(
            subject=Subject("governance.territory", load.id),
            region=territory.region,
            vintage=territory.vintage,
            regions=counts["region"],
            departments=counts["department"],
            groupings=counts["epci"],
            communes=counts["commune"],
            memberships=len(territory.memberships),
            opened=done["opened"],
            revised=done["revised"],
            closed=done["closed"],
        ),
        *mergers,
    )


@dataclass(frozen=True, slots=True)
class Attachments:
    """Pairs (commune, EPCI) by SIREN that end and that begin."""

    ended: frozenset[tuple[str, str]]
    begun: frozenset[tuple[str, str]]


def _difference(territory: Territory) -> tuple[Changes, Attachments]:
    held = queries.attachments_by_siren(territory.region)
    named = [body.siren for body in territory.bodies]
    known = queries.known_bodies(territory.region, named)
    changes = compare(territory, known, held, queries.settled_sirens(territory.region, named))
    return changes, Attachments(ended=held - territory.memberships, begun=territory.memberships - held)


def _open(bodies: Sequence[Body], vintage: int, today: date) -> None:
    colleges = pack("colleges", on=today).entries
    organisations().bulk_create(
        [
            organisations().model(
                id=new_id(),
                reference=body.siren,
                siren=body.siren,
                kind=body.kind,
                **_columns(body, vintage, colleges),
            )
            for body in bodies
        ],
        batch_size=BATCH,
    )


def _revise(bodies: Sequence[Body], vintage: int, today: date) -> None:
    colleges = pack("colleges", on=today).entries
    rows = {row.siren: row for row in organisations().filter(siren__in=[body.siren for body in bodies])}
    _keep_former_names([rows[body.siren] for body in bodies if rows[body.siren].name != body.name], vintage)
    for body in bodies:
        for name, value in _columns(body, vintage, colleges).items():
            setattr(rows[body.siren], name, value)
    if bodies:
        organisations().bulk_update(
            rows.values(), list(_columns(bodies[0], vintage, colleges)), batch_size=BATCH
        )


def _keep_former_names(renamed: Sequence[Any], vintage: int) -> None:
    """Acts of that time keep the name that the body bore."""
    names = identity_rows("OrganisationName")
    names.bulk_create(
        [
            names.model(id=new_id(), organisation=row, name=row.name, until_on=date(vintage - 1, 12, 31))
            for row in renamed
        ],
        ignore_conflicts=True,
    )


def _columns(body: Body, vintage: int, colleges: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A body in identity's columns."""
    values = values_of(body)
    return {
        "name": body.name,
        "name_folded": fold(body.name),
        "insee_code": values["insee"] if body.kind != "epci" else "",
        "region": values["region"],
        "legal_category": values["legal_category"],
        "department": values["department"],
        "postal_codes": list(values["postal_codes"]),
        "population": values["population"],
        "population_vintage": f"{vintage}",
        "college": college_of(
            kind=body.kind,
            legal_category=body.legal_category,
            population=body.population,
            colleges=colleges,
        ),
    }


def _close(mergers: Sequence[Merger], *, closed_on: date) -> list[Fact]:
    """Ends bodies. Their rows stay, with their names: acts, accounts and archives point at them."""
    sirens = {siren for merger in mergers for siren in (merger.siren, merger.successor) if siren}
    rows = {row.siren: row for row in organisations().filter(siren__in=sirens)}
    facts: list[Fact] = []
    for merger in mergers:
        row, successor = rows[merger.siren], rows.get(merger.successor)
        organisations().filter(pk=row.pk).update(closed_on=closed_on, successor=successor)
        facts.append(
            BodyMerged(
                subject=Subject("identity.organisation", row.pk),
                matter=row.pk,
                siren=merger.siren,
                closed_on=closed_on,
                successor=successor.pk if successor else None,
            )
        )
    return facts


def _attach(attachments: Attachments, vintage: int) -> None:
    first_day, last_day = date(vintage, 1, 1), date(vintage - 1, 12, 31)
    ids = dict(organisations().filter(siren__in=_sirens(attachments)).values_list("siren", "id"))
    for commune, grouping in attachments.ended:
        queries.open_attachments().filter(member=ids[commune], grouping=ids[grouping]).update(
            until_on=Greatest("since_on", last_day)
        )
    places = identity_rows("GroupingMember")
    places.bulk_create(
        [
            places.model(id=new_id(), member_id=ids[commune], grouping_id=ids[grouping], since_on=first_day)
            for commune, grouping in sorted(attachments.begun)
        ],
        batch_size=BATCH,
    )


def _sirens(attachments: Attachments) -> Iterator[str]:
    for pair in attachments.ended | attachments.begun:
        yield from pair
