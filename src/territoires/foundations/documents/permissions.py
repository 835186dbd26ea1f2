"""Who may bring documents in and let them go. What a document says is opened by the service that holds it."""

from __future__ import annotations

from enum import StrEnum

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from territoires.foundations.actions.api import Ground, Right, declare, oneself
from territoires.kernel.actor import Actor


class Documents(StrEnum):
    RECEIVE = "documents:document:receive"
    RELEASE = "documents:document:release"


def _identified(actor: Actor, permission: str) -> Q | None:
    return None if actor.is_anonymous else Q()


def _acting(actor: Actor, permission: str) -> Q | None:
    return Q(organisation_id=actor.organisation) if actor.organisation and actor.person else None


def _platform(actor: Actor, permission: str) -> Q | None:
    return Q() if actor.machine and actor.person is None else None


# Documents do not know what they are part of: the calling service's action has checked the right on its own object.
declare(
    Right(
        Documents.RECEIVE,
        _("deposit a file"),
        (Ground("identified", _("a signed-in person, or the platform itself"), _identified),),
    ),
    Right(
        Documents.RELEASE,
        _("let a file go"),
        (
            Ground("organisation", _("acting for the organisation that holds the file"), _acting),
            oneself("received_by"),
            Ground("platform", _("the platform itself"), _platform),
        ),
        on="documents.Document",
    ),
)
