"""The door of ``worklist``."""

from .desk import MOST, PAGE, SOON, Counters, Desk, counters, desk, mine
from .items import ToDo, close_items, open_item, replace_items

__all__ = [
    "MOST",
    "PAGE",
    "SOON",
    "Counters",
    "Desk",
    "ToDo",
    "close_items",
    "counters",
    "desk",
    "mine",
    "open_item",
    "replace_items",
]
