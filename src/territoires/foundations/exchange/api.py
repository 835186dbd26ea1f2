"""The door of ``exchange``."""

from .arrivals import discard, receive, replay
from .channels import (
    Accepted,
    Channel,
    Delivery,
    Doubtful,
    Incoming,
    NotSent,
    Outgoing,
    Refused,
    channel_of,
    channels,
    declare_channels,
    label_of,
)
from .collecting import failing_collections
from .jobs import move_once
from .parcels import cancel, confirm_sent, hold_after_restore, post, send_again
from .serials import next_serial
from .traffic import (
    Traffic,
    doubtful,
    is_late,
    parcel_of,
    quarantine_of,
    quarantined,
    traffic,
    unsettled_parcels,
)
from .waking import wake_for
from .wording import reason_label

__all__ = [
    "Accepted",
    "Channel",
    "Delivery",
    "Doubtful",
    "Incoming",
    "NotSent",
    "Outgoing",
    "Refused",
    "Traffic",
    "cancel",
    "channel_of",
    "channels",
    "confirm_sent",
    "declare_channels",
    "discard",
    "doubtful",
    "failing_collections",
    "hold_after_restore",
    "is_late",
    "label_of",
    "move_once",
    "next_serial",
    "parcel_of",
    "post",
    "quarantine_of",
    "quarantined",
    "reason_label",
    "receive",
    "replay",
    "send_again",
    "traffic",
    "unsettled_parcels",
    "wake_for",
]
