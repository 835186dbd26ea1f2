"""The minutes of an opening session, and of the opening of a safety copy, from what they left."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
    Destruction,
    Lot,
    Minuted,
    OpenedBlock,
    OpenedFile,
    OpeningOrder,
    SafetyCopy,
    SafetyCopyState,
)
from . import opening as queries
from .destruction import closed_deposits, time_keys_of
from .quorum import public_hash
from .safety_copies import ground_label, settled_copies
from .wording import reread

# What the journal's name of an antivirus means: none at all.
WITHOUT_ANTIVIRUS = "signature"


def minutes_pdf(thing: Minuted, language: str) -> bytes:
    """PDF/A in that language. Raises Invalid when a session has too much to print."""
    consultation = thing.consultation
    with translation.override(language):
        match thing:
            case OpeningOrder():
                data, at = minutes_words(thing), thing.ended_at
            case SafetyCopy():
                data, at = copy_words(thing), thing.settled_at
            case Destruction():
                data, at = destruction_words(thing), thing.done_at
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
        "declined": {"title": _("Who declined to give a part"), "lines": _declined(order)},
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
        **_short(copy.consultation, _("Minutes of the opening of a safety copy"), lines),
        "copies": {"title": _("What it held"), "items": [_copy(copy)]},
        "end": _copy_end(copy),
    }


def destruction_words(destruction: Destruction) -> dict[str, Any]:
    """What the minutes of a destruction say: by which visa, what is gone, which bids stayed closed, what stays."""
    consultation = destruction.consultation
    lines = [
        (_("Kept until"), dates.long_date(destruction.kept_until), False),
        (_("Article"), destruction.article, False),
        (_("Visa of the archives given by"), destruction.visa_by, False),
        (_("Reference of the visa"), destruction.visa_reference, False),
        (_("Day of the visa"), dates.long_date(destruction.visa_on), False),
        (_("Ordered by"), destruction.ordered_by.display_name, False),
        (_("Ordered on"), dates.long_date(destruction.ordered_at), False),
        (_("Done on"), dates.long_date(destruction.done_at) if destruction.done_at else "—", False),
        (_("Officers whose key was destroyed"), str(destruction.keys), False),
        (_("Sealed envelopes never opened"), str(destruction.blocks), False),
        (_("Files of theirs"), str(destruction.files), False),
        (_("Bytes of theirs"), str(destruction.size), False),
    ]
    keys = [
        (
            _("Time key of round %(round)d, SHA-256") % {"round": key.round},
            public_hash(bytes(key.public_key)),
            True,
        )
        for key in time_keys_of(consultation)
        if key.public_key
    ]
    closed = [(f"{one.number}. {one.shown_name}", one.root, True) for one in closed_deposits(consultation)]
    return {
        **_short(consultation, _("Minutes of the destruction of keys and closed bids"), lines),
        "parts": {"title": _("Keys of the time-keeper, destroyed"), "lines": _lines(keys)},
        "closed": {"title": _("Bids that were never opened, by their hash"), "lines": _lines(closed)},
        "end": _("The hashes, the log of the uploads, the receipts and the journal stay."),
    }


def _short(consultation: Consultation, title: str, lines: Sequence[tuple[str, str, bool]]) -> dict[str, Any]:
    """Minutes with their head alone."""
    empty: dict[str, Any] = {"title": "", "lines": [], "items": []}
    return {
        "title": title,
        "intro": f"{consultation.reference} {consultation.title}".strip(),
        "session": _lines(lines),
        **dict.fromkeys(("presence", "parts", "declined", "bids", "copies", "closed"), empty),
        "columns": [_("File"), _("Result")],
    }


def _lines(lines: Iterable[tuple[str, str, bool]]) -> list[dict[str, Any]]:
    return [{"label": label, "value": value, "code": code} for label, value, code in lines]


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
    return _lines(lines)


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


def _declined(order: OpeningOrder) -> list[dict[str, Any]]:
    return _lines(
        (one.holder.name, f"{dates.clock_time(one.declined_at)} – {one.reason}", False)
        for one in queries.declined_in(order)
    )


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
