"""Addresses of continuity on the desk, under ``/o/<organisation>/procurement/``."""

from django.urls import path

from . import incidents

_INCIDENT = "incidents/<uuid:incident>/"
_TOUCHED = _INCIDENT + "<uuid:touched>/"

urlpatterns = [
    path("incidents/", incidents.ledger, name="incidents"),
    path("incidents/new/", incidents.declare, name="declare-incident"),
    path(_INCIDENT, incidents.incident, name="incident"),
    path(_INCIDENT + "edit/", incidents.revise, name="revise-incident"),
    path(_INCIDENT + "extend/", incidents.extend_all, name="extend-all"),
    path(_TOUCHED + "extend/", incidents.extend, name="extend"),
    path(_TOUCHED + "keep/", incidents.leave, name="leave-deadline"),
]
