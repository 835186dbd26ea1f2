"""Pages of identity: confirm that it is you, accept an invitation, sign an enterprise up, try the demonstration."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.login import record_authentication
from allauth.account.internal.flows.reauthentication import reauthenticate_by_password
from allauth.core import ratelimit
from allauth.mfa.base.forms import ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.signals import authenticator_added
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from territoires.kernel.errors import Invalid

from .actors import DEMONSTRATION
from .forms import EnterpriseForm, InvitationForm, StepUpForm
from .inviting import accept_invitation, account_at, invitation_of, sign_up_enterprise
from .models import Account

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
TYPED_CODES = (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES)


@sensitive_post_parameters()
@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def step_up(request: HttpRequest) -> HttpResponse:
    """Password, and second factor when the gesture asks for one; then back to the page that kept what was typed.

    A security key or passkey is asked for by the page of its own that follows the password.
    """
    account: Any = request.user
    target = _own_address(request, request.GET.get("next", ""))
    if account.is_demonstration and settings.ENVIRONMENT.is_demonstration:
        return _confirm_demonstration(request, account, target)
    factors = set(Authenticator.objects.filter(user=account).values_list("type", flat=True))
    needs_factor = request.GET.get("level", "2") != "1"
    has_key = needs_factor and Authenticator.Type.WEBAUTHN in factors
    needs_code = needs_factor and not has_key and bool(factors & set(TYPED_CODES))
    lacks_factor = needs_factor and not factors
    form = StepUpForm(request.POST or None, account=account, needs_code=needs_code)
    if request.method == "POST" and not lacks_factor:
        if not ratelimit.consume(request, action="reauthenticate", user=account):
            return render(request, "identity/too_many.html", status=429)
        if form.is_valid() and _code_holds(form, account):
            reauthenticate_by_password(request)
            request.session.cycle_key()
            return redirect(_second_page(target) if has_key else target)
    context = {
        "form": form,
        "lacks_factor": lacks_factor,
        "has_key": has_key,
        "is_demonstration_account": False,
    }
    return render(request, "identity/step_up.html", context)


@never_cache
@login_required
@reauthentication_required  # type: ignore[untyped-decorator]
@require_http_methods(["GET", "HEAD", "POST"])
def printed_codes(request: HttpRequest) -> HttpResponse:
    """A sheet of ten codes to print: a second factor for who has neither telephone nor key. The former one dies."""
    codes = None
    if request.method == "POST":
        codes = _new_sheet(request)
    return render(request, "identity/printed_codes.html", {"codes": codes})


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Says who invites and to what; a new address chooses its password, a known one signs in first."""
    actor: Any = request.actor  # type: ignore[attr-defined]
    found = invitation_of(token, actor)
    holder = account_at(found.email)
    if holder is not None and holder.person is None:
        holder = None
    is_holder = holder is not None and request.user == holder
    form = InvitationForm(request.POST or None, invitation=found) if holder is None else None
    if request.method == "POST" and (is_holder or (form is not None and form.is_valid())):
        password = form.cleaned_data["password"] if form else None
        membership = accept_invitation(actor=actor, token=token, password=password)
        if form is not None:
            return redirect("account_login")
        return redirect(f"/o/{membership.organisation.reference}/portal/")
    sign_in = f"{reverse('account_login')}?{urlencode({'next': request.path})}"
    context = {"invitation": found, "form": form, "is_holder": is_holder, "sign_in_url": sign_in}
    return render(request, "identity/invitation.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enterprise_sign_up(request: HttpRequest) -> HttpResponse:
    """The same answer whether the address is known or not: look at your mail."""
    form = EnterpriseForm(request.POST or None)
    if request.method == "POST":
        if not ratelimit.consume(request, action="signup"):
            return render(request, "identity/too_many.html", status=429)
        if form.is_valid() and _signed_up(request, form):
            return render(request, "identity/mail_sent.html", {"email": form.cleaned_data["email"]})
    return render(request, "identity/enterprise.html", {"form": form})


@require_POST
def demonstration_sign_in(request: HttpRequest) -> HttpResponse:
    """One click, for the invented people of the demonstration; does not exist elsewhere."""
    if not settings.ENVIRONMENT.is_demonstration:
        raise Http404
    account = Account.objects.filter(
        email__iexact=request.POST.get("account", ""), is_demonstration=True, is_active=True
    ).first()
    if account is None:
        raise Http404
    login(request, account, backend=BACKEND)
    record_authentication(request, account, DEMONSTRATION)
    UserSession.objects.create_from_request(request)
    return redirect(_own_address(request, request.POST.get("next", "")))


@transaction.atomic
def _new_sheet(request: HttpRequest) -> list[str]:
    account: Any = request.user
    Authenticator.objects.filter(user=account, type=Authenticator.Type.RECOVERY_CODES).delete()
    sheet = RecoveryCodes.activate(account)
    authenticator_added.send(
        sender=Authenticator, request=request, user=account, authenticator=sheet.instance
    )
    codes: list[str] = sheet.get_unused_codes()
    return codes


def _confirm_demonstration(request: HttpRequest, account: Account, target: str) -> HttpResponse:
    if request.method == "POST":
        record_authentication(request, account, DEMONSTRATION)
        return redirect(target)
    return render(request, "identity/step_up.html", {"is_demonstration_account": True})


def _code_holds(form: StepUpForm, account: Account) -> bool:
    if "code" not in form.fields:
        return True
    proof = ReauthenticateForm({"code": form.cleaned_data["code"]}, user=account)
    if not proof.is_valid():
        form.add_error("code", _("This code is wrong or was used already."))
        return False
    proof.save()
    return True


def _signed_up(request: HttpRequest, form: EnterpriseForm) -> bool:
    try:
        with transaction.atomic():
            sign_up_enterprise(actor=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
    except Invalid as error:
        for fault in error.faults:
            form.add_error(fault.field, _(fault.message))
        return False
    return True


def _second_page(target: str) -> str:
    return f"{reverse('mfa_reauthenticate_webauthn')}?{urlencode({'next': target})}"


def _own_address(request: HttpRequest, address: str) -> str:
    """An address of ours, or the page of my organisations: never elsewhere."""
    if url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure()):
        return address
    return str(reverse(settings.LOGIN_REDIRECT_URL))
