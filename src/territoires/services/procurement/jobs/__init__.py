"""What the worker does, one module a part; each is imported here, so that the worker finds its tasks."""

from . import bids, continuity, notices, publication

__all__ = ["bids", "continuity", "notices", "publication"]
