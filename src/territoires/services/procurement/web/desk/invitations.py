"""Where enterprises are invited by name: one more while the call is open, one taken back."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from territoires.foundations.registry.api import page

from ...actions import inviting
from ...domain.wording import InvitedWords
from ...permissions import Procurement
from ...queries import consultations as queries
from ...queries.invitations import invitation_in
from ..forms import ReasonForm
from ..publication_forms import InviteForm
from ..requests import actor_of, sent
from .pages import context_of, performed, to_consultation


@require_http_methods(["GET", "HEAD", "POST"])
@page(Procurement.AMEND)
def invite(request: HttpRequest, organisation: str, consultation: UUID) -> HttpResponse:
    """Invites one more enterprise, by its SIRET."""
    found = queries.consultation_of(actor_of(request), consultation, Procurement.AMEND)
    form, status = InviteForm(sent(request), consultation=found), 200
    if request.method == "POST":
        done, status = performed(
            request,
            form,
            lambda actor: inviting.invite_enterprise(
                actor=actor,
                consultation=found,
                invited=InvitedWords(
                    form.cleaned_data["name"], form.cleaned_data["siret"], form.cleaned_data["email"]
                ),
            ),
        )
        if done:
            messages.success(request, _("The invitation has left, with a link of its own."))
            return to_consultation(organisation, found)
        form.renew(found)
    return render(
        request, "procurement/invite.html", {**context_of(request, found), "form": form}, status=status
    )


@require_http_methods(["GET", "HEAD", "POST"])
@page(Procurement.AMEND)
def withdraw_invitation(
    request: HttpRequest, organisation: str, consultation: UUID, correspondent: UUID
) -> HttpResponse:
    """Takes an invitation back, with its reason."""
    found = queries.consultation_of(actor_of(request), consultation, Procurement.AMEND)
    one = invitation_in(found, correspondent)
    form, status = ReasonForm(sent(request), consultation=found), 200
    if request.method == "POST":
        done, status = performed(
            request,
            form,
            lambda actor: inviting.withdraw_invitation(
                actor=actor, consultation=found, invitation=one, reason=form.cleaned_data["reason"]
            ),
        )
        if done:
            messages.success(request, _("The invitation is withdrawn: it opens nothing any more."))
            return to_consultation(organisation, found)
        form.renew(found)
    context = {**context_of(request, found), "form": form, "invitation": one}
    return render(request, "procurement/withdraw_invitation.html", context, status=status)
