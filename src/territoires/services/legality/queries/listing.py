"""The list of the deliberations examined in a sitting (CGCT L.2121-25): its lines, and their PDF."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from territoires.foundations.printing import api as printing
from territoires.kernel.clock import legal_day
from territoires.ui.dates import long_date

from ..domain.sitting import Ballot
from ..models import Sitting, VoteOutcome
from .readiness import classification
from .sittings import acts_of, ballot_of


def lines_of(sitting: Sitting) -> list[dict[str, Any]]:
    """One mapping a deliberation: ``act``, ``number``, ``object``, ``matter``, ``outcome`` and the counts of its vote."""
    return [
        {
            "act": str(act.pk),
            "number": act.number,
            "object": act.object,
            "matter": act.matter_code,
            **_voted(ballot_of(act)),
        }
        for act in acts_of(sitting)
    ]


def list_name(sitting: Sitting) -> str:
    """Under which name the PDF of the list is kept."""
    return f"liste-des-deliberations-{sitting.held_on.isoformat()}.pdf"


def list_of_deliberations(sitting: Sitting, *, language: str, at: datetime) -> bytes:
    """The list as PDF, as it stands: posted at the town hall, put on line."""
    with override(language):
        matters = classification(legal_day(at)).matters
        labels = dict(VoteOutcome.choices)
        data = {
            "title": _("List of the deliberations examined"),
            "sitting": [
                {"label": _("Sitting of"), "value": long_date(sitting.held_on)},
                {"label": _("Assembly"), "value": sitting.get_kind_display()},
                {"label": _("Presided by"), "value": f"{sitting.presiding}, {sitting.quality}"},
                {"label": _("Secretary"), "value": ", ".join(map(str, sitting.secretaries.all()))},
                {
                    "label": _("Members"),
                    "value": _("%(in_office)d in office, %(present)d present, %(represented)d represented")
                    % {
                        "in_office": sitting.in_office,
                        "present": sitting.present,
                        "represented": sitting.represented,
                    },
                },
            ],
            "columns": [_("Number"), _("Object"), _("Outcome"), _("Vote")],
            "lines": [
                {
                    "number": line["number"] or "—",
                    "object": line["object"],
                    "matter": _matter(line["matter"], matters, language),
                    "outcome": str(labels.get(line["outcome"], "—")),
                    "vote": _counts(line),
                }
                for line in lines_of(sitting)
            ],
            "place_and_date": _("Drawn up on %(moment)s") % {"moment": long_date(at)},
        }
        path = reverse(
            "legality:sitting",
            kwargs={"organisation": sitting.organisation.reference, "sitting": sitting.pk},
        )
        return printing.render(
            "legality/list_of_deliberations",
            data,
            language=language,
            issuer=sitting.organisation.name,
            verification=printing.Verification(f"{settings.SITE_URL}{path}", sitting.held_on.isoformat()),
            at=at,
        )


def _voted(ballot: Ballot | None) -> dict[str, Any]:
    """The vote without the names: they stay in the minutes."""
    if ballot is None:
        return {"outcome": ""}
    names = ("outcome", "votes_for", "against", "abstention", "not_voting")
    return {name: getattr(ballot, name) for name in names}


def _counts(line: dict[str, Any]) -> str:
    """The vote in words, empty when nobody counted it."""
    counts = {name: line.get(name) for name in ("votes_for", "against", "abstention")}
    if all(count is None for count in counts.values()):
        return ""
    read = {name: count or 0 for name, count in counts.items()}
    if not read["against"] and not read["abstention"] and not line.get("not_voting"):
        return _("unanimous (%(votes_for)d)") % read
    return _("%(votes_for)d for, %(against)d against, %(abstention)d abstaining") % read


def _matter(code: str, matters: Any, language: str) -> str:
    found = matters.get(code)
    return f"{code} {found.label.in_language(language)}" if found else code
