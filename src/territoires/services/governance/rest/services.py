"""Which services are switched on for which bodies; switching one, for one body or for many."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from territoires.foundations.identity import api as identity

from ..permissions import Governance
from ..queries import services as queries
from .shared import MEMBER, actor_of, member_in, require

router = Router()


class SwitchOut(Schema):
    """``since`` is null while the service is off."""

    code: str
    label: str
    since: datetime | None


class SwitchIn(Schema):
    on: bool


class SwitchMany(Schema):
    """For every body of a kind, or of all; with ``dry_run`` nothing is done."""

    service: str = Field(max_length=40)
    kind: str = Field(default="", max_length=20)
    on: bool
    dry_run: bool = False


class SwitchedOut(Schema):
    """The bodies for which the service was not yet so."""

    bodies: list[str]
    is_done: bool


@router.get(MEMBER + "/services", response={200: list[SwitchOut]}, summary="The services of an organisation")
def list_services(request: HttpRequest, member: str) -> list[SwitchOut]:
    return _switches(member_in(request, member))


@router.put(
    MEMBER + "/services/{service}",
    response={200: list[SwitchOut]},
    summary="Switch a service on or off for an organisation",
)
def switch_service(request: HttpRequest, member: str, service: str, given: SwitchIn) -> list[SwitchOut]:
    """What was done with a service that is switched off stays."""
    found = member_in(request, member, identity.Identity.ACTIVATE_SERVICE)
    identity.switch_service(actor=actor_of(request), organisations=[found], service=service, on=given.on)
    return _switches(member_in(request, member))


@router.post(
    "/services/switch", response={200: SwitchedOut}, summary="Switch a service for all bodies of a kind"
)
def switch_many(request: HttpRequest, given: SwitchMany) -> SwitchedOut:
    """What stops in the middle is finished by asking again."""
    actor = require(request, Governance.SWITCH_SERVICES)
    found = queries.concerned(actor, service=given.service, kind=given.kind, on=given.on)
    if not given.dry_run:
        identity.switch_service(actor=actor, organisations=found, service=given.service, on=given.on)
    return SwitchedOut(bodies=[one.reference for one in found], is_done=not given.dry_run)


def _switches(organisation: Any) -> list[SwitchOut]:
    return [
        SwitchOut(code=one.code, label=str(one.label), since=one.since)
        for one in queries.switches_of(organisation)
    ]
