"""The platform's settings with one follower more, which the operator's journey can break."""

from territoires.config.settings import *  # noqa: F403

INSTALLED_APPS += ["tests.journeys.follower.FollowerConfig"]  # noqa: F405
