"""A form with every kind of field."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from territoires.ui.widgets import FoldedChoices


class GalleryForm(forms.Form):
    """Each widget that ``c-field`` lays out."""

    title = forms.CharField(
        label=_("Title"), max_length=200, help_text=_("As it will stand on the public register.")
    )
    siret = forms.CharField(label="SIRET", max_length=14, required=False)
    mail = forms.EmailField(label=_("E-mail"))
    held_on = forms.DateField(label=_("Day of the meeting"), widget=forms.DateInput(attrs={"type": "date"}))
    nature = forms.ChoiceField(
        label=_("Nature"),
        choices=[("1", _("Deliberation")), ("2", _("Regulatory order")), ("3", _("Individual order"))],
    )
    reading = forms.ChoiceField(
        label=_("Who may read it"),
        widget=forms.RadioSelect,
        choices=[("all", _("Everybody")), ("members", _("The members of the council"))],
    )
    topics = forms.MultipleChoiceField(
        label=_("Topics"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[("water", _("Water")), ("school", _("School"))],
    )
    groups = forms.MultipleChoiceField(
        label=_("Choices in groups"),
        required=False,
        widget=FoldedChoices,
        choices=[
            (_("Topics"), [("water", _("Water")), ("school", _("School"))]),
            (_("Nature"), [("1", _("Deliberation")), ("2", _("Regulatory order"))]),
        ],
        initial=["school"],
    )
    is_urgent = forms.BooleanField(label=_("This is urgent"), required=False)
    reasons = forms.CharField(label=_("Reasons"), widget=forms.Textarea(attrs={"rows": 4}), required=False)


class FileForm(forms.Form):
    """One file."""

    document = forms.FileField(label=_("The signed document"), help_text=_("PDF, 150 MB at most."))
