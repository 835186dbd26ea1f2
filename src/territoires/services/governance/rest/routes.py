"""All the operations of the service."""

from __future__ import annotations

from ninja import Router

from . import importing, keys, mandates, members, people, services

router = Router()
for part in (members, people, mandates, keys, services, importing):
    router.add_router("", part.router)
