"""Addresses of the public register: stable, open to everybody, quoted in decisions and by search engines."""

from django.urls import path

from . import embed, public_sittings, register
from .converters import DIGEST

_BODY = "collectivites/<str:organisation>/actes/"
_ACT = _BODY + "<uuid:act>/"

_SITTINGS = "collectivites/<str:organisation>/seances/"

urlpatterns = [
    path("actes/", register.latest, name="latest"),
    path("actes/registre.js", embed.script, name="embed-script"),
    path(_BODY, register.acts, name="register"),
    path(_BODY + "flux.atom", embed.open_to_other_sites(register.feed), name="feed"),
    path(_BODY + "deliberations.csv", embed.open_to_other_sites(register.open_table), name="open-table"),
    path(_BODY + "actes.json", embed.open_to_other_sites(register.open_json), name="open-json"),
    path(_BODY + "liste.json", embed.acts, name="embed-list"),
    path(_SITTINGS, public_sittings.sittings, name="sittings"),
    path(_SITTINGS + "<uuid:sitting>/", public_sittings.sitting, name="sitting"),
    path(_SITTINGS + "<uuid:sitting>/liste/" + DIGEST, public_sittings.list_file, name="sitting-list"),
    path(
        _SITTINGS + "<uuid:sitting>/proces-verbal/" + DIGEST,
        public_sittings.minutes_file,
        name="sitting-minutes",
    ),
    path(_ACT, register.act, name="act"),
    path(_ACT + "certificat/", register.certificate, name="certificate"),
    path(_ACT + "preuve/", register.evidence, name="evidence"),
    path(_ACT + "fichiers/" + DIGEST, register.file, name="file"),
]
