"""People, roles, mandates and rights of one organisation: one's own, or for the operator any member's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from territoires.foundations.actions import api as rights_api
from territoires.foundations.identity import api as identity
from territoires.foundations.registry.api import page, sentences
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Conflict, Denied, Gone, Invalid

from ..permissions import Governance
from ..queries import members as member_queries
from ..queries import people as queries
from .forms import AddressForm, GivenRoleForm, InvitationForm
from .tabs import tabs


@require_http_methods(["GET", "HEAD", "POST"])
@page(Governance.READ_PEOPLE)
def people(request: HttpRequest, organisation: str) -> HttpResponse:
    """Who is here, with which roles; inviting somebody."""
    form = InvitationForm(request.POST if request.method == "POST" else None, **_roles(member_of(request)))
    if form.is_valid() and _is_done(
        request, form, identity.invite_person, organisation=member_of(request), **form.invitation()
    ):
        messages.success(request, _("The invitation has left; it is good for fourteen days."))
        return back(request, organisation, "people")
    return _shown(request, form)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Governance.KEEP_PEOPLE)
def correct_invitation(request: HttpRequest, organisation: str) -> HttpResponse:
    """Sends an open invitation again, to a corrected address perhaps, or cancels it."""
    if request.method != "POST":
        return back(request, organisation, "people")
    invitation = queries.held_here(member_of(request), "Invitation", id_in(request, "invitation"))
    form = _address(invitation, request.POST)
    try:
        if "cancel" in request.POST:
            identity.cancel_invitation(actor=actor_of(request), invitation=invitation)
            messages.success(request, _("The invitation is cancelled; its link opens nothing any more."))
        elif form.is_valid() and _is_done(
            request, form, identity.send_again, invitation=invitation, **form.cleaned_data
        ):
            messages.success(request, _("The invitation has left; it is good for fourteen days."))
        else:
            return _shown(request, about=invitation.pk, refused=form)
    except Gone as refusal:  # answered or cancelled meanwhile: it has no form any more
        messages.error(request, sentences(refusal))
    return back(request, organisation, "people")


@require_http_methods(["GET", "HEAD", "POST"])
@page(Governance.KEEP_PEOPLE)
def assign_role(request: HttpRequest, organisation: str) -> HttpResponse:
    """Gives a role to somebody who is here."""
    if request.method != "POST":
        return back(request, organisation, "people")
    member = member_of(request)
    membership = queries.held_here(member, "Membership", id_in(request, "membership"))
    form = _role(membership.pk, member, request.POST)
    if form.is_valid() and _is_done(
        request, form, identity.assign_role, membership=membership, **form.cleaned_data
    ):
        messages.success(request, _("The role is given."))
        return back(request, organisation, "people")
    return _shown(request, about=membership.pk, refused=form)


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


def _shown(
    request: HttpRequest, form: Form | None = None, *, about: UUID | None = None, refused: Form | None = None
) -> HttpResponse:
    """The page. ``refused`` is the form of one person or invitation, ``about``, as it was sent; its faults stand in it."""
    actor, member = actor_of(request), member_of(request)
    form = form or InvitationForm(**_roles(member))
    here, invitations = queries.people_of(actor, member), queries.open_invitations(actor, member)
    context = {
        "member": member,
        "people": [
            (one, refused if refused and one.membership == about else _role(one.membership, member))
            for one in here
        ],
        "administrators_missing": queries.lacks_administrators(here),
        "may_keep": rights_api.may(actor, Governance.KEEP_PEOPLE, member),
        "invitations": [
            (one, refused if refused and one.pk == about else _address(one)) for one in invitations
        ],
        "form": form,
        "target_query": target_query(request),
        "tabs": tabs(request),
    }
    is_faulty = refused is not None or form.errors
    return render(request, "governance/people.html", context, status=422 if is_faulty else 200)


def _role(membership: UUID, member: Any, given: QueryDict | None = None) -> GivenRoleForm:
    return GivenRoleForm(given, auto_id=f"id_{membership}_%s", **_roles(member))


def _address(invitation: Any, given: QueryDict | None = None) -> AddressForm:
    return AddressForm(
        given,
        auto_id=f"id_{invitation.pk}_%s",
        initial={"email": invitation.email},
        names={"names": invitation.given_names, "name": invitation.usual_name},
    )


def _roles(member: Any) -> dict[str, Any]:
    return {"roles": role_choices(member), "services": list(identity.switchable_services().items())}


def _is_done(request: HttpRequest, form: Form, verb: Callable[..., Any], **given: Any) -> bool:
    """Whether the verb was done; why it is refused is written in the form, which keeps what was typed.

    Raises Denied to who keeps no people here: the page shows that reader no form.
    """
    actor = actor_of(request)
    try:
        verb(actor=actor, **given)
    except (Invalid, Conflict, Denied) as refusal:
        if isinstance(refusal, Denied):
            rights_api.require(actor, Governance.KEEP_PEOPLE, member_of(request))
        form.add_error(None, sentences(refusal))
    return not form.errors


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
    try:
        return UUID(request.POST.get(name, ""))
    except ValueError:
        raise Invalid(
            "malformed-form",
            gettext_noop("The form could not be read; nothing was done."),
            gettext_noop("Go back to the page and use its buttons."),
        ) from None


def actor_of(request: Any) -> Actor:
    """Who asks."""
    return request.actor  # type: ignore[no-any-return]
