"""The body, the ministry and the acts of the tests of transmission, of which letters speak."""

from __future__ import annotations

from tests.services.legality.transmission.conftest import acknowledged, town  # noqa: F401
from tests.services.legality.transmission.test_pages import mayor  # noqa: F401
from tests.simulators.conftest import ministry, running_ministry  # noqa: F401
