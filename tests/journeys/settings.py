"""The platform's settings with one follower more, which the operator's journey can break, and a time that can move on."""

from .ahead import install_clock, install_hurry

install_clock()
install_hurry()

from territoires.config.settings import *  # noqa: E402, F403

INSTALLED_APPS += ["tests.journeys.follower.FollowerConfig"]  # noqa: F405
