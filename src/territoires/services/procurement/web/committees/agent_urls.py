"""Addresses of the committees and their meetings, under ``/o/<organisation>/procurement/``."""

from django.urls import path

from . import committees, meetings

_ONE = "<uuid:consultation>/"
_MEETING = _ONE + "meetings/<uuid:meeting>/"

urlpatterns = [
    path("committees/", committees.committees, name="committees"),
    path("committees/new/", committees.new_committee, name="new-committee"),
    path("committees/<uuid:committee>/", committees.new_committee, name="committee"),
    path("committees/<uuid:committee>/members/", committees.name_members, name="committee-members"),
    path(_ONE + "meetings/convene/", meetings.convene, name="convene"),
    path(_MEETING, meetings.meeting_page, name="meeting"),
    path(_MEETING + "presence/", meetings.note_presence, name="meeting-presence"),
    path(_MEETING + "conflict/", meetings.declare_conflict, name="meeting-conflict"),
    path(_MEETING + "decision/", meetings.record_decision, name="meeting-decision"),
    path(_MEETING + "close/", meetings.close_meeting, name="close-meeting"),
    path(_MEETING + "minutes/", meetings.minutes, name="committee-minutes"),
]
