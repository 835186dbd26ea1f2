"""Addresses open to everybody."""

from django.urls import path

from . import desk, pages, search, verify

urlpatterns = [
    path("", pages.home, name="home"),
    path("communes/", pages.communes, name="communes"),
    path("collectivites/<str:organisation>/", pages.body, name="body"),
    path("recherche/", search.search, name="search"),
    path("verifier/", verify.verify, name="verify"),
    path("verifier/verify_evidence.py", verify.verifier, name="verifier"),
    path("o/<str:organisation>/", desk.entrance, name="organisation"),
    path("bureaux/", pages.desks, name="desks"),
    path("accessibilite/", pages.accessibility, name="accessibility"),
    path("mentions-legales/", pages.legal_notice, name="legal-notice"),
    path("api/", pages.api_reference, name="api"),
]
