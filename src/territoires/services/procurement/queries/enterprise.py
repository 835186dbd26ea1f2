"""What an enterprise keeps for all its bids: its sheet, its safe; and the forms of candidature made of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import Q
from django.utils.formats import number_format
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from territoires.foundations.packs.api import pack
from territoires.foundations.printing import api as printing
from territoires.kernel.actor import Actor
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Missing
from territoires.ui.dates import long_date

from ..models import Attestation, BidDraft, EnterpriseSheet

ATTESTATIONS = "procurement-attestations"
TOLD_BEFORE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class AttestationKind:
    """A kind of the pack, in the reader's language."""

    code: str
    label: str


def attestation_kinds(day: date) -> list[AttestationKind]:
    """The kinds of a day, in the order of the pack."""
    language = "en" if get_language() == "en" else "fr"
    return [
        AttestationKind(one["code"], one[f"label_{language}"]) for one in pack(ATTESTATIONS, on=day).entries
    ]


def sheet_of(actor: Actor) -> EnterpriseSheet:
    """The sheet of the acting enterprise, blank before it was written."""
    organisation = actor.acting_organisation()
    found = EnterpriseSheet.objects.filter(organisation=organisation).first()
    return found or EnterpriseSheet(organisation_id=organisation, changed_at=actor.now())


def safe_of(actor: Actor) -> list[Attestation]:
    """The safe of the acting enterprise: what ended, or ends soonest, first."""
    rows = Attestation.objects.filter(organisation=actor.acting_organisation()).select_related("document")
    return sorted(rows, key=lambda one: (one.valid_until is None, one.valid_until or date.max, one.added_at))


def attestation_of(actor: Actor, key: UUID) -> Attestation:
    """One document of the acting enterprise's safe. Raises Missing."""
    rows = Attestation.objects.filter(organisation=actor.acting_organisation(), pk=key)
    found = rows.select_related("document").first()
    if found is None:
        raise Missing("no-attestation", "There is no such document in the safe.", "Look at the list.")
    return found


def ending_soon(now: datetime) -> list[Attestation]:
    """Documents that end within a month, of which nobody was told since they came into that month."""
    today = legal_day(now)
    rows = Attestation.objects.filter(
        Q(reminded_on=None), valid_until__gte=today, valid_until__lte=today + TOLD_BEFORE
    )
    return list(rows.select_related("organisation", "document").order_by("valid_until")[:500])


def accounts_of(persons: Iterable[UUID]) -> list[Any]:
    """The accounts by which these persons are told something."""
    rows: Any = apps.get_model("identity.Account")._default_manager
    return list(rows.filter(person__in=set(persons), is_active=True).select_related("person"))


def candidature_form(draft: BidDraft, sheet: EnterpriseSheet, name: str, at: datetime) -> bytes:
    """DC1 or DC2 as PDF, in French: the buyer reads it."""
    with override("fr"):
        data = _dc1(draft, sheet) if name == "dc1" else _dc2(draft, sheet)
        data["place_and_date"] = _("At ........................, on %(day)s") % {
            "day": long_date(legal_day(at))
        }
        data["signatory"] = ", ".join(filter(None, [sheet.signatory, sheet.signatory_title]))
        issuer = draft.bidder.name if draft.bidder else ""
        return printing.render("printing/certificate", data, language="fr", issuer=issuer, at=at)


def _dc1(draft: BidDraft, sheet: EnterpriseSheet) -> dict[str, Any]:
    consultation = draft.consultation
    members = list(draft.members.all())
    return {
        "title": _("DC1 – Letter of candidature"),
        "paragraphs": [
            _("The candidate named below is a candidate for the contract below (CCP R2143-3)."),
        ],
        "facts": [
            _fact(_("A. Buyer"), consultation.organisation.name if consultation else ""),
            _fact(
                _("B. Object of the consultation"),
                f"{consultation.reference} {consultation.title}" if consultation else "",
            ),
            _fact(_("C. Object of the candidature"), _lots(draft)),
            *_candidate(draft, sheet),
            _fact(_("E. The candidate answers"), draft.get_consortium_display()),
            *[
                _fact(
                    _("Member of the consortium"),
                    " – ".join(
                        filter(None, [one.name, _("SIRET %(siret)s") % {"siret": one.siret}, one.part])
                    ),
                )
                for one in members
            ],
            *([_fact(_("Lead of the consortium"), draft.bidder.name)] if members and draft.bidder else []),
        ],
        "conclusion": _(
            "F. The candidate declares on its honour that none of the grounds of exclusion of articles L2141-1 to"
            " L2141-5 and L2141-7 to L2141-11 of the Code de la commande publique applies to it, nor to any member of"
            " its consortium, and that it respects the duty to employ disabled workers (articles L5212-1 to L5212-11"
            " of the Code du travail)."
        ),
    }


def _dc2(draft: BidDraft, sheet: EnterpriseSheet) -> dict[str, Any]:
    year = sheet.turnover_year
    turnovers = [
        (year and year - back, value)
        for back, value in enumerate([sheet.turnover, sheet.turnover_before, sheet.turnover_two_before])
    ]
    return {
        "title": _("DC2 – Statement of the individual candidate or member of the consortium"),
        "paragraphs": [_("What the candidate can do.")],
        "facts": [
            *_candidate(draft, sheet),
            _fact(_("Small or medium-sized enterprise"), _("yes") if sheet.is_small else _("no")),
            _fact(_("Persons employed"), "" if sheet.headcount is None else str(sheet.headcount)),
            *[
                _fact(_("Turnover %(year)s, without VAT") % {"year": of}, _euros(value))
                for of, value in turnovers
                if of and value is not None
            ],
            _fact(_("Professional insurance"), sheet.insurance),
            _fact(_("Qualifications"), sheet.qualifications),
            _fact(_("References"), sheet.references),
        ],
    }


def _candidate(draft: BidDraft, sheet: EnterpriseSheet) -> list[dict[str, str]]:
    bidder = draft.bidder
    place = " ".join(filter(None, [sheet.address, sheet.postal_code, sheet.town]))
    reach = ", ".join(filter(None, [sheet.email, sheet.telephone]))
    return [
        _fact(_("D. Candidate"), bidder.name if bidder else ""),
        _fact(_("SIRET"), (bidder.siret or bidder.siren) if bidder else ""),
        _fact(_("Legal form"), sheet.legal_form),
        _fact(_("Address"), place),
        _fact(_("Contact"), reach),
        _fact(
            _("Person who binds the candidate"),
            ", ".join(filter(None, [sheet.signatory, sheet.signatory_title])),
        ),
    ]


def _lots(draft: BidDraft) -> str:
    consultation = draft.consultation
    count = consultation.lots.count() if consultation else 0
    return _("the lots named in the bid") if count else _("the whole contract")


def _euros(value: Any) -> str:
    return f"{number_format(value, decimal_pos=2, use_l10n=True, force_grouping=True)} €"


def _fact(label: str, value: str) -> dict[str, str]:
    return {"label": label, "value": value or "—"}
