"""The door of ``journal``."""

from .entries import Recorded, append
from .subscriptions import Subscription

__all__ = ["Recorded", "Subscription", "append"]
