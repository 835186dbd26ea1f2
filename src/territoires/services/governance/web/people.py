"""People, roles, mandates and rights of one organisation: one's own, or for the operator any member's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from territoires.foundations.actions import api as rights_api
from territoires.foundations.identity import api as identity
from territoires.foundations.registry.api import page
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Invalid

from ..permissions import Governance
from ..queries import members as member_queries
from ..queries import people as queries
from .forms import InvitationForm
from .tabs import tabs


@require_http_methods(["GET", "HEAD", "POST"])
@page(Governance.READ_PEOPLE)
def people(request: HttpRequest, organisation: str) -> HttpResponse:
    """Who is here, with which roles; inviting somebody."""
    actor, member = actor_of(request), member_of(request)
    choices, services = role_choices(member), list(identity.switchable_services().items())
    form = InvitationForm(
        request.POST if request.method == "POST" else None, roles=choices, services=services
    )
    if request.method == "POST" and form.is_valid():
        identity.invite_person(actor=actor, organisation=member, **form.invitation())
        messages.success(request, _("The invitation has left; it is good for fourteen days."))
        return back(request, organisation, "people")
    here = queries.people_of(actor, member)
    context = {
        "member": member,
        "people": here,
        "administrators_missing": queries.lacks_administrators(here),
        "may_keep": rights_api.may(actor, Governance.KEEP_PEOPLE, member),
        "invitations": queries.open_invitations(actor, member),
        "role_choices": choices,
        "services": services,
        "form": form,
        "target_query": target_query(request),
        "tabs": tabs(request),
    }
    return render(request, "governance/people.html", context, status=422 if form.errors else 200)


@require_POST
@page(Governance.KEEP_PEOPLE)
def correct_invitation(request: HttpRequest, organisation: str) -> HttpResponse:
    """Sends an open invitation again, to a corrected address perhaps, or cancels it."""
    actor, invitation = actor_of(request), id_in(request, "invitation")
    if "cancel" in request.POST:
        identity.cancel_invitation(actor=actor, invitation=invitation)
        messages.success(request, _("The invitation is cancelled; its link opens nothing any more."))
    else:
        identity.send_again(actor=actor, invitation=invitation, email=request.POST.get("email", ""))
        messages.success(request, _("The invitation has left; it is good for fourteen days."))
    return back(request, organisation, "people")


@require_POST
@page(Governance.KEEP_PEOPLE)
def assign_role(request: HttpRequest, organisation: str) -> HttpResponse:
    """Gives a role to somebody who is here."""
    membership, role = id_in(request, "membership"), request.POST.get("role", "")
    identity.assign_role(
        actor=actor_of(request),
        membership=membership,
        role=role,
        scope=request.POST.getlist("scope"),
        until=day_in(request, "until"),
    )
    messages.success(request, _("The role is given."))
    return back(request, organisation, "people")


@require_POST
@page(Governance.KEEP_PEOPLE)
def end_role(request: HttpRequest, organisation: str) -> HttpResponse:
    """Ends a role, at once."""
    identity.end_role(actor=actor_of(request), assignment=id_in(request, "assignment"))
    messages.success(request, _("The role has ended."))
    return back(request, organisation, "people")


@require_POST
@page(Governance.KEEP_PEOPLE)
def departure(request: HttpRequest, organisation: str) -> HttpResponse:
    """Ends everything that a person holds here, at once."""
    identity.end_membership(actor=actor_of(request), membership=id_in(request, "membership"))
    messages.success(request, _("Roles, mandates and access here have ended."))
    return back(request, organisation, "people")


@require_safe
@page(Governance.EXPLAIN_RIGHTS)
def rights(request: HttpRequest, organisation: str) -> HttpResponse:
    """Who can do what here, and through which role or mandate."""
    actor, member = actor_of(request), member_of(request)
    context = {"member": member, "rights": queries.rights_held(actor, member), "tabs": tabs(request)}
    return render(request, "governance/rights.html", context)


def role_choices(member: Any) -> list[tuple[str, Any]]:
    """The roles that can be given in an organisation; the one that gives all the others is never the first choice."""
    roles = sorted(identity.roles_for(member), key=lambda role: role.code == "administrator")
    return [(role.code, role.label) for role in roles]


def member_of(request: HttpRequest) -> Any:
    """The organisation that the page speaks of: the acting one, or that named by ``member`` in the address."""
    own = request.acting.organisation.reference  # type: ignore[attr-defined]
    return member_queries.member(actor_of(request), request.GET.get("member") or own)


def target_query(request: HttpRequest) -> str:
    """What keeps the next page on the organisation that this one speaks of."""
    named = request.GET.get("member")
    return f"?{urlencode({'member': named})}" if named else ""


def back(request: HttpRequest, organisation: str, name: str) -> HttpResponse:
    """To another page of governance, about the same organisation."""
    return redirect(reverse(f"governance_desk:{name}", args=[organisation]) + target_query(request))


def id_in(request: HttpRequest, name: str) -> Any:
    """The identifier in a hidden field. Raises Invalid for anything else."""
    return _read(request, name, UUID)


def day_in(request: HttpRequest, name: str) -> date | None:
    """The day in a field, None when it is empty. Raises Invalid for anything else."""
    return _read(request, name, date.fromisoformat) if request.POST.get(name) else None


def _read(request: HttpRequest, name: str, reader: Callable[[str], Any]) -> Any:
    try:
        return reader(request.POST.get(name, ""))
    except ValueError:
        raise Invalid(
            "malformed-form",
            gettext_noop("The form could not be read; nothing was done."),
            gettext_noop("Go back to the page and use its buttons."),
        ) from None


def actor_of(request: Any) -> Actor:
    """Who asks."""
    return request.actor  # type: ignore[no-any-return]
