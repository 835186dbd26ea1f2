"""A follower as a service would declare it. It fails as long as a file tells it to."""

from __future__ import annotations

from pathlib import Path

from django.apps import AppConfig
from django.conf import settings

from territoires.foundations.journal.api import Recorded, Subscription, subscribe

from .ahead import install_proofs, install_stamps

NAME = "journeys.reader"
REASON = "the outside register is closed"


def breakage(var: Path) -> Path:
    """While this file is there, nothing can be followed."""
    return var / "follower-is-broken"


def follow(fact: Recorded) -> None:
    if breakage(settings.ENVIRONMENT.var).exists():
        raise RuntimeError(REASON)


class FollowerConfig(AppConfig):
    name = "tests.journeys"
    label = "journeys"

    def ready(self) -> None:
        install_stamps()
        install_proofs()
        subscribe(Subscription(NAME, ["legality.act.published"], follow))
