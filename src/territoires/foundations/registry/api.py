"""The door of ``registry``."""

from .manifest import Entry, HealthCheck, Manifest, Tile
from .services import manifest_of, manifests
from .urls import addresses

__all__ = ["Entry", "HealthCheck", "Manifest", "Tile", "addresses", "manifest_of", "manifests"]
