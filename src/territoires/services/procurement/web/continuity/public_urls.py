"""Addresses of what everybody may check, under ``/marches/``."""

from django.urls import path

from . import availability, former
from .probing import probe

_DAY = "marches/disponibilite/<str:day>/"

urlpatterns = [
    path("marches/sonde/", probe, name="probe"),
    path("marches/disponibilite/", availability.log, name="availability"),
    path(_DAY, availability.day, name="availability-day"),
    path(_DAY + "journal.csv", availability.table, name="availability-table"),
    path(_DAY + "journal.json", availability.as_json, name="availability-json"),
    path(_DAY + "preuve.zip", availability.proof, name="availability-proof"),
    path("marches/ailleurs/<uuid:listing>/", former.elsewhere, name="elsewhere"),
    path("marches/ancienne-adresse/", former.find, name="former-address"),
    path("marches/ancienne-adresse/<path:address>", former.forward, name="forward"),
]
