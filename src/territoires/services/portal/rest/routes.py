"""All the operations of the service."""

from __future__ import annotations

from ninja import Router

from . import console, desk, public

router = Router()
for part in (public, desk, console):
    router.add_router("", part.router)
