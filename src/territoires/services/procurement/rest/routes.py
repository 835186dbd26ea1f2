"""All the operations of the service."""

from __future__ import annotations

from ninja import Router

from . import award, bids, continuity, enterprise, file, notices, preparation, publication

router = Router()
for part in (preparation, file, publication, bids, enterprise, award, notices, continuity):
    router.add_router("", part.router)
