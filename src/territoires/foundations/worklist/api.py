"""The door of ``worklist``."""

from .desk import MOST, PAGE, SOON, Counters, Desk, counters, desk, mine
from .items import close_items, open_item

__all__ = ["MOST", "PAGE", "SOON", "Counters", "Desk", "close_items", "counters", "desk", "mine", "open_item"]
