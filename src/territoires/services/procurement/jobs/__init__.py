"""What the worker does, one module a part; each is imported here, so that the worker finds its tasks."""

from . import bids, continuity, publication

__all__ = ["bids", "continuity", "publication"]
