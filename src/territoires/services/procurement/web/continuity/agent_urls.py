"""Addresses of continuity on the desk, under ``/o/<organisation>/procurement/``."""

from django.urls import path

from . import closed_bids, incidents, packages, switching

_INCIDENT = "incidents/<uuid:incident>/"
_TOUCHED = _INCIDENT + "<uuid:touched>/"
_RUN = "switch/<uuid:run>/"
_PACKAGE = "packages/<uuid:package>/"
_ONE = "<uuid:consultation>/package/"
_CLOSED = "<uuid:consultation>/closed-bids/"

urlpatterns = [
    path("incidents/", incidents.ledger, name="incidents"),
    path("incidents/new/", incidents.declare, name="declare-incident"),
    path(_INCIDENT, incidents.incident, name="incident"),
    path(_INCIDENT + "edit/", incidents.revise, name="revise-incident"),
    path(_INCIDENT + "extend/", incidents.extend_all, name="extend-all"),
    path(_TOUCHED + "extend/", incidents.extend, name="extend"),
    path(_TOUCHED + "keep/", incidents.leave, name="leave-deadline"),
    path("switch/", switching.imports, name="imports"),
    path("switch/models/<str:kind>.csv", switching.model, name="import-model"),
    path(_RUN, switching.one_import, name="import"),
    path(_RUN + "report.csv", switching.report, name="import-report"),
    path(_RUN + "order/", switching.order, name="order-import"),
    path("packages/", packages.packages, name="packages"),
    path("packages/bring/", packages.bring, name="bring-package"),
    path(_PACKAGE, packages.package, name="package"),
    path(_PACKAGE + "package.zip", packages.package_file, name="package-file"),
    path(_PACKAGE + "manifest.xml", packages.transfer, name="package-transfer"),
    path(_PACKAGE + "<uuid:entry>/", packages.entry, name="package-entry"),
    path(_PACKAGE + "destroy/", packages.destroy, name="destroy-package"),
    path(_ONE, packages.whole_file, name="whole-file"),
    path(_ONE + "take/", packages.take, name="take-package"),
    path(_ONE + "keep/", packages.keep, name="keep-package"),
    path(_CLOSED, closed_bids.closed_bids, name="closed-bids"),
    path(_CLOSED + "destroy/", closed_bids.destroy, name="destroy-bids"),
    path(_CLOSED + "minutes/<str:language>/", closed_bids.minutes, name="destruction-minutes"),
    path(_CLOSED + "disputes/new/", closed_bids.note_dispute, name="note-dispute"),
    path(_CLOSED + "disputes/<uuid:dispute>/end/", closed_bids.end_dispute, name="end-dispute"),
]
