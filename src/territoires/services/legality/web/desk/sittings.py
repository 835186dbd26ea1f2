"""The pages of a sitting: who was there, its deliberations and their votes in one table, the list to publish."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from territoires.foundations.actions import api as rights
from territoires.foundations.documents import api as documents
from territoires.foundations.registry.api import kept_fields, page, sentence
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict, Invalid
from territoires.kernel.text import fold

from ...actions import drafting, filing
from ...actions import sittings as verbs
from ...actions.transmitting import prepare_transmission
from ...domain.files import MAIN
from ...domain.life import DRAFT, SIGNED
from ...domain.sitting import split_file_name
from ...domain.wording import ActWords, one_line
from ...models import Act, Sitting
from ...permissions import Legality
from ...queries import files
from ...queries import sittings as queries
from ...queries.effect import publicity_of
from ...queries.listing import lines_of, list_name, list_of_deliberations
from ...queries.minutes import minutes_among, minutes_of
from ...queries.progress import lacking
from ...queries.readiness import words_of
from ..evening import DeliberationRow, EveningForm, ExaminedForm, SittingForm, rows_of
from ..forms import Gesture
from ..requests import actor_of, keyed, keys_in, lists_of
from ..uploads import documents_of, taken
from .gestures import write_refusal
from .pages import LARGEST

EVENING = 4 * LARGEST
"""Bytes of the files of one evening, dropped together."""
MOST_FILES = 100


@require_safe
@page(Legality.READ_SITTING)
def sittings(request: HttpRequest, organisation: str) -> HttpResponse:
    """The sittings of the body, the latest first, with the list that is due."""
    actor = actor_of(request)
    found = queries.sittings_of(actor)
    context = {
        "sittings": [
            (one, queries.due_on(one), minutes)
            for one, minutes in zip(found, minutes_among(found), strict=True)
        ],
        "today": legal_day(actor.now()),
        "may_open": rights.may(actor, Legality.OPEN_SITTING),
    }
    return render(request, "legality/sittings.html", context)


@documents.receives_uploads(EVENING)  # type: ignore[arg-type]  # the page guard answers HttpResponseBase
@require_http_methods(["GET", "HEAD", "POST"])
@page(Legality.OPEN_SITTING)
def new(request: HttpRequest, organisation: str) -> HttpResponse:
    """One evening: who was there, and its files dropped together, which become as many drafts."""
    actor = actor_of(request)
    if request.method != "POST":
        form = EveningForm(kept_fields(request), initial=_proposed(request))
        return render(request, "legality/sitting_new.html", {"form": form})
    form = EveningForm(request.POST, request.FILES)
    form.is_valid()
    received = [*keys_in(request.POST.getlist("received")), *documents_of(request, "documents", form.key)]
    opened = None
    if not form.errors:
        try:
            opened = verbs.open_sitting(actor=keyed(request, form.key), words=form.words())
        except Invalid as refusal:
            write_refusal(form, refusal)
    if opened is None:
        waiting = [files.received(actor, key) for key in received[:MOST_FILES]]
        form.renew_key()
        return render(request, "legality/sitting_new.html", {"form": form, "received": waiting}, status=422)
    _draft(request, opened, received, form.texts(), form.key)
    return redirect("legality_desk:sitting", organisation=organisation, sitting=opened.pk)


@require_safe
@page(Legality.READ_SITTING)
def sitting(request: HttpRequest, organisation: str, sitting: UUID) -> HttpResponse:
    """The evening as it stands: its deliberations, their votes, what is due."""
    found = queries.sitting_of(actor_of(request), sitting)
    return _page(request, found, rows_of(queries.acts_of(found), lists_of(request)))


@require_http_methods(["GET", "HEAD", "POST"])
@page(Legality.KEEP_SITTING)
def edit(request: HttpRequest, organisation: str, sitting: UUID) -> HttpResponse:
    """Corrects who was there, and when."""
    found = queries.sitting_of(actor_of(request), sitting, Legality.KEEP_SITTING)
    if request.method != "POST":
        form = SittingForm(initial=SittingForm.initial_of(found))
        return render(request, "legality/sitting_edit.html", {"form": form, "sitting": found})
    form = SittingForm(request.POST)
    if form.is_valid():
        try:
            verbs.change_sitting(
                actor=keyed(request, form.key),
                sitting=found,
                words=form.words(),
                version=form.cleaned_data.get("version"),
            )
        except (Invalid, Conflict) as refusal:
            write_refusal(form, refusal)
        else:
            messages.success(request, _("The sitting is corrected."))
            return redirect("legality_desk:sitting", organisation=organisation, sitting=sitting)
    form.renew_key()
    return render(request, "legality/sitting_edit.html", {"form": form, "sitting": found}, status=422)


@documents.receives_uploads(EVENING)  # type: ignore[arg-type]  # the page guard answers HttpResponseBase
@require_http_methods(["GET", "HEAD", "POST"])
@page(Legality.KEEP_SITTING)
def add_files(request: HttpRequest, organisation: str, sitting: UUID) -> HttpResponse:
    """More deliberations of the same evening."""
    found = queries.sitting_of(actor_of(request), sitting, Legality.KEEP_SITTING)
    sent = request.method == "POST"
    form = ExaminedForm(request.POST, request.FILES) if sent else ExaminedForm()
    if not sent or not form.is_valid():
        context = {"form": form, "sitting": found}
        return render(request, "legality/sitting_files.html", context, status=422 if sent else 200)
    _draft(request, found, documents_of(request, "documents", form.key), form.texts(), form.key)
    return redirect("legality_desk:sitting", organisation=organisation, sitting=sitting)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Legality.KEEP_SITTING)
def save(request: HttpRequest, organisation: str, sitting: UUID) -> HttpResponse:
    """The whole table at once: the words of the drafts, and the votes."""
    found = queries.sitting_of(actor_of(request), sitting, Legality.KEEP_SITTING)
    if request.method != "POST":
        return _page(request, found, rows_of(queries.acts_of(found), lists_of(request)))
    gesture = Gesture(request.POST)
    gesture.is_valid()
    rows = rows_of(queries.acts_of(found), lists_of(request), request.POST)
    if len([row for row in rows if row.form.is_valid()]) < len(rows):
        return _page(request, found, rows, status=422)
    if "unanimous" in request.POST:
        for row in rows:
            row.form.fill_unanimous(found.voters)
    _revise(request, rows, gesture.key)
    ballots = {row.act.pk: ballot for row in rows if (ballot := row.form.ballot()) is not None}
    try:
        verbs.capture_votes(
            actor=keyed(request, f"{gesture.key}:votes"),
            sitting=found,
            ballots=ballots,
            version=gesture.cleaned_data.get("version"),
        )
    except Invalid as refusal:
        _place_faults(rows, refusal)
        return _page(request, found, rows, status=422)
    except Conflict as conflict:
        if conflict.code != "votes-unchanged":
            raise
    messages.success(request, _("The table is saved."))
    return redirect("legality_desk:sitting", organisation=organisation, sitting=sitting)


@require_safe
@page(Legality.READ_SITTING)
def list_file(request: HttpRequest, organisation: str, sitting: UUID) -> HttpResponseBase:
    """The list of deliberations as PDF: as it was published, else as it would be today."""
    found = queries.sitting_of(actor_of(request), sitting)
    if found.list_file is not None and "draft" not in request.GET:
        return documents.download_response(found.list_file, request, inline=True)
    response = HttpResponse(_printed(request, found), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{list_name(found)}"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@page(Legality.LIST)
def publish_list(request: HttpRequest, organisation: str, sitting: UUID) -> HttpResponse:
    """Publishes the list: first the page that shows it, then the gesture."""
    actor = actor_of(request)
    found = queries.sitting_of(actor, sitting, Legality.LIST)
    form = Gesture(request.POST or None, initial={"version": found.version})
    if request.method == "POST" and form.is_valid():
        try:
            verbs.publish_list(
                actor=keyed(request, form.key), sitting=found, version=form.cleaned_data.get("version")
            )
        except (Invalid, Conflict) as refusal:
            write_refusal(form, refusal)
        else:
            messages.success(request, _("The list of deliberations is on line."))
            return redirect("legality_desk:sitting", organisation=organisation, sitting=sitting)
    context = {"form": form, "sitting": found, "lines": lines_of(found), "due_on": queries.due_on(found)}
    return render(request, "legality/list_publish.html", context, status=422 if form.errors else 200)


@require_POST
@page(Legality.PREPARE)
def prepare_all(request: HttpRequest, organisation: str, sitting: UUID) -> HttpResponse:
    """Makes every signed act of an evening ready for the State, each a gesture of its own; those refused are told."""
    found = queries.sitting_of(actor_of(request), sitting)
    gesture = Gesture(request.POST)
    gesture.is_valid()
    done = 0
    for act in lacking(queries.acts_of(found)):
        try:
            prepare_transmission(actor=keyed(request, f"{gesture.key}:{act.pk}"), act=act)
            done += 1
        except (Invalid, Conflict) as refusal:
            messages.warning(request, _refusal_of(act.number, refusal))
    if done:
        text = ngettext(
            "%(count)d act is ready for the prefecture: somebody who may transmit confirms it with a certificate.",
            "%(count)d acts are ready for the prefecture: somebody who may transmit confirms them with a certificate.",
            done,
        )
        messages.success(request, text % {"count": done})
    return redirect("legality_desk:sitting", organisation=organisation, sitting=sitting)


def _proposed(request: HttpRequest) -> dict[str, Any]:
    """Who presides and how many sit is most likely as in the latest sitting."""
    latest = queries.latest_sitting(actor_of(request))
    proposed = {"represented": 0, "kind": "council"}
    if latest is None:
        return proposed
    return proposed | {
        "given_names": latest.given_names,
        "usual_name": latest.usual_name,
        "quality": latest.quality,
        "in_office": latest.in_office,
    }


def _draft(
    request: HttpRequest, sitting: Sitting, received: list[UUID], objects: list[str], key: str
) -> None:
    """One draft a file, and one an object without file; a file that is refused is told by its name."""
    evening = _Evening(request, sitting, key)
    for document in received[:MOST_FILES]:
        evening.take(document)
    for text in objects:
        evening.note(text)
    _tell(request, evening.done, evening.refused)


class _Evening:
    """The drafts that one form makes; the same form sent twice makes each once."""

    def __init__(self, request: HttpRequest, sitting: Sitting, key: str) -> None:
        self.request, self.sitting, self.key = request, sitting, key
        self.numbers = queries.free_numbers(actor_of(request))
        self.used = queries.numbers_taken(actor_of(request))
        present = queries.acts_of(sitting)
        self.documents = {act.main_id for act in present}
        self.texts = {act.object for act in present if act.main_id is None}
        self.done = 0
        self.refused: list[str] = []

    def take(self, document: UUID) -> None:
        """One draft from a file; one that is refused is told by its name."""
        if document in self.documents:
            return
        name = files.received(actor_of(self.request), document).name
        try:
            file = taken(self.request, document, MAIN)
        except Invalid as refusal:
            self.refused.append(_refusal_of(name, refusal))
            return
        number, text = split_file_name(name)
        if act := self._drafted(f"draft:{document}", number, text):
            filing.attach_main(actor=keyed(self.request, f"{self.key}:main:{document}"), act=act, file=file)

    def note(self, text: str) -> None:
        """One draft from an object alone."""
        if one_line(text) not in self.texts:
            self._drafted(f"object:{fold(text)[:100]}", "", text)

    def _drafted(self, what: str, number: str, text: str) -> Act | None:
        words = _words(self.request, self.sitting, self._number(number), text)
        actor = keyed(self.request, f"{self.key}:{what}")
        try:
            act = drafting.draft_act(actor=actor, words=words, sitting=self.sitting.pk)
        except Conflict:
            return None  # the same form, sent at the same time, is making it
        self.done += 1
        return act

    def _number(self, told: str) -> str:
        """The number that the file's name tells, when nobody bears it; else the next free one."""
        number = told if told and told not in self.used else ""
        number = number or next(one for one in self.numbers if not one or one not in self.used)
        self.used.add(number)
        return number


