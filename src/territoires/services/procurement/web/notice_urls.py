"""Addresses of notices and essential data: the agent's, and the public ones under ``/marches/donnees/``."""

from django.urls import path

from .desk import notices, open_data
from .public import open_data as public

_NOTICES = "<uuid:consultation>/notices/"
_NOTICE = _NOTICES + "<uuid:notice>/"
_DATA = "open-data/"

agent = [
    path("notices/profile/", notices.profile, name="notice-profile"),
    path(_NOTICES, notices.notices, name="notices"),
    path(_NOTICES + "new/", notices.new, name="notice-new"),
    path(_NOTICE, notices.notice, name="notice"),
    path(_NOTICE + "rewrite/", notices.rewrite, name="notice-rewrite"),
    path(_NOTICE + "send/", notices.send, name="notice-send"),
    path(_NOTICE + "stop/", notices.stop, name="notice-stop"),
    path(_NOTICE + "published/", notices.published, name="notice-published"),
    path(_NOTICE + "correct/", notices.correct, name="notice-correct"),
    path(_NOTICE + "notice.xml", notices.file, name="notice-file"),
    path(_DATA, open_data.records, name="open-data"),
    path(_DATA + "new/", open_data.new_record, name="open-data-new"),
    path(_DATA + "import/", open_data.bring, name="open-data-bring"),
    path(_DATA + "import/<uuid:run>/", open_data.import_log, name="open-data-import"),
    path(_DATA + "publish/", open_data.publish, name="open-data-publish"),
    path(_DATA + "decp.json", open_data.file, name="open-data-file"),
    path(_DATA + "<uuid:record>/", open_data.record, name="open-data-record"),
]

_PUBLIC = "marches/donnees/"

public_patterns = [
    path(_PUBLIC, public.overview, name="open-data"),
    path(_PUBLIC + "flux.json", public.feed, name="ocds-feed"),
    path(_PUBLIC + "catalogue.jsonld", public.catalogue, name="open-data-catalogue"),
    path(_PUBLIC + "decp/<str:organisation>.json", public.decp, name="decp"),
    path(_PUBLIC + "<uuid:consultation>/ocds.json", public.releases, name="ocds"),
    path(_PUBLIC + "<uuid:consultation>/record.json", public.record, name="ocds-record"),
]
