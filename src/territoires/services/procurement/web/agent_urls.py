"""Addresses of the agent's pages, under ``/o/<organisation>/procurement/``."""

from django.urls import path

from .award.agent_urls import urlpatterns as award
from .committees.agent_urls import urlpatterns as committees
from .continuity.agent_urls import urlpatterns as continuity
from .contracts.agent_urls import urlpatterns as contracts
from .converters import DIGEST
from .desk import (
    gestures,
    handovers,
    invitations,
    lists,
    matter,
    officers,
    opening,
    publication,
    safety_copies,
    steps,
    tables,
    writing,
)
from .enterprise.agent_urls import urlpatterns as enterprise
from .evaluation.agent_urls import urlpatterns as evaluation
from .notice_urls import agent as notices
from .systems.agent_urls import urlpatterns as systems

_ONE = "<uuid:consultation>/"

urlpatterns = [
    path("", lists.consultations, name="consultations"),
    path("new/", lists.new, name="new"),
    path("templates/", writing.templates, name="templates"),
    path("templates/<slug:template>/", writing.choose, name="choose-template"),
    path("templates/<slug:template>/drop/", writing.drop, name="drop-template"),
    path("templates/<slug:template>/model/", writing.model, name="template-model"),
    path("templates/<slug:template>/own/", writing.own_model, name="own-template"),
    path(_ONE, matter.consultation, name="consultation"),
    path(_ONE + "need/", steps.need, name="need"),
    path(_ONE + "procedure/", steps.procedure, name="procedure"),
    path(_ONE + "lots/", tables.lots, name="lots"),
    path(_ONE + "options/", tables.options, name="options"),
    path(_ONE + "criteria/", tables.criteria, name="criteria"),
    path(_ONE + "selection/", tables.selection, name="selection"),
    path(_ONE + "terms/", steps.terms, name="terms"),
    path(_ONE + "calendar/", steps.calendar, name="calendar"),
    path(_ONE + "calendar/take/", steps.take_calendar, name="take-calendar"),
    path(_ONE + "documents/", matter.files, name="documents"),
    path(_ONE + "documents/write/", writing.write, name="write-documents"),
    path(_ONE + "documents/preview/<slug:template>/", writing.preview, name="preview-document"),
    path(_ONE + "documents/" + DIGEST, matter.file, name="file"),
    path(_ONE + "documents/" + DIGEST + "remove/", matter.remove_file, name="remove-file"),
    path(_ONE + "check/", matter.check, name="check"),
    path(_ONE + "check/override/", gestures.override, name="override"),
    path(_ONE + "validate/", gestures.validate, name="validate"),
    path(_ONE + "submit/", gestures.submit, name="submit"),
    path(_ONE + "return/", gestures.send_back, name="return"),
    path(_ONE + "reopen/", gestures.reopen, name="reopen"),
    path(_ONE + "discard/", gestures.discard, name="discard"),
    path(_ONE + "copy/", gestures.copy, name="copy"),
    path(_ONE + "publish/", publication.publish, name="publish"),
    path(_ONE + "schedule/", publication.schedule, name="schedule"),
    path(_ONE + "call-off/", publication.call_off, name="call-off"),
    path(_ONE + "amend/", publication.amend, name="amend"),
    path(_ONE + "suspend/", publication.suspend, name="suspend"),
    path(_ONE + "resume/", publication.resume, name="resume"),
    path(_ONE + "withdraw/", publication.withdraw, name="withdraw"),
    path(_ONE + "abandon/", publication.abandon, name="abandon"),
    path(_ONE + "invitations/new/", invitations.invite, name="invite"),
    path(
        _ONE + "invitations/<uuid:correspondent>/withdraw/",
        invitations.withdraw_invitation,
        name="withdraw-invitation",
    ),
    path(_ONE + "questions/", publication.questions, name="questions"),
    path(_ONE + "questions/<uuid:question>/", publication.answer, name="answer"),
    path(_ONE + "questions/<uuid:question>/dismiss/", publication.dismiss, name="dismiss"),
    path(_ONE + "register/", publication.register, name="register"),
    path(_ONE + "register/retraits.csv", publication.register_table, name="register-table"),
    path(_ONE + "team/", matter.team, name="team"),
    path(_ONE + "team/leave/", matter.leave, name="leave"),
    *continuity,
    *evaluation,
    *committees,
    *award,
    *contracts,
    *systems,
    *enterprise,
]