def _words(request: HttpRequest, sitting: Sitting, number: str, text: str) -> ActWords:
    return ActWords(
        number=number,
        nature=queries.DELIBERATION,
        matter_code=queries.matter_for(text, actor_of(request)),
        object=text,
        decided_on=sitting.held_on,
        given_names=sitting.given_names,
        usual_name=sitting.usual_name,
        quality=sitting.quality,
    )


def _refusal_of(name: str, refusal: Invalid | Conflict) -> str:
    said = refusal.faults[0] if refusal.faults else refusal
    return f"“{name}”: {sentence(said.message, said.params)} {sentence(said.remedy, said.params)}"


def _tell(request: HttpRequest, done: int, refused: list[str]) -> None:
    if done:
        text = ngettext("%(count)d draft is ready.", "%(count)d drafts are ready.", done)
        messages.success(request, text % {"count": done})
    for said in refused:
        messages.warning(request, said)


def _revise(request: HttpRequest, rows: list[DeliberationRow], key: str) -> None:
    """Saves the words of the drafts that were changed, each a gesture of its own."""
    changed_meanwhile = []
    for row in rows:
        words = row.form.changed_words(words_of(row.act))
        if row.act.state != DRAFT or words is None:
            continue
        try:
            drafting.revise_act(
                actor=keyed(request, f"{key}:revise:{row.act.pk}"),
                act=row.act,
                words=words,
                version=row.form.cleaned_data.get("version"),
            )
        except (Conflict, Invalid):
            changed_meanwhile.append(row.act.number or row.act.object)
    if changed_meanwhile:
        text = _("Not changed, because somebody else did meanwhile: %(numbers)s.")
        messages.warning(request, text % {"numbers": ", ".join(changed_meanwhile)})


