"""Addresses of the desk and of the operator's console, under ``/o/<organisation>/portal/``."""

from django.urls import path

from . import console, desk

urlpatterns = [
    path("", desk.desk, name="desk"),
    path("console/", console.console, name="console"),
    path("console/journal/", console.journal_page, name="journal"),
    path("console/dead-letters/", console.dead_letters, name="dead-letters"),
    path("console/dead-letters/<uuid:letter>/replay/", console.replay, name="replay"),
]
