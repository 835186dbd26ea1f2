"""All the operations of the service."""

from __future__ import annotations

from ninja import Router

from . import (
    award,
    bids,
    committees,
    continuity,
    contracts,
    destruction,
    enterprise,
    evaluation,
    file,
    invitations,
    notices,
    open_data,
    opening,
    portal,
    post,
    preparation,
    publication,
    reports,
    requests,
    rounds,
    safety_copies,
    systems,
    writing,
)

router = Router()
for part in (
    portal,
    preparation,
    file,
    writing,
    publication,
    invitations,
    bids,
    opening,
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
    open_data,
    continuity,
    destruction,
):
    router.add_router("", part.router)
