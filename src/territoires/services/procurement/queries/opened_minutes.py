"""The minutes of an opening session, and of the opening of a safety copy, from what they left."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from territoires.foundations.printing import api as printing
from territoires.kernel.clock import legal_day
from territoires.ui import dates

from ..models import (
    Consultation,
    Deposit,
    Lot,
    OpenedBlock,
    OpenedFile,
    OpeningOrder,
    SafetyCopy,
    SafetyCopyState,
)
from . import opening as queries
from .safety_copies import ground_label, settled_copies
from .wording import reread

LANGUAGES = ("fr", "en")
# What the journal's name of an antivirus means: none at all.
WITHOUT_ANTIVIRUS = "signature"


def minutes_pdf(order: OpeningOrder, language: str) -> bytes:
    """PDF/A in that language. Raises Invalid when a session has too much to print."""
    with translation.override(language):
        data = minutes_words(order)
    return _printed(data, order.consultation, language, order.ended_at)


def copy_minutes_pdf(copy: SafetyCopy, language: str) -> bytes:
    """The minutes of the opening of a safety copy, PDF/A in that language."""
    with translation.override(language):
        data = copy_words(copy)
    return _printed(data, copy.consultation, language, copy.settled_at)


def _printed(data: dict[str, Any], consultation: Consultation, language: str, at: datetime | None) -> bytes:
    return printing.render(
        "procurement/opening_minutes", data, language=language, issuer=consultation.organisation.name, at=at
    )


def minutes_words(order: OpeningOrder) -> dict[str, Any]:
    """What the minutes say, in the language that is active."""
    consultation, results = order.consultation, queries.results_of(order)
    return {
        "title": _("Minutes of the opening of bids"),
        "intro": f"{consultation.reference} {consultation.title}".strip(),
        "session": _session(order, len(results)),
        "presence": {
            "title": _("Who was there"),
            "lines": [
                f"{one.name}, {one.capacity}" if one.capacity else one.name
                for one in queries.presences_of(order)
            ]
            or ["—"],
        },
        "parts": {"title": _("The keys that opened"), "lines": _parts(order)},
        "bids": {"title": _("The bids"), "items": [_bid(*one) for one in results]},
        "copies": {
            "title": _("Safety copies opened until then"),
            "items": [_copy(one) for one in settled_copies(consultation, order.round)],
        },
        "closed": {"title": _("What stays closed"), "lines": _closed(order)},
        "columns": [_("File"), _("Result")],
        "end": _("The keys of the listed bids were put together in the memory of the opening worker alone."),
    }


def copy_words(copy: SafetyCopy) -> dict[str, Any]:
    """What the minutes of a copy say: which, why, by whom, when, and the hash of each file."""
    consultation, empty = copy.consultation, {"title": "", "lines": [], "items": []}
    lines = [
        (_("Enterprise"), _whose(copy), False),
        (_("On what it came"), copy.medium, False),
        (_("Arrived on"), dates.long_date(copy.arrived_at), False),
        (_("Opened on"), dates.long_date(copy.settled_at) if copy.settled_at else "—", False),
        (_("Opened by"), copy.settled_by.display_name if copy.settled_by else "—", False),
        (_("Case of the law"), _ground(copy), False),
        (_("Reason"), copy.reason, False),
        (_("Antivirus"), _antivirus(copy.antivirus), False),
    ]
    return {
        "title": _("Minutes of the opening of a safety copy"),
        "intro": f"{consultation.reference} {consultation.title}".strip(),
        "session": [{"label": label, "value": value, "code": code} for label, value, code in lines],
        "presence": empty,
        "parts": empty,
        "bids": empty,
        "copies": {"title": _("What it held"), "items": [_copy(copy)]},
        "closed": empty,
        "columns": [_("File"), _("Result")],
        "end": _copy_end(copy),
    }


def _copy_end(copy: SafetyCopy) -> str:
    if copy.state == SafetyCopyState.INFECTED:
        return _(
            "A file of it is infected: the copy is set aside, as if it had never come, and is destroyed."
        )
    return _("These files are, from then on, the bid of the enterprise for its lots.")


def _copy(copy: SafetyCopy) -> dict[str, Any]:
    at = dates.long_date(copy.settled_at) if copy.settled_at else "—"
    by = copy.settled_by.display_name if copy.settled_by else "—"
    return {
        "name": _whose(copy),
        "notes": [
            f"{copy.get_state_display()}, {at}, {by}",
            _ground(copy),
            copy.reason,
        ],
        "files": [
            {
                "name": " – ".join(filter(None, (_lot(file.lot), file.get_envelope_display(), file.name))),
                "verdict": " ".join(filter(None, (file.get_verdict_display(), file.fault))),
                "sha256": file.sha256,
            }
            for file in copy.files.all()
        ],
    }


def _lot(lot: Lot | None) -> str:
    return f"{_('Lot')} {lot.number}" if lot else ""


def _whose(copy: SafetyCopy) -> str:
    deposit = copy.deposit
    return f"{deposit.number}. {deposit.shown_name}" if deposit else copy.bidder_name


def _ground(copy: SafetyCopy) -> str:
    day = legal_day(copy.settled_at or copy.arrived_at)
    return ground_label(copy.ground, day, translation.get_language() or "fr")


def _session(order: OpeningOrder, bids: int) -> list[dict[str, Any]]:
    policy = order.policy
    lines = [
        (_("Envelope"), order.get_envelope_display(), False),
        (_("Round"), str(order.round), False),
        (_("Deadline"), dates.long_date(policy.deadline_at) if policy else "—", False),
        (_("Session begun"), dates.long_date(order.asked_at), False),
        (_("Session ended"), dates.long_date(order.ended_at) if order.ended_at else "—", False),
        (_("Bids"), str(bids), False),
        (_("Hash of the opening rules"), policy.sha256 if policy else "—", True),
        (_("Hash of the order"), order.sha256, True),
        (_("Antivirus"), _antivirus(order.antivirus), False),
    ]
    return [{"label": label, "value": value, "code": code} for label, value, code in lines]


def _antivirus(name: str) -> str:
    if name == WITHOUT_ANTIVIRUS:
        return _("none is configured: files were compared with the test signature alone")
    return name


def _parts(order: OpeningOrder) -> list[dict[str, Any]]:
    lines = []
    for one in queries.releases_of(order):
        holder = one.holder.name if one.holder else _("Time-keeper")
        if one.fault:
            said = _("wrong: %(fault)s") % {"fault": reread(one.fault)}
        elif one.brought_by:
            said = _("given off line, brought by %(name)s, %(at)s") % {
                "name": one.brought_by.display_name,
                "at": dates.clock_time(one.received_at),
            }
        else:
            said = _("given at %(at)s") % {"at": dates.clock_time(one.received_at)}
        lines.append({"label": holder, "value": said, "code": False})
    return lines


def _bid(deposit: Deposit, files: list[OpenedFile], blocks: list[OpenedBlock]) -> dict[str, Any]:
    lots = sorted({file.lot.number for file in files if file.lot})
    notes = [reread(one.fault) for one in blocks if one.fault]
    if lots:
        numbers = ", ".join(map(str, lots))
        notes.insert(0, ngettext("Lot %(numbers)s", "Lots %(numbers)s", len(lots)) % {"numbers": numbers})
    if deposit.is_flagged:
        notes.append(_("In time; its time-stamp is later than the deadline."))
    return {
        "name": f"{deposit.number}. {deposit.shown_name}",
        "notes": notes,
        "files": [
            {
                "name": file.name or "—",
                "verdict": " ".join(filter(None, (file.get_verdict_display(), reread(file.fault)))),
                "sha256": file.sha256,
            }
            for file in files
        ],
    }


def _closed(order: OpeningOrder) -> list[dict[str, Any]]:
    rows = order.excluded.select_related("deposit__bidder").order_by("deposit__number")
    return [
        {
            "label": f"{one.deposit.number}. {one.deposit.shown_name}",
            "value": reason_label(one.reason),
            "code": False,
        }
        for one in rows
    ]


def reason_label(code: str) -> str:
    """Why a deposit stays closed."""
    return {
        "late": _("after the deadline"),
        "superseded": _("replaced by a later deposit"),
        "withdrawn": _("withdrawn by the bidder"),
        "not-admitted": _("candidate not admitted"),
    }[code]
