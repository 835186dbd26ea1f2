"""The pages of governance that the actor may open in the acting organisation."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from territoires.foundations.identity import api as identity

from ..permissions import Governance

PAGES = (
    ("members", _("Members"), Governance.LIST_MEMBERS),
    ("services", _("Services"), identity.Identity.ACTIVATE_SERVICE),
    ("people", _("People"), Governance.READ_PEOPLE),
    ("mandates", _("Mandates"), Governance.READ_PEOPLE),
    ("keys", _("Keys of programs"), Governance.KEEP_KEYS),
    ("rights", _("Who can do what"), Governance.EXPLAIN_RIGHTS),
    ("colleges", _("Colleges"), Governance.LIST_MEMBERS),
    ("import", _("Import"), Governance.IMPORT_MEMBERS),
    ("territory", _("Territory"), Governance.READ_TERRITORY),
)


def tabs(request: HttpRequest) -> list[dict[str, Any]]:
    """Code, label and address of each page that may be opened."""
    actor, reference = request.actor, request.acting.organisation.reference  # type: ignore[attr-defined]
    return [
        {"code": code, "label": label, "url": reverse(f"governance_desk:{code}", args=[reference])}
        for code, label, permission in PAGES
        if actor.holds(permission)
    ]
