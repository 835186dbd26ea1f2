"""Machines' keys: ``<prefix>.<secret>``; 256 random bits need no slow hash, a salted SHA-256 compared in constant time."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from django.db.models import Q

from territoires.kernel.actor import Actor, Grant

from .actors import services_of
from .models import ApiKey

_USE_IS_NOTED_EVERY = timedelta(minutes=5)


def draw() -> tuple[str, str, bytes, bytes]:
    """A new key: its text (shown once), its prefix, its salt and its digest."""
    prefix, secret, salt = secrets.token_hex(6), secrets.token_urlsafe(32), secrets.token_bytes(16)
    return f"{prefix}.{secret}", prefix, salt, _digest(salt, secret)


def actor_of_key(text: str, now: datetime, **details: object) -> Actor | None:
    """The machine that the key names, for its organisation; None when unknown, expired or revoked."""
    prefix, _dot, secret = text.partition(".")
    rows = ApiKey.objects.select_related("organisation").filter(
        Q(revoked_at=None), prefix=prefix[:12], expires_at__gt=now
    )
    key = rows.first()
    kept, salt = (bytes(key.digest), bytes(key.salt)) if key else (b"\0" * 32, b"\0" * 16)
    if not hmac.compare_digest(kept, _digest(salt, secret)) or key is None:
        return None
    if key.last_used_at is None or now - key.last_used_at > _USE_IS_NOTED_EVERY:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
    return Actor(
        machine=f"key:{key.pk}",
        organisation=key.organisation_id,
        grants={p: Grant(p, "key", key.label, key.pk, None) for p in key.permissions},
        services=services_of(key.organisation),
        is_operator=key.organisation.is_operator,
        **details,  # type: ignore[arg-type]
    )


def _digest(salt: bytes, secret: str) -> bytes:
    return hashlib.sha256(salt + secret.encode()).digest()
