"""Forms of governance. A filter never fails: what is not in the list means any."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from territoires.ui.widgets import FoldedChoices

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


class ServicesFilterForm(forms.Form):
    """What stands in the address of the list of services."""

    text = forms.CharField(label=_("Name or SIREN"), required=False, max_length=100)
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=lambda: [ANY, *kind_choices()])

    def asked(self) -> MemberFilter:
        """The filter; a value that is not offered is left out."""
        self.is_valid()
        return MemberFilter(**{name: self.cleaned_data.get(name, "") for name in self.fields})


class SwitchForm(forms.Form):
    """Which service, for which bodies, on or off."""

    service = forms.ChoiceField(label=_("Service"))
    kind = forms.ChoiceField(
        label=_("For the bodies of this kind"),
        required=False,
        choices=lambda: [("", _("All")), *kind_choices()],
        help_text=_("Members of the grouping, and bodies that have a service already."),
    )
    on = forms.TypedChoiceField(
        label=_("What to do"),
        choices=[("on", _("Switch it on")), ("off", _("Switch it off"))],
        coerce=lambda given: given == "on",
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, services: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"].choices = list(services.items())  # type: ignore[attr-defined]


class MembersFileForm(forms.Form):
    """A file of members, persons and roles, to be tried first."""

    file = forms.FileField(label=_("CSV file"), help_text=_("At most 5,000 lines and 1 MB"))

    def clean_file(self) -> Any:
        given = self.cleaned_data["file"]
        if given.size > MOST_BYTES:
            raise forms.ValidationError(_("This file is larger than 1 MB: cut it in parts."))
        return given


class DayInput(forms.DateInput):
    """The browser's own picker of a day."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class KeyForm(forms.Form):
    """Which program, what it may do, and until when."""

    label = forms.CharField(
        label=_("Name of the program"),
        max_length=100,
        help_text=_("The software and its use: your colleagues must recognise it in a year."),
    )
    permissions = forms.MultipleChoiceField(
        label=_("What it may do"),
        help_text=_("Tick what it needs, nothing more."),
        widget=FoldedChoices,
    )
    until = forms.DateField(label=_("Last day"), widget=DayInput, help_text=_("Within a year."))

    def __init__(
        self,
        *args: Any,
        bearable: Sequence[tuple[Any, Sequence[tuple[str, Any]]]],
        today: date,
        latest: date,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["permissions"].choices = bearable  # type: ignore[attr-defined]
        self.today, self.latest = today, latest

    def clean_until(self) -> date:
        until: date = self.cleaned_data["until"]
        if not self.today <= until <= self.latest:
            raise forms.ValidationError(_("Choose a day from today on, within a year."))
        return until


class RoleForm(forms.Form):
    """A role, for the whole organisation or for some of its services."""

    role = forms.ChoiceField(label=_("Role"))
    scope = forms.MultipleChoiceField(
        label=_("For these services only"),
        help_text=_("Tick none for the whole organisation."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
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


class GivenRoleForm(RoleForm):
    """A role for somebody who is here."""

    until = forms.DateField(label=_("Until"), required=False, widget=DayInput)


class AddressForm(forms.Form):
    """Where an open invitation goes; ``names`` are those of who is invited."""

    email = forms.EmailField(max_length=254)

    def __init__(self, *args: Any, names: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = gettext("Address of %(names)s %(name)s") % names


class MandateForm(RoleForm):
    """Who acts for the organisation from outside, in which role, between which days, by which decision."""

    field_order = ("usual_name", "email", "role", "scope", "since", "until", "instrument", "file", "gesture")

    usual_name = forms.CharField(label=_("Name of the person"), max_length=120)
    email = forms.EmailField(
        label=_("Address with which this person signs in"),
        max_length=254,
        help_text=_("The person works in another organisation of the platform."),
    )
    since = forms.DateField(label=_("From"), required=False, widget=DayInput, help_text=_("Empty: today."))
    until = forms.DateField(label=_("Until"), required=False, widget=DayInput, help_text=_("Included."))
    instrument = forms.CharField(
        label=_("Decision that gives it"),
        max_length=200,
        help_text=_("Its kind, number and date: “Agreement 2026-07 of 3 March 2026”."),
    )
    file = forms.FileField(label=_("Its file"), required=False, help_text=_("PDF, 20 MB at most."))
    gesture = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def mandate(self) -> dict[str, Any]:
        """What was typed, without the file."""
        names = ("email", "usual_name", "role", "scope", "since", "until", "instrument")
        return {name: self.cleaned_data[name] for name in names}


class InvitationForm(RoleForm):
    """Whom to invite, and with which role."""

    field_order = ("given_names", "usual_name", "email", "job_title", "role", "scope", "until")

    given_names = forms.CharField(label=_("Given names"), max_length=100)
    usual_name = forms.CharField(label=_("Name"), max_length=100)
    email = forms.EmailField(label=_("E-mail"), max_length=254)
    job_title = forms.CharField(label=_("Job title"), max_length=100, required=False)
    until = forms.DateField(label=_("Until"), required=False, widget=DayInput)

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
