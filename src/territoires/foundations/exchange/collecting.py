"""Fetching what waits outside, and saying since when that fails: a mailbox that is silent is not one that is empty."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from django.db.models.functions import Coalesce

from territoires.kernel.errors import TerritoiresError

from .arrivals import UNEXPECTED
from .channels import Channel
from .models import Collection

log = logging.getLogger(__name__)


def collect_from(channel: Channel, now: datetime) -> None:
    """Has the channel fetch what waits. A failure is kept for the operator; the next minute tries again."""
    if channel.collect is None:
        return
    try:
        channel.collect()
    except TerritoiresError as failure:
        log.warning("exchange: nothing fetched from %s", channel.code, exc_info=True)
        _failed(channel, now, failure.message, failure.params)
    except Exception as failure:
        log.exception("exchange: fetching from %s failed", channel.code)
        _failed(channel, now, UNEXPECTED, {"failure": f"{type(failure).__name__}: {failure}"[:1000]})
    else:
        Collection.objects.update_or_create(
            channel=channel.code,
            defaults={"succeeded_at": now, "failing_since": None, "sentence": "", "params": {}},
        )


def failing_collections() -> list[Collection]:
    """The channels from which nothing can be fetched, the longest first."""
    return list(Collection.objects.filter(failing_since__isnull=False).order_by("failing_since"))


def _failed(channel: Channel, now: datetime, sentence: str, params: dict[str, Any]) -> None:
    said = {name: str(value).replace("\0", "") for name, value in params.items()}
    found, _created = Collection.objects.get_or_create(channel=channel.code)
    Collection.objects.filter(pk=found.pk).update(
        failing_since=Coalesce("failing_since", now), sentence=sentence, params=said
    )
