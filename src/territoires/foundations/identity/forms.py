"""What people type to prove who they are and to join."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

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
