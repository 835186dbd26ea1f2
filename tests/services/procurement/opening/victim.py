"""The opening worker, the time-keeper and the officers' parts in one process, to be killed at a step of an opening."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

from territoires.foundations.actions.api import permissions_of
from territoires.kernel.actor import Actor, Grant
from territoires.kernel.clock import fixed_clock
from territoires.services.procurement.actions import opening
from territoires.services.procurement.domain.quorum import SUITE
from territoires.services.procurement.domain.sealing import suites
from territoires.services.procurement.jobs.opener import Opener
from territoires.services.procurement.jobs.time_keeper import TimeKeeper
from territoires.services.procurement.models import HolderKey, OpeningOrder
from territoires.services.procurement.queries.time_vault import TimeVault
from tests.victims import die_at

from .world import AFTER, present, release_of

SERVICE = "territoires.services.procurement"
OPENING, OPENER = f"{SERVICE}.actions.opening", f"{SERVICE}.jobs.opener"
DOCUMENTS = "territoires.foundations.documents.api"
ANTIVIRUS = "territoires.foundations.documents.antivirus"
# Where: module, name, before or after its work, and at which of its calls. Two bids of two files each.
SEALED_POINTS = {
    "session-key-made": (OPENING, "prepare_order", "before", 1),
    "order-fixed": (OPENING, "prepare_order", "after", 1),
    "time-stamped": (f"{SERVICE}.jobs.time_keeper", "stamped", "after", 1),
    "time-released": (OPENING, "record_time_release", "after", 1),
    "first-share-given": (OPENING, "release_pieces", "after", 1),
    "last-share-given": (OPENING, "release_pieces", "after", 2),
    "quorum-reached": (OPENING, "begin_deciphering", "after", 1),
    "keys-combined": (f"{SERVICE}.domain.sealing.opening", "master", "after", 2),
    "first-file": (DOCUMENTS, "scanned", "before", 1),
    "last-file": (DOCUMENTS, "scanned", "before", 4),
    "antivirus-not-told": (ANTIVIRUS, "_SignatureScan.finish", "before", 2),
    "last-file-kept": (DOCUMENTS, "keep_draft", "after", 4),
    "all-clear": (OPENING, "record_opening", "before", 1),
    "attached-not-committed": (DOCUMENTS, "attach_all", "after", 1),
    "result-not-committed": (OPENING, "_bid_facts", "after", 1),
}
OPENED_POINTS = {
    "result-recorded": (OPENING, "record_opening", "after", 1),
    "minutes-printed": (OPENER, "minutes_pdf", "after", 1),
    "first-minutes": (OPENER, "record_minutes", "after", 1),
    "last-minutes": (OPENER, "record_minutes", "after", 2),
}


def run(point: str, order: UUID, vault: Path, keys: Mapping[UUID, bytes]) -> None:
    """A whole session for an order that is asked; ``keys`` are the officers', by holder."""
    die_at(*(SEALED_POINTS | OPENED_POINTS)[point])
    opener, keeper = Opener(), TimeKeeper(TimeVault(vault), fixed_clock(AFTER))
    opener.work_once()
    keeper.work_once()
    for holder, key in keys.items():
        found = OpeningOrder.objects.select_related("consultation").get(pk=order)
        own = HolderKey.objects.get(pk=holder)
        document = release_of(found, holder, suites.read_private(SUITE, key))
        opening.release_pieces(
            actor=_officer(own, found), consultation=found.consultation, order=order, document=document
        )
    opener.work_once()


def _officer(own: HolderKey, order: OpeningOrder) -> Actor:
    role = "secretary"
    actor = Actor(
        person=own.person_id,
        organisation=order.consultation.organisation_id,
        grants={p: Grant(p, "role", role) for p in permissions_of(role)},
        services=frozenset({"procurement"}),
    )
    return present(actor)
