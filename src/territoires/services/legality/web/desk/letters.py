"""The pages about one letter of the prefecture: answering it, confirming or giving up the answer, setting it aside."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from ...actions import replying
from ...domain.files import REPLY
from ...models import Act, StateLetter
from ...permissions import Legality
from ...queries.letters import letter_of
from ...queries.situation import received_letter
from ..forms import Gesture, ReasonForm
from ..letters import ReplyForm, shown_letter
from ..requests import actor_of, lists_of
from ..uploads import documents_of, taken
from .gestures import Arguments, GesturePage, GestureRequest
from .transmission import with_certificate


class AnswerPage(GesturePage):
    """Its form depends on the letter."""

    def make_form(self, request: HttpRequest, *given: Any, **options: Any) -> Gesture:
        letter = _letter(request, options["act"])
        return ReplyForm(*given, letter=letter, lists=lists_of(request), **options)


def _letter(request: HttpRequest, act: Act) -> StateLetter:
    return letter_of(act, _key(request))


def _key(request: HttpRequest) -> UUID:
    """The letter that the address names."""
    match = request.resolver_match
    assert match is not None
    key: UUID = match.kwargs["letter"]
    return key


def _shown(request: HttpRequest, act: Act) -> dict[str, Any]:
    return {"received": shown_letter(received_letter(_letter(request, act), actor_of(request).now()))}


def _shown_with_certificate(request: HttpRequest, act: Act) -> dict[str, Any]:
    return {**_shown(request, act), **with_certificate(request, act)}


def _this_letter(sent: GestureRequest) -> Arguments:
    return {"letter": _key(sent.request)}


def _reply(sent: GestureRequest) -> Arguments:
    found = documents_of(sent.request, "papers", sent.form.key)
    return {
        **_this_letter(sent),
        "kind": sent.form.cleaned_data["kind"],
        "files": [taken(sent.request, document, REPLY) for document in found],
        "piece_type": sent.form.cleaned_data["piece_type"],
    }


def _reason(sent: GestureRequest) -> Arguments:
    return {**_this_letter(sent), "reason": sent.form.cleaned_data["reason"]}


answer = AnswerPage(
    permission=Legality.PREPARE,
    verb=replying.prepare_reply,
    template="legality/answer_letter.html",
    done=_("The answer is ready; it leaves once somebody confirms it with a certificate."),
    arguments=_reply,
    context=_shown,
).view()

confirm = GesturePage(
    permission=Legality.SEND,
    verb=replying.confirm_reply,
    template="legality/confirm_reply.html",
    done=_("The answer is leaving for the prefecture."),
    arguments=_this_letter,
    context=_shown_with_certificate,
).view()

abandon = GesturePage(
    permission=Legality.PREPARE,
    verb=replying.abandon_reply,
    template="legality/abandon_reply.html",
    done=_("The answer is given up; nothing had left, and the letter waits again."),
    arguments=_this_letter,
    context=_shown,
).view()

settle = GesturePage(
    permission=Legality.PREPARE,
    verb=replying.settle_letter,
    template="legality/settle_letter.html",
    done=_("The letter is off your desk; it stays on the page of the act."),
    form=ReasonForm,
    arguments=_reason,
    context=_shown,
).view()
