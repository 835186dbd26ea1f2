"""The same world as the pages'."""

from tests.routes.conftest import built, world

__all__ = ["built", "world"]
