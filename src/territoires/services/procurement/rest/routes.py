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
    post,
    preparation,
    publication,
    reports,
    requests,
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
    requests,
    reports,
    rounds,
    committees,
    award,
    contracts,
    post,
    notices,
    continuity,
):
    router.add_router("", part.router)