def _place_faults(rows: list[DeliberationRow], refusal: Invalid) -> None:
    """Writes each fault of a vote in the row of its act."""
    by_act = {str(row.act.pk): row for row in rows}
    for fault in refusal.faults:
        key, _dash, column = fault.field.rpartition("-")
        if row := by_act.get(key):
            said = f"{sentence(fault.message, fault.params)} {sentence(fault.remedy, fault.params)}"
            row.form.add_error(column if column in row.form.fields else None, said)


def _page(
    request: HttpRequest,
    sitting: Sitting,
    rows: list[DeliberationRow],
    *,
    status: int = 200,
) -> HttpResponse:
    actor = actor_of(request)
    minutes = minutes_of(sitting)
    context = {
        "sitting": sitting,
        "rows": rows,
        "faulty": [row for row in rows if row.form.errors],
        "form": Gesture(initial={"version": sitting.version}),
        "due_on": queries.due_on(sitting),
        "minutes": minutes,
        "minutes_are_late": minutes.is_late(sitting, legal_day(actor.now())),
        "loose_drafts": queries.drafts_without_sitting(sitting),
        "today": legal_day(actor.now()),
        "publicity": publicity_of(sitting.organisation, legal_day(actor.now())),
        "may_keep": rights.may(actor, Legality.KEEP_SITTING, sitting),
        "may_list": rights.may(actor, Legality.LIST, sitting),
        "may_sign": actor.holds(Legality.SIGN),
        "drafts": sum(row.act.state == DRAFT for row in rows),
        "to_prepare": len(lacking([row.act for row in rows])) if actor.holds(Legality.PREPARE) else 0,
        "to_publish": [row.act for row in rows if row.act.state == SIGNED]
        if actor.holds(Legality.PUBLISH)
        else [],
    }
    return render(request, "legality/sitting.html", context, status=status)


def _printed(request: HttpRequest, sitting: Sitting) -> bytes:
    return list_of_deliberations(sitting, language=get_language() or "fr", at=actor_of(request).now())
