"""The buyer's pages around the publication: publish, change, answer, read the register."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from territoires.foundations.actions import api as rights
from territoires.foundations.documents import api as documents
from territoires.foundations.registry.api import page
from territoires.kernel.actor import Actor
from territoires.kernel.clock import PARIS, legal_day

from ...actions import amending, answering, publishing
from ...domain.findings import Finding, Severity
from ...domain.life import LIFE, PUBLISHED, SUSPENDED
from ...domain.tables import csv_lines
from ...models import Consultation, Question, QuestionState, Withdrawal
from ...permissions import Procurement
from ...queries import consultations as queries
from ...queries import publication, quorum
from ...queries.files import LARGEST, received
from ...queries.invitations import invitations_of
from ...queries.readiness import publication_obstacles
from ...queries.sheets import criteria_of, lots_of, pieces_of
from ...queries.wording import filled
from ..forms import ReasonForm
from ..publication_forms import (
    FILES,
    AmendForm,
    AnswerForm,
    PublicReasonForm,
    PublishForm,
    ResumeForm,
    ScheduleForm,
)
from ..requests import actor_of, keyed, sent
from ..words import article_of
from .gestures import GesturePage
from .pages import REFUSALS, context_of, performed, to_consultation

PAGE = 50
COLUMNS = (
    "numero",
    "instant_utc",
    "heure_paris",
    "fichier",
    "sha256",
    "version",
    "nom",
    "entreprise",
    "courriel",
    "adresse_reseau",
)


def panel(actor: Actor, consultation: Consultation) -> dict[str, Any]:
    """What the page of the consultation says of its publication, and what may be done there."""
    state, now = consultation.state, actor.now()
    may_publish = rights.may(actor, Procurement.PUBLISH, consultation)
    may_amend = rights.may(actor, Procurement.AMEND, consultation)
    is_live = publication.state_at(consultation, now) in (PUBLISHED, SUSPENDED)
    waiting = (
        [one for one in publication.questions_of(consultation) if one.state == QuestionState.OPEN]
        if consultation.published_at
        else []
    )
    return {
        "is_public": consultation.published_at is not None,
        "is_live": is_live,
        "may_publish": may_publish and LIFE.allows(state, "publish"),
        "may_call_off": may_publish and LIFE.allows(state, "call_off"),
        "may_amend": may_amend and is_live,
        "may_suspend": may_amend and is_live and LIFE.allows(state, "suspend"),
        "may_resume": may_amend and state == SUSPENDED,
        "may_withdraw": may_amend and is_live,
        "may_abandon": may_amend and LIFE.allows(state, "abandon") and not is_live,
        "may_answer": rights.may(actor, Procurement.ANSWER, consultation),
        "may_read_register": rights.may(actor, Procurement.REGISTER, consultation),
        "waiting": len(waiting),
        "register": publication.register_count(consultation),
        "amendments": publication.amendments_of(consultation),
        "state_now": publication.state_at(consultation, now),
        "invited": invitations_of(consultation),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@page(Procurement.PUBLISH)
def publish(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """The last look before everybody sees it: what stops it, what freezes, what enterprises will read."""
    actor = actor_of(request)
    found = queries.consultation_of(actor, consultation, Procurement.PUBLISH)
    form, status = PublishForm(sent(request), consultation=found), 200
    if request.method == "POST":
        done, status = performed(
            request,
            form,
            lambda actor: publishing.publish_consultation(
                actor=actor,
                consultation=found,
                shows_value=form.cleaned_data["shows_value"],
                version=form.cleaned_data.get("version"),
            ),
        )
        if done:
            messages.success(request, _told_published(found))
            return to_consultation(organisation, found)
        found = queries.consultation_of(actor, consultation, Procurement.PUBLISH)
        form.renew(found)
    elif not LIFE.allows(found.state, "publish"):
        return to_consultation(organisation, found)
    return render(request, "procurement/publish.html", _review(request, found, form), status=status)


def _told_published(found: Consultation) -> str:
    if found.is_private:
        return _("The invitations have left: each enterprise that you named has its link.")
    return _("The consultation is published: everybody can read it.")


@require_http_methods(["GET", "HEAD", "POST"])
@page(Procurement.PUBLISH)
def schedule(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """The same at an hour to come."""
    actor = actor_of(request)
    found = queries.consultation_of(actor, consultation, Procurement.PUBLISH)
    form, status = ScheduleForm(sent(request), consultation=found, initial=_usual_hour(found)), 200
    if request.method == "POST":
        done, status = performed(
            request,
            form,
            lambda actor: publishing.schedule_publication(
                actor=actor,
                consultation=found,
                publish_at=form.cleaned_data["publish_at"],
                shows_value=form.cleaned_data["shows_value"],
                version=form.cleaned_data.get("version"),
            ),
        )
        if done:
            messages.success(request, _("The publication is scheduled."))
            return to_consultation(organisation, found)
        found = queries.consultation_of(actor, consultation, Procurement.PUBLISH)
        form.renew(found)
    elif not LIFE.allows(found.state, "schedule"):
        return to_consultation(organisation, found)
    return render(request, "procurement/schedule.html", _review(request, found, form), status=status)


call_off = GesturePage(
    permission=Procurement.PUBLISH,
    verb=publishing.call_off_publication,
    template="procurement/call_off.html",
    done=gettext_lazy("The publication is called off; the consultation stays validated."),
).view()

suspend = GesturePage(
    permission=Procurement.AMEND,
    verb=amending.suspend_consultation,
    template="procurement/suspend.html",
    done=gettext_lazy("The call is suspended; who left an address is told."),
    form=PublicReasonForm,
    fields=("reason",),
).view()

withdraw = GesturePage(
    permission=Procurement.AMEND,
    verb=amending.withdraw_consultation,
    template="procurement/withdraw.html",
    done=gettext_lazy("The call is withdrawn; who left an address is told."),
    form=PublicReasonForm,
    fields=("reason",),
).view()

abandon = GesturePage(
    permission=Procurement.AMEND,
    verb=amending.abandon_consultation,
    template="procurement/abandon.html",
    done=gettext_lazy("The consultation is declared without follow-up; who left an address is told."),
    form=PublicReasonForm,
    fields=("reason",),
).view()


@require_http_methods(["GET", "HEAD", "POST"])
@page(Procurement.AMEND)
def resume(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """Takes a suspended call up again, with a deadline to come."""
    actor = actor_of(request)
    found = queries.consultation_of(actor, consultation, Procurement.AMEND)
    proposed = publication.proposed_deadline(found, actor.now(), is_substantial=True)
    initial = ResumeForm.split("applications", found.applications_until) | ResumeForm.split(
        "tenders", found.tenders_until
    )
    if proposed is not None:
        initial |= ResumeForm.split("applications" if found.applications_until else "tenders", proposed)
    form, status = ResumeForm(sent(request), consultation=found, initial=initial), 200
    if request.method == "POST":
        done, status = performed(
            request,
            form,
            lambda actor: amending.resume_consultation(
                actor=actor,
                consultation=found,
                reason=form.cleaned_data["reason"],
                values=form.deadlines(),
                version=form.cleaned_data.get("version"),
            ),
        )
        if done:
            messages.success(request, _("The call is resumed; who left an address is told."))
            return to_consultation(organisation, found)
        found = queries.consultation_of(actor, consultation, Procurement.AMEND)
        form.renew(found)
    elif found.state != SUSPENDED:
        return to_consultation(organisation, found)
    context = {**context_of(request, found), "form": form, "proposed": proposed}
    return render(request, "procurement/resume.html", context, status=status)


@documents.receives_uploads(LARGEST)  # type: ignore[arg-type]  # what a page gives is any response
@require_http_methods(["GET", "HEAD", "POST"])
@page(Procurement.AMEND)
def amend(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """Words, calendar and documents of a published consultation, as one change that all are told of."""
    actor = actor_of(request)
    found = queries.consultation_of(actor, consultation, Procurement.AMEND)
    pieces, status = pieces_of(found), 200
    files = request.FILES if request.method == "POST" else None
    form = AmendForm(sent(request), files, consultation=found, pieces=pieces)
    if request.method == "POST":
        form.is_valid()
        arrived = _received_files(request, form)
        done, status = performed(
            request,
            form,
            lambda actor: amending.amend_consultation(
                actor=actor,
                consultation=found,
                summary=form.cleaned_data["summary"],
                reason=form.cleaned_data["reason"],
                values=form.values(),
                pieces=_new_pieces(form, arrived),
                retired=form.cleaned_data.get("retired", ()),
                is_substantial=form.cleaned_data["is_substantial"],
                version=form.cleaned_data.get("version"),
            ),
        )
        if done:
            messages.success(request, _("The change is published; who left an address is told."))
            return to_consultation(organisation, found)
        form.renew(queries.consultation_of(actor, consultation, Procurement.AMEND))
        for number, document in arrived.items():
            form.keep(number, document)
    elif not panel(actor, found)["may_amend"]:
        return to_consultation(organisation, found)
    context = {
        **context_of(request, found),
        "form": form,
        "file_rows": form.file_rows(),
        "proposed": publication.proposed_deadline(found, actor.now(), is_substantial=False),
        "proposed_substantial": publication.proposed_deadline(found, actor.now(), is_substantial=True),
        "told": len(publication.correspondents_of(found)),
    }
    return render(request, "procurement/amend.html", context, status=status)


@require_safe
@page(Procurement.ANSWER)
def questions(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """The questions, those that wait first."""
    actor = actor_of(request)
    found = queries.consultation_of(actor, consultation, Procurement.ANSWER)
    due = publication.answers_due(found, actor.now())
    context = {
        **context_of(request, found),
        "questions": publication.questions_of(found),
        "last_day": due
        and legal_day(due - timedelta.resolution),  # it is due at midnight, the end of that day
    }
    return render(request, "procurement/questions.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Procurement.ANSWER)
def answer(request: HttpRequest, organisation: str, consultation: UUID, question: UUID) -> HttpResponse:
    """One question: as it was asked, as it will be published, its answer."""
    actor = actor_of(request)
    found = queries.consultation_of(actor, consultation, Procurement.ANSWER)
    one = publication.question_of(found, question)
    late, initial = _answer_guard(found, one, actor)
    form, status = AnswerForm(sent(request), consultation=found, is_late=late, initial=initial), 200
    if request.method == "POST":
        done, status = performed(
            request,
            form,
            lambda actor: answering.answer_question(
                actor=actor,
                consultation=found,
                question=one.pk,
                public_text=form.cleaned_data["public_text"],
                answer=form.cleaned_data["answer"],
                tenders_until=form.deadline() if not form.cleaned_data.get("late_reason") else None,
                late_reason=form.cleaned_data.get("late_reason", ""),
            ),
        )
        if done:
            messages.success(request, _("The answer is published to all; who left an address is told."))
            return redirect("procurement_desk:questions", organisation=organisation, consultation=found.pk)
        form.renew(queries.consultation_of(actor, consultation, Procurement.ANSWER))
    context = {**context_of(request, found), "form": form, "question": one, "is_late": late}
    return render(request, "procurement/answer.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Procurement.ANSWER)
def dismiss(request: HttpRequest, organisation: str, consultation: UUID, question: UUID) -> HttpResponse:
    """Leaves a question without a public answer, with the reason in the file."""
    actor = actor_of(request)
    found = queries.consultation_of(actor, consultation, Procurement.ANSWER)
    one = publication.question_of(found, question)
    form, status = ReasonForm(sent(request), consultation=found), 200
    if request.method == "POST":
        done, status = performed(
            request,
            form,
            lambda actor: answering.dismiss_question(
                actor=actor,
                consultation=found,
                question=one.pk,
                reason=form.cleaned_data["reason"],
            ),
        )
        if done:
            messages.success(request, _("The question stays without an answer; the reason is kept."))
            return redirect("procurement_desk:questions", organisation=organisation, consultation=found.pk)
        form.renew(found)
    context = {**context_of(request, found), "form": form, "question": one}
    return render(request, "procurement/dismiss.html", context, status=status)


@require_safe
@page(Procurement.REGISTER)
def register(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """Who took which document when."""
    found = queries.consultation_of(actor_of(request), consultation, Procurement.REGISTER)
    lines = Paginator(publication.withdrawals_of(found).order_by("-withdrawn_at", "-id"), PAGE)
    shown = lines.get_page(request.GET.get("page"))
    names = _names(found)
    context = {
        **context_of(request, found),
        "page": shown,
        "lines": [{"one": one, "name": names.get(one.sha256, "")} for one in shown],
        "count": publication.register_count(found),
        "correspondents": publication.correspondents_of(found),
    }
    return render(request, "procurement/register.html", context)


@require_safe
@page(Procurement.REGISTER)
def register_table(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponseBase:
    """The register as CSV, oldest first."""
    found = queries.consultation_of(actor_of(request), consultation, Procurement.REGISTER)
    lines = csv_lines(COLUMNS, _register_rows(found))
    response = StreamingHttpResponse(
        (line.encode() for line in lines), content_type="text/csv; charset=utf-8"
    )
    name = f"retraits-{found.reference or found.pk}.csv"
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response


def _register_rows(found: Consultation) -> Iterator[dict[str, str]]:
    names = _names(found)
    withdrawals = publication.withdrawals_of(found).iterator(chunk_size=500)
    for number, one in enumerate(withdrawals, start=1):
        yield _register_row(number, one, names)


def _register_row(number: int, one: Withdrawal, names: dict[str, str]) -> dict[str, str]:
    who = one.correspondent
    return {
        "numero": str(number),
        "instant_utc": one.withdrawn_at.isoformat(),
        "heure_paris": one.withdrawn_at.astimezone(PARIS).strftime("%d/%m/%Y %H:%M:%S"),
        "fichier": names.get(one.sha256, "") if one.sha256 else "dossier complet",
        "sha256": one.sha256,
        "version": str(one.version),
        "nom": who.name if who else "anonyme",
        "entreprise": who.enterprise if who else "",
        "courriel": who.email if who else "",
        "adresse_reseau": one.address_hash,
    }


def _names(found: Consultation) -> dict[str, str]:
    pieces = [*pieces_of(found), *publication.former_pieces_of(found)]
    return {piece.sha256: piece.document.name for piece in pieces}


def _review(request: HttpRequest, found: Consultation, form: Any) -> dict[str, Any]:
    policy = quorum.current_policy(found)
    return {
        **context_of(request, found),
        "form": form,
        "obstacles": [_told(one) for one in publication_obstacles(found, actor_of(request))],
        "policy": policy,
        "lots": lots_of(found),
        "criteria": criteria_of(found),
        "pieces": pieces_of(found),
        "deadline": publication.first_deadline(found),
    }


def _told(finding: Finding) -> dict[str, Any]:
    return {
        "message": filled(finding.message, finding.params),
        "remedy": filled(finding.remedy, finding.params),
        "article": article_of(finding.article),
        "is_forbidden": finding.severity is Severity.REFUSAL,
    }


def _usual_hour(found: Consultation) -> dict[str, Any]:
    return {"publish_on": found.publish_on, "publish_hour": "09:00"}


def _answer_guard(found: Consultation, one: Question, actor: Actor) -> tuple[bool, dict[str, Any]]:
    """Whether an answer now comes too late, and what the form begins with."""
    initial: dict[str, Any] = {"public_text": one.public_text or one.text, "answer": one.answer}
    late = answering.is_late_answer(found, actor.now())
    if late:
        proposed = publication.proposed_deadline(found, actor.now(), is_substantial=False)
        initial |= AnswerForm.split("applications" if found.applications_until else "tenders", proposed)
    return late, initial


def _received_files(request: HttpRequest, form: AmendForm) -> dict[int, Any]:
    """The files of the form by their place, kept as soon as they came in; those of an earlier try, too."""
    actor, found = actor_of(request), {}
    for number in FILES:
        upload = request.FILES.get(f"document_{number}")
        kept = form.cleaned_data.get(f"kept_{number}")
        try:
            if upload is not None:
                found[number] = documents.receive_upload(
                    upload,
                    organisation=actor.acting_organisation(),
                    actor=keyed(request, f"{form.key}:document:{number}"),
                )
            elif kept is not None:
                found[number] = received(actor, kept)
        except REFUSALS as refusal:
            form.write_refusal(refusal)
    return found


def _new_pieces(form: AmendForm, arrived: dict[int, Any]) -> list[amending.NewPiece]:
    return [
        amending.NewPiece(
            document=document.pk,
            kind=form.cleaned_data.get(f"kind_{number}", ""),
            replaces=form.cleaned_data.get(f"replaces_{number}", ""),
        )
        for number, document in arrived.items()
    ]
