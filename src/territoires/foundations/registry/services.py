"""The enabled services' manifests, read once the applications are ready."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from territoires.foundations.actions import api as actions
from territoires.foundations.exchange import api as exchange
from territoires.foundations.identity import api as identity
from territoires.foundations.journal import api as journal
from territoires.foundations.search import api as search

from .manifest import Manifest

ENTRY_POINTS = "territoires.services"


@cache
def manifests() -> dict[str, Manifest]:
    """Every enabled service's manifest by code, in the order of the settings, then third parties'."""
    packages = [f"territoires.services.{name}" for name in settings.ENABLED_SERVICES]
    packages += [point.value for point in entry_points(group=ENTRY_POINTS)]
    found = [import_module(f"{package}.manifest").MANIFEST for package in packages]
    return {manifest.code: manifest for manifest in found}


def manifest_of(code: str) -> Manifest:
    """The manifest of a service; KeyError when it is not enabled."""
    return manifests()[code]


def provider(port: type) -> Any:
    """What answers a port of the contracts: of the first enabled service that declares it; None when none does."""
    paths = (manifest.ports[port] for manifest in manifests().values() if port in manifest.ports)
    path = next(paths, None)
    return import_string(path) if path else None


def announce() -> None:
    """Hands each service's permissions to the roles and its sources to the search; called once, at the start."""
    for manifest in manifests().values():
        actions.entrust(manifest.roles)
        journal.subscribe(*manifest.follows)
        exchange.declare_channels(manifest.channels)
    for manifest in sorted(manifests().values(), key=lambda manifest: manifest.always_on):
        search.declare_sources(manifest.search)  # what the services hold is found before what the house holds
    identity.register_services({code: manifest.label for code, manifest in manifests().items()})
    identity.register_always_on(code for code, manifest in manifests().items() if manifest.always_on)
    identity.register_on_for({code: manifest.on_for for code, manifest in manifests().items()})
