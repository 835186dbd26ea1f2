"""What a deposit page gives to its script, and to people: places, limits, words in the reader's language, the support."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from territoires.kernel.errors import Conflict

from ...domain.sealing.documents import base64url
from ...domain.sealing.files import FileEntry
from ...domain.sealing.policy import Policy
from ...models import BidDraft, Deposit
from ...queries.bids import CANDIDATURE, deposits_of, manifest_of, sealed_lots
from ...queries.sealed_files import accepted_policies, lots_closed_to, place_of, present_policy
from . import doors


def support() -> dict[str, Any]:
    """Whom to call, and when."""
    hours = settings.SUPPORT_HOURS_EN if get_language() == "en" else settings.SUPPORT_HOURS_FR
    return {"support_telephone": settings.SUPPORT_TELEPHONE, "support_hours": hours}


def bid_data(request: HttpRequest, draft: BidDraft, address: str) -> dict[str, Any]:
    """The sections of the page and the data of its script; ``policy`` is None while nobody can open yet."""
    try:
        policy, _document = present_policy(draft)
    except Conflict:
        return {"policy": None, "sections": []}
    place = place_of(draft)
    lots = sealed_lots(draft.consultation) if draft.consultation else {next(iter(place.lots)): None}
    closed = lots_closed_to(draft)
    lots = {key: lot for key, lot in lots.items() if key not in closed}
    sections = _sections(policy, lots)
    data = {
        "address": address,
        "token": get_token(request),
        "consultation": str(place.consultation),
        "round": place.round,
        "bidder": str(place.bidder),
        "rehearsal": draft.is_rehearsal,
        "policies": [one.hex() for one in accepted_policies(draft)],
        "candidature": CANDIDATURE,
        "lots": [str(key) for key in lots],
        "variants": bool(draft.consultation and draft.consultation.allows_variants),
        "arrived": doors.arrived(draft),
        "former": _former(draft),
        "words": words(),
        "language": get_language() or "fr",
    }
    return {"policy": policy, "sections": sections, "lots": lots, "data": data}


def _sections(policy: Policy, lots: dict[Any, Any]) -> list[dict[str, Any]]:
    """One for the candidature, which is the bidder's whatever the lots; then one for each lot and other envelope."""
    found = []
    for envelope in policy.envelopes:
        if envelope == CANDIDATURE:
            found.append({"envelope": envelope, "lot": None, "key": "", "title": _("Candidature")})
            continue
        for key, lot in lots.items():
            title = _("Tender") if lot is None else _("Tender, lot %(number)s") % {"number": lot.number}
            found.append({"envelope": envelope, "lot": lot, "key": str(key), "title": title})
    return found


def _former(draft: BidDraft) -> dict[str, Any] | None:
    """The last deposit that counts, whose files a new one may name again without sending them."""
    last = deposits_of(draft).filter(state=Deposit.State.SEALED).first() if not draft.is_rehearsal else None
    if last is None:
        return None
    manifest = manifest_of(last)
    places = {one.pk: one for one in draft.blocks.filter(pk__in=[named.block for named in manifest.blocks])}
    return {
        "root": last.root,
        "number": last.number,
        "blocks": [
            {
                "block": str(one.block),
                "sha256": one.sha256.hex(),
                "lot": str(places[one.block].lot),
                "envelope": places[one.block].envelope,
                "policy": places[one.block].policy,
            }
            for one in manifest.blocks
        ],
        "files": [_entry(one) for one in manifest.files],
    }


def _entry(one: FileEntry) -> dict[str, Any]:
    return {
        "file": str(one.file),
        "block": str(one.block),
        "chunks": one.chunks,
        "size": one.size,
        "root": one.root.hex(),
        "header": base64url(one.header),
    }


def words() -> dict[str, str]:
    """Every sentence that the script says."""
    return {
        "waiting": _("Waiting"),
        "sealing": _("Encrypted and sent: {percent} %"),
        "sent": _("Sent, sealed"),
        "deposited": _("In your last deposit"),
        "paused": _("Paused"),
        "choose_again": _("Choose the same file again to go on: what was sent is kept"),
        "other_file": _(
            "This is not the same file: its size or its date differs. Choose the very same one, or remove it and add the new one."
        ),
        "failed": _("Not sent"),
        "remove": _("Remove {name}"),
        "removed": _("{name} is removed."),
        "choose": _("Choose {name} again"),
        "pause": _("Pause"),
        "resume": _("Go on"),
        "progress": _("{sent} of {total} sent"),
        "all_sent": _("All the files are sent and sealed. Nothing is deposited yet: deposit your bid."),
        "nothing": _("No file yet."),
        "file_of_former": _("File {number} of deposit {deposit}"),
        "bytes": _("{size} bytes"),
        "kilobytes": _("{size} kB"),
        "megabytes": _("{size} MB"),
        "gigabytes": _("{size} GB"),
        "days": _("{n} d"),
        "remaining": _("{time} left"),
        "overdue": _(
            "The deadline has passed. You can still deposit: the bid is kept sealed as late, and the buyer decides."
        ),
        "elsewhere": _(
            "Files sent from another browser are in no deposit (number: {count}, size: {size}). Only that browser can add them."
        ),
        "discard_elsewhere": _("Destroy them"),
        "seal": _("Depositing"),
        "sealed": _("Your bid is deposited. The receipt opens."),
        "lots_needed": _("Tick the lots that you answer first."),
        "nothing_to_seal": _("Add at least one file before you deposit."),
        "not_ready": _("Some files are not sent yet: wait, or remove them."),
        "tender_missing": _("A lot that you ticked has no file in its tender: add one, or untick the lot."),
        "candidature_moved": _(
            "The candidature was sealed with a lot that you no longer answer: remove its files and add them again."
        ),
        "empty_file": _("{name} is empty. It is sealed as it is."),
        "same_name": _("{name} is already there; both are kept."),
        "variant": _("Variant {number}"),
        "over_file": _(
            "{name} is {size}: one file is at most {limit} here. Nothing of this choice was added; divide or compress it, then choose again."
        ),
        "over_limit": _(
            "The bid is at most {files} files and {bid} in all. Nothing of this choice was added; remove or compress some, then choose again."
        ),
        "policy_changed": _(
            "The opening officers changed. Files sealed for the former ones must be added again; load the page to see which."
        ),
        "session_ended": _(
            "Your session has ended. Sign in again in another tab, then press the same button here again: what was sent is kept."
        ),
        "connection_lost": _("The connection is lost. What was sent is kept: press Go on when it is back."),
        "file_changed": _("{name} changed or moved while it was being read. Choose it again."),
        "unknown_error": _(
            "Something did not go as it should. What was sent is kept; call the support and read them this: {detail}"
        ),
        "no_storage": _(
            "This browser keeps nothing between two visits (private window?). Do not close this page before your deposit."
        ),
        "malformed": _(
            "A document received from the platform cannot be read. Load the page again; call the support if it lasts."
        ),
    }
