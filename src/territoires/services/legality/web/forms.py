"""Forms of the act. A draft takes whatever it can hold; what the signature will demand is marked, not enforced."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from territoires.foundations.registry.api import GestureForm
from territoires.ui.dates import long_date, short_date

from ..domain.classification import NOTIFY, Classification, Nature
from ..domain.life import LIFE
from ..domain.preflight import EARLIEST
from ..domain.wording import ActWords
from ..models import (
    DRAFT_NUMBER_LENGTH,
    DRAFT_OBJECT_LENGTH,
    Act,
    Annex,
    Means,
    PaperMode,
    PrecedingLink,
    PublicationMode,
    Sitting,
)
from ..queries.lists import Filters
from ..queries.preceding import changeable_acts
from ..queries.sittings import sittings_for
from .selects import QuickSelect

DATE_FORMATS = ["%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y-%m-%d"]


class Eventually:
    """Demanded at the signature, not of a draft."""

    def validate(self, value: Any) -> None:
        if value not in self.empty_values:  # type: ignore[attr-defined]
            super().validate(value)  # type: ignore[misc]


class LaterText(Eventually, forms.CharField):
    pass


class LaterChoice(Eventually, forms.ChoiceField):
    pass


class Day(forms.DateField):
    """A legal day as people write it: 12/11/2026."""

    default_error_messages = {
        "invalid": gettext_lazy("This date does not exist. Write day, month and year: 12/11/2026.")
    }

    def __init__(self, **options: Any) -> None:
        widget = forms.DateInput(
            format="%d/%m/%Y", attrs={"autocomplete": "off", "placeholder": "", "size": 12}
        )
        super().__init__(input_formats=DATE_FORMATS, widget=widget, **options)


class LaterDay(Eventually, Day):
    pass


class LaterNumber(Eventually, forms.IntegerField):
    pass


class LaterFile(Eventually, forms.FileField):
    pass


class Files(forms.FileInput):
    allow_multiple_selected = True


class ManyFiles(forms.FileField):
    """Any number of files; an empty one is let through, so that it is refused with its name."""

    widget = Files

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        given = data if isinstance(data, list | tuple) else [data] if data else []
        return [super(ManyFiles, self).clean(one, initial) for one in given]


class Gesture(GestureForm):
    """What every form carries, on the version of the ``act`` that the reader saw."""

    def __init__(self, *args: Any, act: Act | None = None, **options: Any) -> None:
        super().__init__(*args, seen=act.version if act else None, **options)

    def renew(self, act: Act) -> None:
        """What was typed, shown again, on the act as it now stands."""
        self.show_again(act.version)


class ActForm(Gesture):
    """The words and the files of a draft."""

    nature = LaterChoice(label=gettext_lazy("Nature of the act"), widget=forms.RadioSelect)
    number = LaterText(
        label=gettext_lazy("Number"),
        max_length=DRAFT_NUMBER_LENGTH,
        help_text=gettext_lazy(
            "As in your register: at most 15 capitals, digits or _. For instance DEL_2026_041."
        ),
    )
    decided_on = LaterDay(
        label=gettext_lazy("Date of the decision"),
        help_text=gettext_lazy(
            "The day of the sitting, or of the signature of the arrêté. For instance 12/11/2026."
        ),
    )
    object = LaterText(
        label=gettext_lazy("Object"),
        max_length=DRAFT_OBJECT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("What is decided, in one sentence of at most 499 characters."),
    )
    matter_code = LaterChoice(
        label=gettext_lazy("Subject matter"),
        widget=QuickSelect,
        help_text=gettext_lazy("Its line in the national classification of acts."),
    )
    given_names = LaterText(label=gettext_lazy("First name of the author"), max_length=100)
    usual_name = LaterText(label=gettext_lazy("Name of the author"), max_length=100)
    quality = LaterText(
        label=gettext_lazy("Quality of the author"),
        max_length=150,
        help_text=gettext_lazy("Mayor, president, deputy mayor by delegation..."),
    )
    main = LaterFile(
        label=gettext_lazy("The act"),
        allow_empty_file=True,
        max_length=None,
        help_text=gettext_lazy("A PDF, not locked. The scan of the signed original can replace it later."),
        widget=forms.FileInput(attrs={"accept": ".pdf,.xml"}),
    )
    annexes = ManyFiles(
        label=gettext_lazy("Annexes"),
        required=False,
        allow_empty_file=True,
        help_text=gettext_lazy("PDF, XML, JPEG or PNG; 149 MiB in all with the act."),
        widget=Files(attrs={"accept": ".pdf,.xml,.jpg,.jpeg,.png"}),
    )

    words = tuple(ActWords.__dataclass_fields__)

    def __init__(self, *args: Any, lists: Classification, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["nature"].choices = [(n.code, _nature_label(n)) for n in lists.natures.values()]  # type: ignore[attr-defined]
        self.fields["matter_code"].choices = [("", "—"), *matter_choices(lists)]  # type: ignore[attr-defined]

    def storable(self, otherwise: ActWords) -> ActWords:
        """What was typed, field by field; where it cannot be stored, what stood there before."""
        return ActWords(
            **{name: self.cleaned_data.get(name, getattr(otherwise, name)) for name in self.words}
        )


class PrecedingForm(Gesture):
    """Which act of the body this one changes, among those that the searched words ``q`` find, and how."""

    q = forms.CharField(max_length=200, required=False, widget=forms.HiddenInput)
    preceding = LaterChoice(label=gettext_lazy("The earlier act"), widget=forms.RadioSelect)
    link = LaterChoice(
        label=gettext_lazy("What this act does to it"),
        widget=forms.RadioSelect,
        choices=PrecedingLink.choices,
    )

    def __init__(self, *args: Any, act: Act, **options: Any) -> None:
        super().__init__(*args, act=act, **options)
        self.words = str((self.data if self.is_bound else self.initial).get("q", ""))[:200]
        found = changeable_acts(act, self.words)
        if act.preceding is not None and act.preceding not in found:
            found.insert(0, act.preceding)
        self.fields["preceding"].choices = [  # type: ignore[attr-defined]
            ("", _("None: it changes no act")),
            *((str(one.pk), _one_line_of(one)) for one in found),
        ]


class SittingOfForm(Gesture):
    """The sitting that a draft belongs to, or none."""

    sitting = LaterChoice(label=gettext_lazy("Sitting"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, act: Act, **options: Any) -> None:
        super().__init__(*args, act=act, **options)
        self.fields["sitting"].choices = [  # type: ignore[attr-defined]
            ("", _("None")),
            *_named_apart(sittings_for(act)),
        ]


def _named_apart(sittings: Sequence[Sitting]) -> list[tuple[str, str]]:
    """Each by its day and by who met; those that this does not tell apart also by who presided and when it was recorded."""
    names = [f"{long_date(one.held_on)} – {one.get_kind_display()}" for one in sittings]
    more = _("%(sitting)s, presided by %(name)s, recorded on %(moment)s")
    return [
        (
            str(one.pk),
            more
            % {
                "sitting": name,
                "name": f"{one.given_names} {one.usual_name}",
                "moment": short_date(one.opened_at),
            }
            if names.count(name) > 1
            else name,
        )
        for one, name in zip(sittings, names, strict=True)
    ]


class SignForm(Gesture):
    """Signed by hand: the scan is here and we keep the original."""

    signed_on = Day(
        label=gettext_lazy("Day of the signature"),
        help_text=gettext_lazy("For instance 13/11/2026."),
        error_messages={"required": gettext_lazy("Write the day on which the act was signed.")},
    )
    scan = forms.FileField(
        label=gettext_lazy("Scan of the signed original"),
        required=False,
        allow_empty_file=True,
        help_text=gettext_lazy("Leave empty when the file of the act already is the scan."),
        widget=forms.FileInput(attrs={"accept": ".pdf"}),
    )
    original_is_kept = forms.BooleanField(
        label=gettext_lazy(
            "The act is signed by hand, and our body keeps the paper original in its register."
        ),
        required=False,
    )


class NotifyForm(Gesture):
    """To whom, when, how, with which proof."""

    recipient = forms.CharField(
        label=gettext_lazy("To whom"),
        max_length=200,
        error_messages={"required": gettext_lazy("Write the name of the person who received the act.")},
    )
    notified_on = Day(
        label=gettext_lazy("On which day"),
        help_text=gettext_lazy("The day on which the person received it. For instance 18/11/2026."),
        error_messages={"required": gettext_lazy("Write the day: it stands on the receipt.")},
    )
    means = forms.ChoiceField(
        label=gettext_lazy("How"),
        widget=forms.RadioSelect,
        choices=Means.choices,
        error_messages={"required": gettext_lazy("Choose how the act reached the person.")},
    )
    proof = forms.FileField(
        label=gettext_lazy("Proof"),
        required=False,
        allow_empty_file=True,
        help_text=gettext_lazy("The receipt or the certificate: PDF, JPEG or PNG."),
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
    )


class PostForm(Gesture):
    """How, where and from when an act is public on paper."""

    mode = forms.ChoiceField(
        label=gettext_lazy("How"),
        widget=forms.RadioSelect,
        choices=PaperMode.choices,
        error_messages={"required": gettext_lazy("Choose how the act is public.")},
    )
    place = forms.CharField(
        label=gettext_lazy("Where"),
        max_length=200,
        help_text=gettext_lazy("For instance the board of the town hall."),
        error_messages={"required": gettext_lazy("Write where the act can be read.")},
    )
    posted_on = Day(
        label=gettext_lazy("Since which day"),
        help_text=gettext_lazy("The day on which it could first be read. For instance 14/11/2026."),
        error_messages={"required": gettext_lazy("Write the day: it stands on the certificate.")},
    )


class EndPostingForm(Gesture):
    """Until when the act hung."""

    removed_on = Day(
        label=gettext_lazy("Last day of the posting"),
        help_text=gettext_lazy("For instance 14/01/2027."),
        error_messages={"required": gettext_lazy("Write the day on which the act was taken down.")},
    )


class PublicationForm(Gesture):
    """How a small body makes its acts public, by which deliberation."""

    mode = forms.ChoiceField(
        label=gettext_lazy("How your acts are made public"),
        widget=forms.RadioSelect,
        choices=PublicationMode.choices,
        error_messages={"required": gettext_lazy("Choose one of the three.")},
    )
    from_on = Day(
        label=gettext_lazy("From which day"),
        help_text=gettext_lazy("The day on which the deliberation takes effect. For instance 01/01/2027."),
        error_messages={"required": gettext_lazy("Write the day from which it holds.")},
    )
    deliberation = forms.CharField(
        label=gettext_lazy("Deliberation"),
        max_length=200,
        help_text=gettext_lazy("Its number and its date, for instance DEL_2026_031 of 3 July 2026."),
        error_messages={"required": gettext_lazy("Name the deliberation that decided it.")},
    )


class UnknownPopulationForm(PublicationForm):
    """The same for a body whose population the platform does not know: it says that it is small."""

    is_small = forms.BooleanField(required=False)

    def __init__(self, *args: Any, threshold: int, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["is_small"].label = _("Our body has fewer than %(threshold)s inhabitants.") % {
            "threshold": number_format(threshold, force_grouping=True)
        }
        self.order_fields(["is_small"])


class ReasonForm(Gesture):
    """Why."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("One sentence. For a published act, everybody can read it."),
        error_messages={"required": gettext_lazy("Write why, in one sentence.")},
    )


