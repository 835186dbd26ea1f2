"""Members, colleges and territory: what the operator keeps, and what an organisation sees of itself."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from territoires.foundations.identity import api as identity
from territoires.kernel.clock import legal_day

from ..actions.territory import load_territory
from ..permissions import Governance
from ..queries import members as queries
from ..queries import territory as territory_queries
from ..queries.source import default_source, read_source
from .shared import MEMBER, actor_of, member_in, require

router = Router()


class MembersAsked(Schema):
    """``text`` is a part of the name, or a SIREN; ``after`` the ``next`` of the page before."""

    text: str = Field(default="", max_length=100)
    kind: str = Field(default="", max_length=20)
    department: str = Field(default="", max_length=3)
    college: str = Field(default="", max_length=40)
    after: str = Field(default="", max_length=14)


class MemberLine(Schema):
    """``reference`` stands in addresses."""

    reference: str
    name: str
    kind: str
    siren: str
    siret: str
    insee_code: str
    department: str
    postal_codes: list[str]
    population: int | None
    college: str
    legal_category: str
    member_since: date | None
    closed_on: date | None


class MemberPage(Schema):
    """Fifty at a time; ``next`` is the ``after`` of the following page, null on the last."""

    items: list[MemberLine]
    total: int
    next: str | None


class MemberWithTies(MemberLine):
    """``attached_to``: whose certificates serve it; ``communes`` counts those of a grouping."""

    successor: str | None
    groupings: list[str]
    communes: int
    attached_to: str | None


class AttachmentIn(Schema):
    """The SIREN or SIRET of the body whose certificates serve this one; null: none."""

    to: str | None = Field(max_length=14)


class SiretIn(Schema):
    siret: str = Field(max_length=20)


class CollegeOut(Schema):
    code: str
    label: str
    count: int


class EndedBody(Schema):
    """A body that ended, and the one that took its place."""

    reference: str
    name: str
    closed_on: date
    successor: str | None


class TerritoryOut(Schema):
    """The vintage that stands; null before the first load."""

    region: str | None
    vintage: int | None
    loaded_at: datetime | None
    counts: dict[str, int]
    ended: list[EndedBody]


class LoadedOut(Schema):
    """What a load did, in bodies and attachments; all 0: it was up to date."""

    opened: int
    revised: int
    closed: int
    attached: int
    detached: int


@router.get("/members", response={200: MemberPage}, summary="The members of the grouping")
def list_members(request: HttpRequest, asked: Query[MembersAsked]) -> MemberPage:
    actor = require(request, Governance.LIST_MEMBERS)
    wanted = queries.MemberFilter(**asked.model_dump(exclude={"after"}))
    found = queries.members(actor, wanted, after=asked.after)
    return MemberPage(items=[_line(row) for row in found.rows], total=found.total, next=found.next or None)


@router.get(MEMBER, response={200: MemberWithTies}, summary="One organisation")
def read_member(request: HttpRequest, member: str) -> MemberWithTies:
    """Your own; for the operator, any."""
    return _whole(member_in(request, member))


@router.put(
    MEMBER + "/attachment",
    response={200: MemberWithTies},
    summary="Let the certificates of another body serve this one, or end it",
)
def attach_member(request: HttpRequest, member: str, given: AttachmentIn) -> MemberWithTies:
    found = member_in(request, member)
    to = identity.organisation_by_reference(given.to) if given.to else None
    identity.attach_organisation(actor=actor_of(request), organisation=found, to=to)
    return _whole(member_in(request, member))


@router.put(
    MEMBER + "/siret", response={200: MemberWithTies}, summary="Say by which establishment a body is known"
)
def number_member(request: HttpRequest, member: str, given: SiretIn) -> MemberWithTies:
    found = member_in(request, member)
    identity.number_organisation(actor=actor_of(request), organisation=found, siret=given.siret)
    return _whole(member_in(request, member))


@router.get("/colleges", response={200: list[CollegeOut]}, summary="The colleges in force")
def list_colleges(request: HttpRequest) -> list[CollegeOut]:
    actor = require(request, Governance.LIST_MEMBERS)
    return [
        CollegeOut(code=one.code, label=one.label(actor.language), count=one.count)
        for one in queries.colleges(actor)
    ]


@router.get("/territory", response={200: TerritoryOut}, summary="Which vintage of the territory stands")
def read_territory(request: HttpRequest) -> TerritoryOut:
    state = territory_queries.territory_state(require(request, Governance.READ_TERRITORY))
    load = state.load
    return TerritoryOut(
        region=load.region if load else None,
        vintage=load.vintage if load else None,
        loaded_at=load.loaded_at if load else None,
        counts=dict(state.counts),
        ended=[
            EndedBody(
                reference=row.reference,
                name=row.name,
                closed_on=row.closed_on,
                successor=row.successor.reference if row.successor else None,
            )
            for row in state.mergers
        ],
    )


@router.post(
    "/territory/{region}/load",
    response={200: LoadedOut},
    summary="Bring in the installed vintage of a region",
)
def load_region(request: HttpRequest, region: str) -> LoadedOut:
    """The same one twice changes nothing."""
    actor = require(request, Governance.LOAD_TERRITORY)
    given = read_source(default_source(), region=region, vintage=None, on=legal_day(actor.now()))
    done = load_territory(actor=actor, territory=given)
    return LoadedOut(**{name: getattr(done, name) for name in LoadedOut.model_fields})


def _line(row: Any) -> MemberLine:
    return MemberLine(**{name: getattr(row, name) for name in MemberLine.model_fields})


def _whole(row: Any) -> MemberWithTies:
    return MemberWithTies(
        **_line(row).model_dump(),
        successor=row.successor.reference if row.successor else None,
        groupings=[one.reference for one in queries.groupings_of(row)],
        communes=queries.count_communes_of(row),
        attached_to=row.attached_to.reference if row.attached_to else None,
    )
