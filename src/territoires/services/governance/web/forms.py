"""Forms of governance. A filter never fails: what is not in the list means any."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ..domain.members_file import MOST_BYTES
from ..queries.members import MemberFilter, kind_choices

ANY = ("", _("Any"))


class MemberFilterForm(forms.Form):
    """What stands in the address of the list of members."""

    text = forms.CharField(label=_("Name or SIREN"), required=False, max_length=100)
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    department = forms.ChoiceField(label=_("Department"), required=False)
    college = forms.ChoiceField(label=_("College"), required=False)

    def __init__(
        self, *args: Any, departments: Sequence[str], colleges: Mapping[str, str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [ANY, *kind_choices()]  # type: ignore[attr-defined]
        self.fields["department"].choices = [ANY, *((code, code) for code in departments)]  # type: ignore[attr-defined]
        self.fields["college"].choices = [ANY, *colleges.items()]  # type: ignore[attr-defined]

    def asked(self) -> MemberFilter:
        """The filter; a value that is not offered is left out."""
        self.is_valid()
        return MemberFilter(**{name: self.cleaned_data.get(name, "") for name in self.fields})


class MembersFileForm(forms.Form):
    """A file of members, persons and roles, to be tried first."""

    file = forms.FileField(label=_("CSV file"), help_text=_("At most 5,000 lines and 1 MB"))

    def clean_file(self) -> Any:
        given = self.cleaned_data["file"]
        if given.size > MOST_BYTES:
            raise forms.ValidationError(_("This file is larger than 1 MB: cut it in parts."))
        return given


class InvitationForm(forms.Form):
    """Whom to invite, and with which role."""

    given_names = forms.CharField(label=_("Given names"), max_length=100)
    usual_name = forms.CharField(label=_("Name"), max_length=100)
    email = forms.EmailField(label=_("E-mail"), max_length=254)
    job_title = forms.CharField(label=_("Job title"), max_length=100, required=False)
    role = forms.ChoiceField(label=_("Role"))
    scope = forms.MultipleChoiceField(
        label=_("For these services only"),
        help_text=_("Tick none for the whole organisation."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    until = forms.DateField(
        label=_("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(
        self,
        *args: Any,
        roles: Sequence[tuple[str, Any]],
        services: Sequence[tuple[str, Any]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = roles  # type: ignore[attr-defined]
        self.fields["scope"].choices = services  # type: ignore[attr-defined]

    def invitation(self) -> dict[str, Any]:
        """What identity needs to invite."""
        given = self.cleaned_data
        return {
            "email": given["email"],
            "given_names": given["given_names"],
            "usual_name": given["usual_name"],
            "roles": [given["role"]],
            "scope": given["scope"],
            "job_title": given["job_title"],
            "until": given["until"],
        }
