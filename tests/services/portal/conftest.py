"""The people of the route tests and the partner of the bus's tests, for the console's pages."""

from tests.foundations.exchange.conftest import other_side, posted, worker
from tests.foundations.journal.conftest import book, no_followers
from tests.routes.conftest import built, world

__all__ = ["book", "built", "no_followers", "other_side", "posted", "worker", "world"]
