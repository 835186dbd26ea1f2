"""Addresses of the rehearsal: open to everybody."""

from django.urls import path

from . import entry, rehearsal

_ROOM = "marches/depot-d-essai/<uuid:room>/<str:secret>/"

urlpatterns = [
    path("marches/<uuid:consultation>/repondre/", entry.entry, name="answer"),
    path("marches/depot-d-essai/", rehearsal.begin, name="rehearse"),
    path(_ROOM, rehearsal.rehearsal, name="rehearsal"),
    path(_ROOM + "policy", rehearsal.policy, name="rehearsal-policy"),
    path(_ROOM + "clock", rehearsal.clock, name="rehearsal-clock"),
    path(_ROOM + "blocks", rehearsal.block, name="rehearsal-blocks"),
    path(_ROOM + "files/<uuid:file>", rehearsal.file, name="rehearsal-file"),
    path(_ROOM + "files/<uuid:file>/chunks", rehearsal.chunks, name="rehearsal-chunks"),
    path(_ROOM + "files/<uuid:file>/chunks/<int:index>", rehearsal.chunk, name="rehearsal-chunk"),
    path(_ROOM + "seal", rehearsal.seal, name="rehearsal-seal"),
]
