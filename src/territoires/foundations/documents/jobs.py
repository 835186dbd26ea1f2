"""What the worker does to the store by night: lets go what nobody claimed, and reads everything again, slowly."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db.models import F
from procrastinate.contrib.django import app

from territoires.kernel.actor import Actor, system_actor
from territoires.kernel.errors import Corrupt, Gone

from . import storage
from .models import Document
from .receiving import purge_orphans, purge_unattached, verify_document

logger = logging.getLogger(__name__)

WORKER = "worker"
DRAFTS_LIVE = timedelta(days=1)
VERIFIED_AGAIN_AFTER = timedelta(days=30)
BYTES_A_RUN = 20_000_000_000
"""What one run reads: at one run an hour, some 14 TB a month, without starving the pages of disk."""


@app.periodic(cron="10 3 * * *")
@app.task(name="documents.clean", queueing_lock="documents.clean", pass_context=False)
def clean(timestamp: int) -> None:
    """Every night: uploads without a form, drafts of killed processes, bytes without a document."""
    actor = system_actor(WORKER)
    unattached = purge_unattached(actor)
    drafts = storage.sweep_drafts(DRAFTS_LIVE.total_seconds())
    orphans = purge_orphans()
    logger.info("documents cleaned", extra={"unattached": unattached, "drafts": drafts, "orphans": orphans})


@app.periodic(cron="40 * * * *")
@app.task(name="documents.verify", queueing_lock="documents.verify", pass_context=False)
def verify(timestamp: int) -> None:
    """Every hour: the documents read longest ago."""
    verify_next(system_actor(WORKER))


def verify_next(actor: Actor, *, budget: int = BYTES_A_RUN) -> list[Document]:
    """Verifies the next documents, ``budget`` bytes at most (one at least); returns those found damaged."""
    limit = actor.now() - VERIFIED_AGAIN_AFTER
    waiting = Document.objects.filter(purged_at=None).order_by(F("verified_at").asc(nulls_first=True), "id")
    damaged = []
    for document in waiting[:1000]:
        if budget <= 0 or (document.verified_at is not None and document.verified_at > limit):
            break
        budget -= document.size
        try:
            verify_document(document, actor=actor)
        except Gone:
            continue
        except Corrupt as error:
            logger.error("a stored file is damaged", extra={"document": str(document.pk), "code": error.code})
            damaged.append(document)
    return damaged
