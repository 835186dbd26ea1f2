"""Addresses of the desk and of the operator's console, under ``/o/<organisation>/portal/``."""

from django.urls import path

from . import console, desk, search

urlpatterns = [
    path("", desk.desk, name="desk"),
    path("search/", search.desk_search, name="search"),
    path("console/", console.console, name="console"),
    path("console/journal/", console.journal_page, name="journal"),
    path("console/dead-letters/", console.dead_letters, name="dead-letters"),
    path("console/dead-letters/<uuid:letter>/replay/", console.replay, name="replay"),
    path("console/failed-jobs/<int:job>/replay/", console.replay_job, name="replay-job"),
    path("console/exchanges/", console.exchanges, name="exchanges"),
    path("console/exchanges/<uuid:parcel>/send-again/", console.send_again, name="send-again"),
    path("console/quarantine/<uuid:arrival>/", console.arrival_file, name="arrival-file"),
    path("console/quarantine/<uuid:arrival>/replay/", console.replay_arrival, name="replay-arrival"),
    path("console/quarantine/<uuid:arrival>/discard/", console.discard_arrival, name="discard-arrival"),
]
