"""Addresses of the public register: stable, open to everybody, quoted in decisions and by search engines."""

from django.urls import path

from . import register
from .converters import DIGEST

_BODY = "collectivites/<str:organisation>/actes/"
_ACT = _BODY + "<uuid:act>/"

urlpatterns = [
    path("actes/", register.latest, name="latest"),
    path(_BODY, register.acts, name="register"),
    path(_BODY + "flux.atom", register.feed, name="feed"),
    path(_BODY + "deliberations.csv", register.open_table, name="open-table"),
    path(_BODY + "actes.json", register.open_json, name="open-json"),
    path(_ACT, register.act, name="act"),
    path(_ACT + "certificat/", register.certificate, name="certificate"),
    path(_ACT + "preuve/", register.evidence, name="evidence"),
    path(_ACT + "fichiers/" + DIGEST, register.file, name="file"),
]