_OPENING = _ONE + "opening/"
_HANDOVER = _OPENING + "replace/<uuid:handover>/"
_SESSION = _OPENING + "<uuid:order>/"

urlpatterns += [
    path("officer/", officers.officer, name="officer"),
    path("officer/accept/", officers.accept, name="officer-accept"),
    path("officer/trial/", officers.trial, name="officer-trial"),
    path("officer/slot/", officers.slot, name="officer-slot"),
    path(_OPENING, opening.opening, name="opening"),
    path(_OPENING + "way/<int:number>/", officers.way, name="officer-way"),
    path(_OPENING + "threshold/", opening.threshold, name="opening-threshold"),
    path(_OPENING + "prepare/", opening.prepare, name="opening-prepare"),
    path(_OPENING + "ask/", opening.ask, name="opening-ask"),
    path(_OPENING + "end/", opening.end, name="opening-end"),
    path(_OPENING + "replace/", handovers.ask, name="handover-ask"),
    path(_HANDOVER, handovers.handover, name="handover"),
    path(_HANDOVER + "papers/", handovers.papers, name="handover-papers"),
    path(_HANDOVER + "deal/", handovers.deal, name="handover-deal"),
    path(_HANDOVER + "receive/", handovers.receive, name="handover-receive"),
    path(_HANDOVER + "again/", handovers.again, name="handover-again"),
    path(_HANDOVER + "end/", handovers.end, name="handover-end"),
    path(_HANDOVER + "package.zip", handovers.package, name="handover-package"),
    path(_HANDOVER + "bring/", handovers.bring, name="handover-bring"),
    path(_SESSION, opening.session, name="session"),
    path(_SESSION + "release/", officers.release, name="release"),
    path(_SESSION + "release/papers/", officers.papers, name="release-papers"),
    path(_SESSION + "release/give/", officers.give, name="release-give"),
    path(_SESSION + "release/decline/", officers.decline, name="release-decline"),
    path(_SESSION + "presence/", opening.presence, name="session-presence"),
    path(_SESSION + "cancel/", opening.cancel, name="session-cancel"),
    path(_SESSION + "bring/", opening.bring, name="session-bring"),
    path(_SESSION + "order.json", opening.order_file, name="session-order"),
    path(_SESSION + "package.zip", opening.package, name="session-package"),
    path(_SESSION + "minutes/<str:language>/", opening.minutes, name="session-minutes"),
    path(_ONE + "opened/", opening.opened, name="opened"),
    path(_ONE + "opened/all.zip", opening.opened_all, name="opened-all"),
    path(_ONE + "opened/<uuid:file>/", opening.opened_file, name="opened-file"),
    path(_ONE + "opened/in-place/<str:sha256>/", opening.file_in_place, name="file-in-place"),
    path(_ONE + "opened/<uuid:file>/repair/", safety_copies.repair, name="repair"),
    path(_ONE + "safety-copies/", safety_copies.copies, name="safety-copies"),
    path(_ONE + "safety-copies/<uuid:copy>/open/", safety_copies.open_copy, name="safety-copy-open"),
    path(
        _ONE + "safety-copies/<uuid:copy>/minutes/<str:language>/",
        safety_copies.copy_minutes,
        name="safety-copy-minutes",
    ),
    path(_ONE + "safety-copies/<uuid:copy>/destroy/", safety_copies.destroy_copy, name="safety-copy-destroy"),
]

urlpatterns += notices
