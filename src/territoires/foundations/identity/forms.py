"""What people type to prove who they are and to join."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.files.uploadedfile import UploadedFile
from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from territoires.foundations.trust import api as trust
from territoires.kernel.clock import system_clock
from territoires.kernel.errors import Conflict, Invalid

from .certificates import judge_enrolment
from .models import Account, Invitation, Person


def _policy() -> str:
    return " ".join(str(text) for text in password_validators_help_texts())


class StepUpForm(forms.Form):
    """The password, and the code of the application or of the printed sheet when a second factor is asked."""

    password = forms.CharField(
        label=_("Password"), widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
    code = forms.CharField(
        label=_("Code of your application, or of your printed sheet"),
        max_length=32,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )

    def __init__(self, *args: Any, account: Account, needs_code: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        self.account = account
        if not needs_code:
            del self.fields["code"]

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not self.account.check_password(password):
            raise forms.ValidationError(_("This is not your password."))
        return password


class InvitationForm(forms.Form):
    """The password of a new account."""

    password = forms.CharField(
        label=_("Choose a password"),
        help_text=lazy(_policy, str)(),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, invitation: Invitation, **options: Any) -> None:
        super().__init__(*args, **options)
        person = Person(given_names=invitation.given_names, usual_name=invitation.usual_name)
        self.account = Account(email=invitation.email, person=person)

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password, self.account)
        return password


class EnterpriseForm(forms.Form):
    """Who asks to act for which establishment."""

    siret = forms.CharField(label=_("SIRET"), max_length=25, help_text=_("14 digits; spaces do not matter."))
    name = forms.CharField(label=_("Name of the enterprise or association"), max_length=200)
    given_names = forms.CharField(
        label=_("Your given names"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    usual_name = forms.CharField(
        label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "family-name"})
    )
    email = forms.EmailField(
        label=_("Your e-mail address at work"), widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )


class CertificateForm(forms.Form):
    """The public certificate that a person means to enrol: ``cleaned_data["file"]`` is its card."""

    file = forms.FileField(
        label=_("Public certificate"),
        help_text=_(
            "A file that ends in .pem, .crt, .cer or .der. Never the one that holds your private key (.p12)."
        ),
        max_length=255,
    )

    def __init__(self, *args: Any, person: Person, **options: Any) -> None:
        super().__init__(*args, **options)
        self.person = person

    def clean_file(self) -> trust.CertificateCard:
        file: UploadedFile[Any] = self.cleaned_data["file"]
        try:
            card = trust.read_certificate(file.read(trust.LONGEST_CERTIFICATE + 1))
            judge_enrolment(card, self.person, system_clock())
        except (Invalid, Conflict) as fault:
            said = " ".join(filter(None, (gettext(fault.message), gettext(fault.remedy))))
            raise forms.ValidationError(said % fault.params if fault.params else said) from fault
        return card
