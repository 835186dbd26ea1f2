"""The forms of the steps of the preparation. Nothing is required: a draft takes what one has; the check says the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from territoires.foundations.registry.api import sentence
from territoires.kernel.clock import PARIS, legal_day
from territoires.kernel.errors import Invalid

from ..domain.law import Law
from ..domain.procedures import Option, Verdict
from ..domain.sheet import LONGEST_TITLE, Sheet
from ..domain.wording import codes_in, is_cpv
from ..models import (
    LONGEST_REASON,
    LONGEST_TEXT,
    Consultation,
    PurchasingForm,
    Regime,
    SignatureTime,
    Technique,
)
from ..queries.wording import filled
from .fields import (
    Hour,
    LaterChoice,
    LaterDay,
    LaterEmail,
    LaterLine,
    LaterMoney,
    LaterNumber,
    LaterText,
    Money,
    Text,
    in_paris,
    when_needed,
)
from .forms import CATEGORY_CHOICES, Gesture
from .words import article_of


class StepForm(Gesture):
    """A form that writes fields of the consultation; ``written`` names them, as the form and the model call them."""

    written: Sequence[str] = ()

    @classmethod
    def initial_of(cls, consultation: Consultation) -> dict[str, Any]:
        return {name: getattr(consultation, name) for name in cls.written}

    def values(self) -> dict[str, Any]:
        """What the action writes."""
        return {name: self.cleaned_data[name] for name in self.written}


def line(label: Any, *, longest: int, help_text: Any = "") -> forms.CharField:
    """One line that a consultation may lack."""
    widget = forms.TextInput(attrs={"lang": "fr"})
    return forms.CharField(
        label=label, max_length=longest, required=False, help_text=help_text, widget=widget
    )


def later_line(label: Any, *, longest: int, help_text: Any = "") -> forms.CharField:
    """One line that a draft may lack, and that the check asks."""
    widget = forms.TextInput(attrs={"lang": "fr"})
    return LaterLine(label=label, max_length=longest, help_text=help_text, widget=widget)


class NeedForm(StepForm):
    """What is bought, and how much."""

    written = (
        "title",
        "reference",
        "description",
        "main_procurement_category",
        "estimated_value",
        "family",
        "committed_elsewhere",
        "cpv",
        "additional_cpvs",
        "nuts",
        "purchasing_form",
        "group_agreement",
        "regime",
        "is_social_service",
    )

    title = forms.CharField(
        label=gettext_lazy("What you buy"),
        max_length=LONGEST_TITLE,
        widget=forms.TextInput(attrs={"lang": "fr"}),
        error_messages={"required": gettext_lazy("Say in one line what you buy.")},
    )
    reference = line(
        gettext_lazy("Your reference"),
        longest=32,
        help_text=gettext_lazy("Leave empty: the next number of the year is given at the validation."),
    )
    description = LaterText(
        label=gettext_lazy("Description"),
        max_length=LONGEST_TEXT,
        help_text=gettext_lazy(
            "What must be done or delivered, where, how many. Enterprises decide on these lines."
        ),
    )
    main_procurement_category = LaterChoice(
        label=gettext_lazy("Kind"), widget=forms.RadioSelect, choices=CATEGORY_CHOICES
    )
    estimated_value = LaterMoney(
        label=gettext_lazy("Estimated value, without VAT"),
        min_value=0,
        help_text=gettext_lazy(
            "Everything together: all lots, options and renewals. It is never shown outside."
        ),
    )
    family = later_line(
        gettext_lazy("Name of the need"),
        longest=120,
        help_text=gettext_lazy(
            "For works, the operation: École, toiture 2027. Otherwise the family of purchases: Nettoyage. The same name"
            " twice adds up."
        ),
    )
    committed_elsewhere = Money(
        label=gettext_lazy("Already bought of the same need, outside this platform"),
        required=False,
        min_value=0,
        help_text=gettext_lazy("Over twelve months, without VAT; for works, in the whole operation."),
    )
    cpv = later_line(
        gettext_lazy("CPV code"),
        longest=10,
        help_text=gettext_lazy("The European code of what you buy: enterprises are alerted by it."),
    )
    cpv_words = line(
        gettext_lazy("Search for the code in everyday words"),
        longest=200,
        help_text=gettext_lazy("For instance toiture, cantine, espaces verts."),
    )
    additional_cpvs = line(
        gettext_lazy("Further CPV codes"),
        longest=300,
        help_text=gettext_lazy("Apart by spaces; only for what the first does not say."),
    )
    nuts = LaterChoice(label=gettext_lazy("Place"))
    regime = when_needed(
        forms.ChoiceField(
            label=gettext_lazy("You buy"), widget=forms.RadioSelect, choices=Regime.choices, required=False
        )
    )
    is_social_service = forms.BooleanField(
        label=gettext_lazy(
            "A social or other specific service (health, social work, legal, catering of schools…)"
        ),
        required=False,
    )
    participants = Text(
        label=gettext_lazy("Other buyers for whom you buy"),
        required=False,
        max_length=4000,
        rows=2,
        help_text=gettext_lazy(
            "The SIRET of each other buyer, one a line, then its name if it does not use this platform."
        ),
    )
    purchasing_form = when_needed(
        forms.ChoiceField(
            label=gettext_lazy("For whom you buy"),
            widget=forms.RadioSelect,
            choices=PurchasingForm.choices,
            required=False,
        )
    )
    group_agreement = line(
        gettext_lazy("Agreement of the group"),
        longest=300,
        help_text=gettext_lazy("For a group: the agreement that founds it, by its date or number."),
    )

    def __init__(
        self, data: Any = None, *, places: Sequence[tuple[str, str]], words: str = "", **options: Any
    ) -> None:
        if data is not None and data.get("take-cpv"):  # the code that the agent took from the list
            data = data.copy()
            data["cpv"] = data["take-cpv"]
        super().__init__(data, **options)
        self.fields["nuts"].choices = [("", "—"), *places]  # type: ignore[attr-defined]
        self.fields["cpv_words"].initial = words

    @classmethod
    def initial_of(cls, consultation: Consultation) -> dict[str, Any]:
        found = super().initial_of(consultation)
        return found | {
            "committed_elsewhere": found["committed_elsewhere"] or None,
            "additional_cpvs": " ".join(found["additional_cpvs"]),
        }

    def clean_cpv(self) -> str:
        """Eight digits; the check digit that people copy after a hyphen is dropped."""
        code = str(self.cleaned_data["cpv"]).partition("-")[0].strip()
        if code and not is_cpv(code):
            raise forms.ValidationError(_("A CPV code has eight digits: search for it by words below."))
        return code

    def clean_additional_cpvs(self) -> list[str]:
        return read_codes(str(self.cleaned_data["additional_cpvs"]))

    def clean_regime(self) -> str:
        return self.cleaned_data["regime"] or Regime.AUTHORITY

    def clean_committed_elsewhere(self) -> Any:
        return self.cleaned_data["committed_elsewhere"] or 0


class ProcedureForm(StepForm):
    """Which procedure, among those that the need opens."""

    written = (
        "procedure",
        "procedure_ground",
        "is_two_stage",
        "is_negotiated",
        "technique",
        "framework_maximum",
    )

    procedure = LaterChoice(label=gettext_lazy("Procedure"), widget=forms.RadioSelect)
    procedure_ground = Text(
        label=gettext_lazy("Case in which the code opens it"),
        max_length=LONGEST_REASON,
        required=False,
        rows=2,
        help_text=gettext_lazy("Only for a procedure of stated cases: the article, and why it applies."),
    )
    invited = Text(
        label=gettext_lazy("Enterprises that you invite"),
        required=False,
        max_length=8000,
        rows=3,
        help_text=gettext_lazy(
            "Only where nothing is published: one a line, its name, its SIRET, an e-mail address. Each receives a link of its"
            " own, which serves the account of that SIRET alone; nobody else sees the call."
        ),
    )
    is_two_stage = forms.BooleanField(
        label=gettext_lazy(
            "In an adapted procedure or a concession, candidatures come first, and those selected alone are invited to bid"
        ),
        required=False,
        help_text=gettext_lazy(
            "Two stages, so two deadlines: count some weeks more. Left empty, everybody bids at once, which is the simplest."
        ),
    )
    is_negotiated = forms.BooleanField(
        label=gettext_lazy("In an adapted procedure, we may negotiate with the bidders"), required=False
    )
    technique = when_needed(
        forms.ChoiceField(
            label=gettext_lazy("Form of the contract"),
            widget=forms.RadioSelect,
            choices=Technique.choices,
            required=False,
        )
    )
    framework_maximum = Money(
        label=gettext_lazy("Maximum of the framework agreement, without VAT"), required=False, min_value=0
    )

    def __init__(
        self,
        *args: Any,
        options_of_need: Sequence[Option],
        is_whole: Callable[[str], bool],
        names_invited: bool = True,
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        if not names_invited:
            del self.fields["invited"]
        open_ones = [one for one in options_of_need if one.verdict is not Verdict.CLOSED]
        self.fields["procedure"].choices = [  # type: ignore[attr-defined]
            (one.procedure.code, _described(one, is_whole=is_whole(one.procedure.code))) for one in open_ones
        ]


class TermsForm(StepForm):
    """What the contract asks."""

    written = (
        "duration_months",
        "validity_days",
        "environmental_clause",
        "social_clause",
        "minimum_turnover",
        "signature_time",
        "contact_email",
        "review_body",
    )

    duration_months = LaterNumber(
        label=gettext_lazy("Duration in months, renewals included"),
        min_value=1,
        max_value=1200,
    )
    validity_days = LaterNumber(
        label=gettext_lazy("Days during which bids stay valid"),
        min_value=1,
        max_value=1000,
        help_text=gettext_lazy("Often 120."),
    )
    environmental_clause = LaterText(
        label=gettext_lazy("What the contract asks for the environment"),
        max_length=LONGEST_TEXT,
        rows=3,
        help_text=gettext_lazy(
            "For instance: waste sorted and traced, grouped deliveries, reused materials."
        ),
    )
    social_clause = Text(
        label=gettext_lazy("What the contract asks for inclusion in work"),
        max_length=LONGEST_TEXT,
        required=False,
        rows=3,
        help_text=gettext_lazy("For instance hours reserved for people far from employment."),
    )
    minimum_turnover = Money(
        label=gettext_lazy("Lowest yearly turnover asked, without VAT"),
        required=False,
        min_value=0,
        help_text=gettext_lazy(
            "Leave empty unless you need it: it keeps small enterprises away. Of a purchase in lots it is asked for each lot"
            " that has no amount of its own."
        ),
    )
    signature_time = when_needed(
        forms.ChoiceField(
            label=gettext_lazy("Signature"),
            widget=forms.RadioSelect,
            choices=SignatureTime.choices,
            required=False,
        )
    )
    contact_email = LaterEmail(label=gettext_lazy("Address to write to"))
    review_body = later_line(
        gettext_lazy("Court competent for appeals"),
        longest=200,
        help_text=gettext_lazy("For instance Tribunal administratif de Dijon."),
    )

    def clean_signature_time(self) -> str:
        return self.cleaned_data["signature_time"] or SignatureTime.AWARD


class CalendarForm(StepForm):
    """When."""

    written = (
        "publish_on",
        "questions_until",
        "invite_on",
        "is_urgent",
        "urgency_reason",
        "has_prior_notice",
    )

    publish_on = LaterDay(label=gettext_lazy("Publication"))
    questions_until = LaterDay(label=gettext_lazy("Last day for questions"))
    applications_on = LaterDay(label=gettext_lazy("Deadline of the applications"))
    applications_at = Hour(label=gettext_lazy("Hour of that deadline"), required=False)
    invite_on = LaterDay(label=gettext_lazy("Invitation of those selected"))
    tenders_on = LaterDay(label=gettext_lazy("Deadline of the bids"))
    tenders_at = Hour(
        label=gettext_lazy("Hour, in Paris"),
        required=False,
        help_text=gettext_lazy("12:00 unless you say otherwise."),
    )
    is_urgent = forms.BooleanField(
        label=gettext_lazy("An urgency makes the ordinary time impossible"), required=False
    )
    urgency_reason = when_needed(
        Text(label=gettext_lazy("What happened"), max_length=LONGEST_REASON, required=False, rows=2)
    )
    has_prior_notice = forms.BooleanField(
        label=gettext_lazy("A prior notice was sent between 35 days and 12 months before"), required=False
    )

    @classmethod
    def initial_of(cls, consultation: Consultation) -> dict[str, Any]:
        found = super().initial_of(consultation)
        for name in ("applications", "tenders"):
            found |= _day_and_hour(name, getattr(consultation, f"{name}_until"))
        return found

    def __init__(self, *args: Any, has_two_stages: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        if not has_two_stages:
            for name in ("applications_on", "applications_at", "invite_on"):
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        super().clean()
        for name in ("applications", "tenders"):
            try:
                in_paris(self.cleaned_data.get(f"{name}_on"), self.cleaned_data.get(f"{name}_at"))
            except ValueError:
                self.add_error(
                    f"{name}_at", _("This hour does not exist that day: clocks go forward. Choose another.")
                )
        return self.cleaned_data

    def values(self) -> dict[str, Any]:
        read = self.cleaned_data.get
        found = {name: read(name) for name in self.written if name in self.fields}
        for name in ("applications", "tenders"):
            if f"{name}_on" in self.fields:
                found[f"{name}_until"] = in_paris(read(f"{name}_on"), read(f"{name}_at"))
        return found


class LotsForm(StepForm):
    """Why there are none."""

    written = ("division_reason",)

    division_reason = when_needed(
        Text(
            label=gettext_lazy("If you do not divide, why"),
            max_length=LONGEST_REASON,
            required=False,
            rows=2,
            help_text=gettext_lazy(
                "Only what the code admits: lots would restrict competition, would cost more or make the work harder, or you"
                " cannot coordinate them yourself."
            ),
        )
    )


def read_codes(text: str) -> list[str]:
    """The codes of a field. Raises ValidationError."""
    try:
        return codes_in(text, "additional_cpvs")
    except Invalid as refusal:
        fault = refusal.faults[0]
        raise forms.ValidationError(
            f"{sentence(fault.message, {})} {sentence(fault.remedy, {})}"
        ) from refusal


def proposed_start(sheet: Sheet, law: Law, now: datetime) -> Any:
    """The first day on which one may hope to publish: the chosen one, else three days from now."""
    return sheet.publish_on or law.calendar.working_day_from(legal_day(now) + timedelta(days=3))


def _described(option: Option, *, is_whole: bool) -> Any:
    """A procedure as a choice: its name, what it means, why it is open."""
    language = get_language() or "fr"
    reason = filled(option.reason, option.params)
    proposed = _("We propose it.") if option.verdict is Verdict.PROPOSED else ""
    partly = (
        "" if is_whole else _("Part of it is done outside of this platform: see below once it is chosen.")
    )
    return format_html(
        '<span><b>{}</b> {} <span class="small">{} {} {} <b>{}</b></span></span>',
        option.procedure.label.in_language(language),
        option.procedure.meaning.in_language(language),
        proposed,
        reason,
        f"({article_of(option.article)})" if option.article else "",
        partly,
    )


def _day_and_hour(name: str, instant: datetime | None) -> dict[str, Any]:
    if instant is None:
        return {}
    local = instant.astimezone(PARIS)
    return {f"{name}_on": local.date(), f"{name}_at": local.time()}