class DutyForm(ReasonForm):
    """Why an act is an exception to the rule of its kind."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["reason"].help_text = gettext_lazy("One sentence; it stays in the history of the act.")


class FilterForm(forms.Form):
    """Filters of a list, in the address; a filter that cannot be read is told and left out."""

    use_required_attribute = False

    q = LaterText(label=gettext_lazy("Words"), max_length=200)
    nature = LaterChoice(label=gettext_lazy("Nature"), widget=QuickSelect)
    matter = LaterChoice(label=gettext_lazy("Subject matter"), widget=QuickSelect)
    year = LaterNumber(label=gettext_lazy("Year"), min_value=EARLIEST.year, max_value=2200)
    since = LaterDay(label=gettext_lazy("Decided from"))
    until = LaterDay(label=gettext_lazy("Decided until"))
    state = LaterChoice(label=gettext_lazy("State"), widget=QuickSelect)

    def __init__(self, data: Any, *, lists: Classification, years: Sequence[int] = ()) -> None:
        super().__init__(data)
        everything = ("", _("all"))
        language = get_language() or "fr"
        natures = [(n.code, n.label.in_language(language)) for n in lists.natures.values()]
        themes = [(m.code, f"{m.code} {m.label.in_language(language)}") for m in lists.themes]
        self.fields["nature"].choices = [everything, *natures]  # type: ignore[attr-defined]
        self.fields["matter"].choices = [everything, *themes, *matter_choices(lists)]  # type: ignore[attr-defined]
        self.fields["state"].choices = [everything, *((s.name, _(s.label)) for s in LIFE.states.values())]  # type: ignore[attr-defined]
        if years:
            self.fields["year"].widget = QuickSelect(choices=[everything, *((y, str(y)) for y in years)])

    def filters(self, *, with_state: bool = False) -> Filters:
        self.is_valid()
        read = self.cleaned_data.get
        return Filters(
            text=read("q") or "",
            nature=read("nature") or "",
            matter=read("matter") or "",
            year=read("year"),
            decided_from=read("since"),
            decided_until=read("until"),
            state=(read("state") or "") if with_state else "",
        )


def piece_choices(lists: Classification, nature: str) -> list[tuple[str, str]]:
    """The types of pieces of a nature, for a select."""
    language = get_language() or "fr"
    return [("", "—")] + [
        (p.code, f"{p.label.in_language(language)} ({p.code})") for p in lists.piece_types_for(nature)
    ]


def chosen_types(data: Any, annexes: Sequence[Annex]) -> list[tuple[uuid.UUID, str]]:
    """The type codes posted for each annex, by its key."""
    return [(a.pk, data[f"type-{a.pk}"]) for a in annexes if f"type-{a.pk}" in data]


def _one_line_of(act: Act) -> SafeString:
    """An act in a list of choices, with what became of it before the platform; what a body wrote is French.

    One element, since a choice sets out those it holds side by side.
    """
    former = act.former.get_status_display() if act.taken_over_at else ""
    day = day_text(act.decided_on) if act.decided_on else ""
    written = format_html('<span lang="fr">{}</span>', act.object)
    parts = [part for part in (act.number, written, day, former) if part]
    return format_html("<span>{}</span>", format_html_join(" · ", "{}", ((part,) for part in parts)))


def day_text(day: date) -> str:
    return day.strftime("%d/%m/%Y")


def _nature_label(nature: Nature) -> str:
    effects: dict[tuple[str, ...], str] = {
        ("publish",): _("published on line"),
        (NOTIFY,): _("notified to the person concerned, never put on line"),
    }
    effect = effects.get(nature.ways, _("notified, or published if you decide so"))
    return f"{nature.name.in_language(get_language() or 'fr')} – {effect}"


def matter_choices(lists: Classification) -> list[tuple[str, list[tuple[str, str]]]]:
    """The matters by theme, for a select."""
    language = get_language() or "fr"
    return [
        (
            f"{theme.code} {theme.label.in_language(language)}",
            [
                (m.code, f"{m.code} {m.label.in_language(language)}")
                for m in lists.choosable_matters
                if m.code.startswith(f"{theme.code}.")
            ],
        )
        for theme in lists.themes
    ]
