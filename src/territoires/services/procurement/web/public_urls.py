"""Addresses of the public portal: stable, open to everybody, printed in notices and kept by search engines."""

from django.urls import path

from .continuity.public_urls import urlpatterns as continuity
from .converters import DIGEST
from .enterprise.public_urls import urlpatterns as enterprise
from .notice_urls import public_patterns as open_data
from .public import alerts, consultation, search

_ONE = "marches/<uuid:consultation>/"
_SEARCH = "marches/alertes/<uuid:search>/<str:token>/"

urlpatterns = [
    path("marches/", search.search, name="search"),
    path("marches/flux.atom", search.atom, name="search-feed"),
    path("marches/calendrier.ics", search.ics, name="search-calendar"),
    path("marches/marches.json", search.as_json, name="search-json"),
    path("marches/cpv/", search.cpv, name="cpv"),
    path("marches/alertes/", alerts.save, name="save-search"),
    path(_SEARCH + "confirmer/", alerts.confirm, name="confirm-search"),
    path(_SEARCH + "arreter/", alerts.stop, name="stop-search"),
    path("collectivites/<str:organisation>/marches/", search.of_body, name="of-body"),
    path(_ONE, consultation.consultation, name="consultation"),
    path(_ONE + "documents.zip", consultation.everything, name="documents"),
    path(_ONE + "documents/" + DIGEST, consultation.document, name="document"),
    path(_ONE + "suivre/", consultation.follow, name="follow"),
    path(_ONE + "suivre/<uuid:correspondent>/<str:token>/", consultation.stop, name="stop-telling"),
    path(_ONE + "invitation/<uuid:correspondent>/<str:token>/", consultation.invited, name="invited"),
    path(_ONE + "question/", consultation.ask, name="ask"),
    path(_ONE + "flux.atom", consultation.atom, name="feed"),
    path(_ONE + "calendrier.ics", consultation.ics, name="calendar"),
    path(_ONE + "donnees.json", consultation.as_json, name="json"),
    *open_data,
    *continuity,
    *enterprise,
]
