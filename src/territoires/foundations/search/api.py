"""The door of ``search``."""

from .indexing import clear, forget, index
from .searching import LIMIT, Found, Hit, SearchSource, declare_sources, findable, search

__all__ = [
    "LIMIT",
    "Found",
    "Hit",
    "SearchSource",
    "clear",
    "declare_sources",
    "findable",
    "forget",
    "index",
    "search",
]
