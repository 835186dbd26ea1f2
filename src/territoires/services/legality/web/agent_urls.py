"""Addresses of the agent's pages, under ``/o/<organisation>/legality/``."""

from django.urls import path, re_path

from . import desk
from .converters import DIGEST

urlpatterns = [
    path("", desk.acts, name="acts"),
    re_path(r"^actes\.(?P<form>csv|json)$", desk.export_acts, name="export"),
    path("publish/", desk.publish_selection, name="publish-selection"),
    path("new/", desk.new, name="new"),
    path("<uuid:act>/", desk.act, name="act"),
    path("<uuid:act>/edit/", desk.edit, name="edit"),
    path("<uuid:act>/annexes/<uuid:annex>/remove/", desk.remove_annex, name="remove-annex"),
    path("<uuid:act>/discard/", desk.discard, name="discard"),
    path("<uuid:act>/sign/", desk.sign, name="sign"),
    path("<uuid:act>/reopen/", desk.reopen, name="reopen"),
    path("<uuid:act>/publish/", desk.publish, name="publish"),
    path("<uuid:act>/notify/", desk.notify, name="notify"),
    path("<uuid:act>/withdraw/", desk.withdraw, name="withdraw"),
    path("<uuid:act>/files/" + DIGEST, desk.file, name="file"),
    path("<uuid:act>/certificate/", desk.certificate, name="certificate"),
    path("<uuid:act>/evidence/", desk.evidence, name="evidence"),
]
