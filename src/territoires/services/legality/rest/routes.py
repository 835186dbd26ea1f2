"""All the operations of the service."""

from __future__ import annotations

from ninja import Router

from . import acts, agreements, effect, history, letters, proofs, signatures, sittings, transmission

router = Router()
for part in (acts, effect, signatures, transmission, letters, proofs, sittings, history, agreements):
    router.add_router("", part.router)
