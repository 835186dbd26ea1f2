"""The door of ``packs``."""

from .catalogue import all_packs, pack
from .reading import Entry, Pack, Source

__all__ = ["Entry", "Pack", "Source", "all_packs", "pack"]
