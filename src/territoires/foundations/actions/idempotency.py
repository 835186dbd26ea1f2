"""The same key gives the same answer; the same key for another request is a conflict."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.db.models import Model

from territoires.kernel.actor import Actor
from territoires.kernel.errors import Conflict
from territoires.kernel.ids import new_id

from .models import IdempotentAnswer

NOT_YET = object()
KEPT = timedelta(days=90)
"""How long an answer waits for its request to be sent again: a season of holidays, or a form found open."""
_AT_ONCE = 10_000
_FORGET = """
DELETE FROM actions_idempotentanswer WHERE id IN (
    SELECT id FROM actions_idempotentanswer WHERE created_at < %s ORDER BY created_at LIMIT %s)"""


def claim(actor: Actor, action: str, arguments: Mapping[str, Any]) -> Any:
    """Takes the actor's key inside the caller's transaction.

    Returns ``NOT_YET`` for a first call, else the kept answer. A concurrent call with the same key waits here, on
    the unique index, until the first one ends. Raises Conflict when the key served another request.
    """
    fingerprint = _fingerprint(arguments)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO actions_idempotentanswer (id, caller, action, key, fingerprint, created_at)"
            " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT ON CONSTRAINT idempotent_once DO NOTHING",
            [new_id(), caller_of(actor), action, actor.idempotency_key, fingerprint, actor.now()],
        )
        if cursor.rowcount:
            return NOT_YET
    kept = _kept(actor, action)
    if bytes(kept.fingerprint) != fingerprint:
        raise Conflict(
            "idempotency-key-reused",
            "This request key was already used for something else; nothing was done.",
            "Send the request again with a new key.",
        )
    return _revive(kept.answer)


def keep(actor: Actor, action: str, value: Any) -> None:
    """Keeps the answer, in the same transaction as the effect."""
    IdempotentAnswer.objects.filter(caller=caller_of(actor), action=action, key=actor.idempotency_key).update(
        answer=_frozen(value)
    )


def forget(now: datetime) -> None:
    """Drops the answers older than ``KEPT``, some at a time so that nobody waits."""
    with connection.cursor() as cursor:
        while True:
            cursor.execute(_FORGET, [now - KEPT, _AT_ONCE])
            if cursor.rowcount < _AT_ONCE:
                return


def caller_of(actor: Actor) -> str:
    """Keys of different callers never meet."""
    return f"{actor.organisation or '-'}/{actor.person or actor.machine or '-'}"


def _kept(actor: Actor, action: str) -> IdempotentAnswer:
    return IdempotentAnswer.objects.get(caller=caller_of(actor), action=action, key=actor.idempotency_key)


def _frozen(value: Any) -> Any:
    if isinstance(value, Model):
        return {"model": value._meta.label, "pk": str(value.pk)}
    return {"value": json.loads(json.dumps(value, cls=DjangoJSONEncoder))}


def _revive(answer: Any) -> Any:
    if "model" in answer:
        return apps.get_model(answer["model"])._default_manager.get(pk=answer["pk"])
    return answer["value"]


def _fingerprint(arguments: Mapping[str, Any]) -> bytes:
    def stable(value: Any) -> str:
        return str(value.pk) if isinstance(value, Model) else repr(value)

    text = json.dumps({name: stable(value) for name, value in sorted(arguments.items())})
    return hashlib.sha256(text.encode()).digest()
