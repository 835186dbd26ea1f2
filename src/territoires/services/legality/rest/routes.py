"""All the operations of the service."""

from __future__ import annotations

from ninja import Router

from . import acts, history, sittings

router = Router()
for part in (acts, sittings, history):
    router.add_router("", part.router)
