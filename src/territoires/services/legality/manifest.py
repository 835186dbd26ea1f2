"""What the platform knows of the service."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from territoires.contracts.legality import FACTS
from territoires.foundations.registry.api import BodyDoor, Entry, Manifest, Recognition, Tile

from .models import known
from .permissions import ROLES, Legality
from .queries import register


def recognise(sha256: str) -> Sequence[Recognition]:
    """The acts on line that hold these bytes."""
    return [
        Recognition(
            title=f"{act.number} {act.object}",
            statement=gettext("published by %(body)s") % {"body": act.organisation.name},
            url=reverse("legality:act", kwargs={"organisation": act.organisation.reference, "act": act.pk}),
            recorded_at=known(act.published_at),
        )
        for act in register.published_with(sha256)
    ]


MANIFEST = Manifest(
    code="legality",
    label=_("Acts"),
    summary=_("Deliberations, arrêtés and contracts, from the draft to the proof of their publication"),
    audiences=["agent", "elected", "citizen"],
    permissions=Legality,
    roles=ROLES,
    tiles=[
        Tile(
            _("Acts and decisions"),
            _("Deliberations and arrêtés, with the proof of their date"),
            "legality:latest",
            register.published_count,
        )
    ],
    body_doors=[
        BodyDoor(
            _("Acts and decisions"), _("The public register, with the proof of each act"), "legality:register"
        )
    ],
    navigation=[Entry(_("Acts"), "legality_desk:acts", Legality.READ)],
    public_urls="territoires.services.legality.web.public_urls",
    agent_urls="territoires.services.legality.web.agent_urls",
    rest="territoires.services.legality.rest",
    publishes=FACTS,
    recognise=recognise,
    demonstration="territoires.services.legality.management.demonstration.fill",
)
