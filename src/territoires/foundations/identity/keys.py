"""Machines' keys: ``<prefix>.<secret>``; 256 random bits need no slow hash, a salted SHA-256 compared in constant time."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from territoires.kernel.actor import Actor, Grant

from .actors import actor_for_person
from .models import ApiKey
from .permissions import Identity
from .roles import PROGRAM, permissions_for_programs

_USE_IS_NOTED_EVERY = timedelta(minutes=5)


def draw() -> tuple[str, str, bytes, bytes]:
    """A new key: its text (shown once), its prefix, its salt and its digest."""
    prefix, secret, salt = secrets.token_hex(6), secrets.token_urlsafe(32), secrets.token_bytes(16)
    return f"{prefix}.{secret}", prefix, salt, _digest(salt, secret)


def actor_of_key(text: str, now: datetime, **details: Any) -> Actor | None:
    """The actor of a valid key, for its organisation; None when unknown, expired, revoked or its owner suspended.

    It may do what the key says for as long as its owner may issue keys there: who no longer administers the
    organisation answers for no program in it.
    """
    prefix, _dot, secret = text.partition(".")
    rows = ApiKey.objects.select_related("organisation", "owner").filter(
        Q(revoked_at=None), prefix=prefix[:12], expires_at__gt=now, owner__account__is_active=True
    )
    key = rows.first()
    kept, salt = (bytes(key.digest), bytes(key.salt)) if key else (b"\0" * 32, b"\0" * 16)
    # Compared even for an unknown prefix: the time of the answer tells nothing.
    if not hmac.compare_digest(kept, _digest(salt, secret)) or key is None:
        return None
    if key.last_used_at is None or now - key.last_used_at > _USE_IS_NOTED_EVERY:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
    owner = actor_for_person(key.owner, key.organisation, at=now, **details)
    allowed = (
        permissions_for_programs(key.organisation, owner)
        if Identity.ISSUE_KEY in owner.grants
        else frozenset()
    )
    grants = {
        p: Grant(p, "key", key.label, key.pk, key.until_on) for p in allowed.intersection(key.permissions)
    }
    return replace(owner, machine=f"{PROGRAM}{key.pk}", grants=grants)


def _digest(salt: bytes, secret: str) -> bytes:
    return hashlib.sha256(salt + secret.encode()).digest()
