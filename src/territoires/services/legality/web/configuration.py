"""The operator's forms: a body's agreement with its prefect, its channel to the State."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import get_language, gettext_lazy

from ..models import ChannelCode
from ..queries.configuration import authority_natures
from .forms import Day, Gesture


class OfABody(Gesture):
    """What is recorded of one body, named by its SIREN."""

    body = forms.CharField(
        label=gettext_lazy("Body"),
        max_length=14,
        help_text=gettext_lazy("Its SIREN: nine digits."),
        error_messages={"required": gettext_lazy("Write the SIREN of the body.")},
    )

    def clean_body(self) -> str:
        """As registers print it: in groups of three."""
        return "".join(self.cleaned_data["body"].split())


class AgreementForm(OfABody):
    """The agreement as it was signed."""

    office = forms.CharField(
        label=gettext_lazy("Prefecture"),
        max_length=200,
        help_text=gettext_lazy("Its name as the body knows it, sub-prefecture included."),
        error_messages={"required": gettext_lazy("Write the name of the prefecture.")},
    )
    department = forms.CharField(
        label=gettext_lazy("Department"),
        max_length=3,
        help_text=gettext_lazy("Three characters: 021, 02A, 971."),
        error_messages={"required": gettext_lazy("Write the three characters of the department.")},
    )
    arrondissement = forms.CharField(
        label=gettext_lazy("Arrondissement"),
        max_length=1,
        help_text=gettext_lazy("One digit; 0 is the prefecture itself."),
        error_messages={"required": gettext_lazy("Write the digit of the arrondissement.")},
    )
    nature = forms.ChoiceField(
        label=gettext_lazy("Kind of body"),
        error_messages={"required": gettext_lazy("Choose the kind of body.")},
    )
    signed_on = Day(
        label=gettext_lazy("Signed on"),
        help_text=gettext_lazy("For instance 05/01/2026."),
        error_messages={"required": gettext_lazy("Write the day of the signature.")},
    )
    from_on = Day(
        label=gettext_lazy("In force from"),
        help_text=gettext_lazy("For instance 15/01/2026."),
        error_messages={"required": gettext_lazy("Write the first day on which acts may be sent.")},
    )
    until_on = Day(
        label=gettext_lazy("Until"),
        required=False,
        help_text=gettext_lazy("Its last day, when it has one."),
    )

    document = forms.FileField(
        label=gettext_lazy("The signed agreement"),
        required=False,
        allow_empty_file=True,
        help_text=gettext_lazy("A PDF, not locked; it can also be added later."),
        widget=forms.FileInput(attrs={"accept": ".pdf"}),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        language = get_language() or "fr"
        self.fields["nature"].choices = [  # type: ignore[attr-defined]
            ("", "—"),
            *((code, f"{code} {label.in_language(language)}") for code, label in authority_natures()),
        ]


class AgreementFileForm(Gesture):
    """The document of an agreement that is recorded already."""

    document = forms.FileField(
        label=gettext_lazy("The signed agreement"),
        allow_empty_file=True,
        help_text=gettext_lazy("A PDF, not locked. It takes the place of the one that is kept, if any."),
        widget=forms.FileInput(attrs={"accept": ".pdf"}),
        error_messages={"required": gettext_lazy("Choose the file of the agreement.")},
    )


class WayForm(OfABody):
    """The channel of a body's new transmissions from a day on."""

    channel = forms.ChoiceField(
        label=gettext_lazy("Channel"),
        widget=forms.RadioSelect,
        choices=ChannelCode.choices,
        error_messages={"required": gettext_lazy("Choose the channel.")},
    )
    from_on = Day(
        label=gettext_lazy("From which day"),
        help_text=gettext_lazy("From midnight on. What is under way ends by its own channel."),
        error_messages={"required": gettext_lazy("Write the day.")},
    )
    transmitter = forms.CharField(
        label=gettext_lazy("Transmitter"),
        max_length=3,
        help_text=gettext_lazy("The three letters that the ministry gave to who transmits."),
        error_messages={"required": gettext_lazy("Write the three letters.")},
    )
    return_address = forms.EmailField(
        label=gettext_lazy("Address of the answers"),
        help_text=gettext_lazy("The mailbox that the platform reads."),
        error_messages={"required": gettext_lazy("Write the address.")},
    )
    first_serial = forms.IntegerField(
        label=gettext_lazy("First number of the day"),
        initial=1,
        min_value=1,
        max_value=999_999,
        help_text=gettext_lazy(
            "Higher while another device still sends for the same SIREN: 500, for instance."
        ),
        error_messages={"required": gettext_lazy("Write a number, 1 when nothing else sends for this body.")},
    )
