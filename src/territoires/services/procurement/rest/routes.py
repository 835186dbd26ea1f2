"""All the operations of the service."""

from __future__ import annotations

from ninja import Router

from . import (
    award,
    bids,
    committees,
    continuity,
    contracts,
    enterprise,
    evaluation,
    file,
    invitations,
    notices,
    preparation,
    publication,
    rounds,
)

router = Router()
for part in (
    preparation,
    file,
    publication,
    invitations,
    bids,
    enterprise,
    evaluation,
    rounds,
    committees,
    award,
    contracts,
    notices,
    continuity,
):
    router.add_router("", part.router)
