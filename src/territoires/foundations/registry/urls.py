"""Every address of the platform. The acting organisation stands in the address: ``/o/<siren>/<service>/…``."""

from __future__ import annotations

from importlib import import_module

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from territoires.foundations.trust import api as trust

from .health import health
from .rest import VERSION, rest_api
from .services import manifests


def addresses() -> list[URLPattern | URLResolver]:
    """The whole address space, read from the manifests."""
    found: list[URLPattern | URLResolver] = [
        path("health", health),
        path("tsa", trust.time_stamp_view),
        path("accounts/", include("allauth.urls")),
        path("", include("territoires.foundations.identity.urls")),
        path("i18n/", include("django.conf.urls.i18n")),
        path(f"api/{VERSION}/", rest_api().urls),
    ]
    for manifest in manifests().values():
        if manifest.public_urls:
            found.append(path("", include((import_module(manifest.public_urls).urlpatterns, manifest.code))))
        if manifest.agent_urls:
            desk = (import_module(manifest.agent_urls).urlpatterns, f"{manifest.code}_desk")
            found.append(path(f"o/<str:organisation>/{manifest.code}/", include(desk)))
    if settings.ENVIRONMENT.is_demonstration:
        found.append(path("", include("territoires.ui.gallery.urls")))
    return found
