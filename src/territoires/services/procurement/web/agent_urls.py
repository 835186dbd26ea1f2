"""Addresses of the agent's pages, under ``/o/<organisation>/procurement/``."""

from django.urls import path

from .continuity.agent_urls import urlpatterns as continuity
from .converters import DIGEST
from .desk import gestures, lists, matter, steps, tables

_ONE = "<uuid:consultation>/"

urlpatterns = [
    path("", lists.consultations, name="consultations"),
    path("new/", lists.new, name="new"),
    path(_ONE, matter.consultation, name="consultation"),
    path(_ONE + "need/", steps.need, name="need"),
    path(_ONE + "procedure/", steps.procedure, name="procedure"),
    path(_ONE + "lots/", tables.lots, name="lots"),
    path(_ONE + "criteria/", tables.criteria, name="criteria"),
    path(_ONE + "terms/", steps.terms, name="terms"),
    path(_ONE + "calendar/", steps.calendar, name="calendar"),
    path(_ONE + "calendar/take/", steps.take_calendar, name="take-calendar"),
    path(_ONE + "documents/", matter.files, name="documents"),
    path(_ONE + "documents/" + DIGEST, matter.file, name="file"),
    path(_ONE + "documents/" + DIGEST + "remove/", matter.remove_file, name="remove-file"),
    path(_ONE + "check/", matter.check, name="check"),
    path(_ONE + "check/override/", gestures.override, name="override"),
    path(_ONE + "validate/", gestures.validate, name="validate"),
    path(_ONE + "reopen/", gestures.reopen, name="reopen"),
    path(_ONE + "discard/", gestures.discard, name="discard"),
    path(_ONE + "copy/", gestures.copy, name="copy"),
    path(_ONE + "team/", matter.team, name="team"),
    path(_ONE + "team/leave/", matter.leave, name="leave"),
    *continuity,
]
