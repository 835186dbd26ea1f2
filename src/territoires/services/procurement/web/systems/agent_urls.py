"""Addresses of a system or a framework agreement, under ``/o/<organisation>/procurement/``."""

from django.urls import path

from . import requests, system

_ONE = "<uuid:consultation>/system/"
_REQUEST = _ONE + "requests/<uuid:admission>/"

urlpatterns = [
    path(_ONE, system.system, name="system"),
    path(_ONE + "set-up/", system.set_up, name="set-up-system"),
    path(_ONE + "term/", system.change_term, name="change-term"),
    path(_ONE + "end/", system.end, name="end-system"),
    path(_ONE + "call/", system.call, name="call-under"),
    path(_REQUEST, requests.admission, name="admission"),
    path(_REQUEST + "decide/", requests.decide, name="decide-admission"),
    path(_REQUEST + "prolong/", requests.prolong, name="prolong-examination"),
    path(_REQUEST + "files/<str:sha256>/", requests.admission_file, name="admission-file"),
    path("<uuid:consultation>/admission/", requests.ask, name="ask-admission"),
    path("post/admissions/<uuid:admission>/", requests.theirs, name="their-admission"),
    path("post/admissions/<uuid:admission>/leave/", requests.leave, name="leave-system"),
]
