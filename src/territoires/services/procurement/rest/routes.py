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
    safety_copies,
    systems,
)

router = Router()
for part in (
    preparation,
    file,
    publication,
    invitations,
    bids,
    safety_copies,
    enterprise,
    evaluation,
    requests,
    reports,
    rounds,
    systems,
    committees,
    award,
    contracts,
    post,
    notices,
    continuity,
):
    router.add_router("", part.router)
