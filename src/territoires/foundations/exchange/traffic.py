"""What the operator watches: what has not left, what is doubtful, what nobody could read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from territoires.kernel.errors import Missing

from .channels import channels
from .models import Arrival, Parcel

UNSETTLED = (Parcel.State.WAITING, Parcel.State.SENDING, Parcel.State.DOUBTFUL)


@dataclass(frozen=True, slots=True)
class Traffic:
    """Figures of the bus. ``late`` parcels wait longer than their channel's limit; ``oldest_at`` is when the
    oldest unsettled one might have left."""

    waiting: int
    doubtful: int
    late: int
    quarantined: int
    oldest_at: datetime | None

    @property
    def for_somebody(self) -> int:
        """How many wait for a person."""
        return self.doubtful + self.late + self.quarantined


def traffic(now: datetime) -> Traffic:
    """The figures at an instant."""
    unsettled = Parcel.objects.filter(state__in=UNSETTLED)
    oldest = unsettled.order_by("ready_at").first()
    in_doubt = unsettled.filter(state=Parcel.State.DOUBTFUL).count()
    return Traffic(
        waiting=unsettled.count() - in_doubt,
        doubtful=in_doubt,
        late=unsettled.filter(_late(now)).exclude(state=Parcel.State.DOUBTFUL).count(),
        quarantined=Arrival.objects.filter(state=Arrival.State.QUARANTINED).count(),
        oldest_at=oldest.ready_at if oldest else None,
    )


def is_late(parcel: Parcel, now: datetime) -> bool:
    """Whether the parcel has not left within its channel's limit."""
    limits = {channel.code: channel.alarm_after for channel in channels()}
    limit = limits.get(parcel.channel)
    return parcel.state in UNSETTLED and limit is not None and now - parcel.ready_at > limit


def unsettled_parcels(*, count: int = 100) -> list[Parcel]:
    """What has not left for certain: the doubtful first, then the rest, the oldest first; ``count`` of each."""
    rows = Parcel.objects.filter(state__in=UNSETTLED).order_by("ready_at", "position")
    in_doubt = Q(state=Parcel.State.DOUBTFUL)
    return [*rows.filter(in_doubt)[:count], *rows.exclude(in_doubt)[:count]]


def quarantine_of(*, count: int = 100) -> QuerySet[Arrival]:
    """What could not be read, the oldest first."""
    rows = Arrival.objects.filter(state=Arrival.State.QUARANTINED)
    return rows.select_related("document").order_by("received_at", "id")[:count]


def doubtful(key: UUID) -> Parcel:
    """A parcel whose fate is unknown. Raises Missing when it is known, or known meanwhile."""
    found = Parcel.objects.filter(pk=key, state=Parcel.State.DOUBTFUL).first()
    if found is None:
        raise Missing(
            "not-doubtful",
            "What became of this is known meanwhile.",
            "Go back to the list to see what still waits.",
        )
    return found


def quarantined(key: UUID) -> Arrival:
    """An arrival that waits for a person. Raises Missing when it does not, or no longer."""
    found = Arrival.objects.select_related("document").filter(pk=key, state=Arrival.State.QUARANTINED).first()
    if found is None:
        raise Missing(
            "not-in-quarantine",
            "This is not in quarantine, or was dealt with meanwhile.",
            "Go back to the list to see what still waits.",
        )
    return found


def parcel_of(*, channel: str, key: str) -> Parcel | None:
    """A parcel by its name on the other side."""
    return Parcel.objects.filter(channel=channel, key=key).first()


def _late(now: datetime) -> Q:
    late = Q(pk__in=[])
    for channel in channels():
        late |= Q(channel=channel.code, ready_at__lt=now - channel.alarm_after)
    return late
