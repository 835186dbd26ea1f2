"""Forms of notices and essential data; a record's fields bear the names of the official format."""

# ruff: noqa: N815

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ..actions.notices import SIZES
from ..domain.notices.decp import CONCESSION, CONTRACT, Format, Record, holders_in
from ..domain.notices.sheets import NETWORKS
from ..models import LONGEST_REASON, BuyerProfile, Notice, NoticeChannel
from .fields import Day, Money, Text
from .forms import Gesture

SIZE_CHOICES = (
    ("", "—"),
    ("micro", _("Micro-enterprise: fewer than 10 people")),
    ("small", _("Small: fewer than 50 people")),
    ("medium", _("Medium: fewer than 250 people")),
    ("large", _("Large: 250 people or more")),
)
PURPOSES = (
    ("prior", _("Prior information: what you will buy")),
    ("call", _("Call: enterprises are invited to answer")),
    ("intention", _("Intention to award without a call (VEAT)")),
    ("result", _("Result: what was awarded")),
)
CHANGE_REASONS = (
    ("cor-buy", _("An error of the buyer is corrected")),
    ("update-add", _("Information is updated or added")),
    ("cancel", _("The procedure is cancelled")),
)

# What a body of the territory is and does, where the official lists are not on the platform.
USUAL = {"la": _("local authority"), "gen-pub": _("general public services")}


class ProfileForm(Gesture):
    """What notices say of the body."""

    siret = forms.CharField(
        label=_("SIRET of the body"),
        max_length=20,
        help_text=_("14 digits: the establishment that buys. Essential data are refused without it."),
    )
    legal_type = forms.ChoiceField(label=_("Kind of body"))
    activity = forms.ChoiceField(label=_("Main activity"))
    entity_activity = forms.ChoiceField(
        label=_("Network that it runs"),
        required=False,
        help_text=_("Only when you buy for it as a contracting entity: water, energy, transport, post."),
    )
    street = forms.CharField(label=_("Street"), max_length=200, required=False)
    postal_code = forms.CharField(label=_("Postcode"), max_length=10)
    city = forms.CharField(label=_("Town"), max_length=100)
    nuts = forms.ChoiceField(label=_("Department"))
    email = forms.EmailField(label=_("E-mail"))
    telephone = forms.CharField(
        label=_("Telephone"), max_length=30, help_text=_("With the country. For instance: +33 380000000.")
    )
    website = forms.URLField(label=_("Website"), max_length=300, required=False, assume_scheme="https")
    review_name = forms.CharField(
        label=_("Court that hears complaints"),
        max_length=200,
        help_text=_("The administrative court of your place, by its whole name."),
    )
    review_siret = forms.CharField(label=_("Its SIRET"), max_length=20)
    review_postal_code = forms.CharField(label=_("Its postcode"), max_length=10)
    review_city = forms.CharField(label=_("Its town"), max_length=100)
    review_nuts = forms.ChoiceField(label=_("Its department"))
    review_email = forms.EmailField(label=_("Its e-mail"))
    review_telephone = forms.CharField(label=_("Its telephone"), max_length=30)

    def __init__(
        self,
        *args: Any,
        profile: BuyerProfile,
        kinds: Mapping[str, str],
        activities: Mapping[str, str],
        places: Sequence[tuple[str, str]],
        **options: Any,
    ) -> None:
        initial = {name: getattr(profile, name) for name in self.base_fields if hasattr(profile, name)}
        options["initial"] = initial | options.get("initial", {})
        super().__init__(*args, **options)
        self.initial["version"] = profile.version if profile.pk and not profile._state.adding else 0
        network = profile.entity_activity
        networks = _choices(_among(activities, NETWORKS, True), network) if activities or network else []
        for name, choices in (
            ("legal_type", _choices(kinds, profile.legal_type)),
            ("activity", _choices(_among(activities, NETWORKS, False), profile.activity)),
            ("entity_activity", [("", "—"), *networks]),
            ("nuts", [("", "—"), *places]),
            ("review_nuts", [("", "—"), *places]),
        ):
            self.fields[name].choices = choices  # type: ignore[attr-defined]


class NoticeForm(Gesture):
    """Which notice, for which publisher."""

    does = forms.ChoiceField(
        label=_("What the notice is for"),
        widget=forms.RadioSelect,
        choices=PURPOSES,
        error_messages={"required": _("Choose one.")},
    )
    channel = forms.ChoiceField(
        label=_("Where it is published"),
        widget=forms.RadioSelect,
        choices=NoticeChannel.choices,
        help_text=_(
            "From the European thresholds on, the Official Journal; below, the BOAMP. The BOAMP may pass it on."
        ),
        error_messages={"required": _("Choose one.")},
    )
    justification = forms.ChoiceField(
        label=_("Why there was no call"),
        required=False,
        help_text=_("Only for an intention to award."),
    )
    change_text = Text(
        label=_("Explanation"),
        max_length=LONGEST_REASON,
        rows=3,
        required=False,
        help_text=_("Only for an intention to award: why the law allows it."),
    )

    def __init__(self, *args: Any, justifications: Mapping[str, str], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["justification"].choices = [("", "—"), *justifications.items()]  # type: ignore[attr-defined]


class CorrectionForm(Gesture):
    """What a published notice must say otherwise."""

    change_reason = forms.ChoiceField(
        label=_("Why"),
        widget=forms.RadioSelect,
        choices=CHANGE_REASONS,
        error_messages={"required": _("Choose one.")},
    )
    change_text = Text(
        label=_("What changed"),
        max_length=LONGEST_REASON,
        rows=3,
        help_text=_("In a sentence that an enterprise understands; it is published."),
        error_messages={"required": _("Say what changed.")},
    )


class PublishedForm(Gesture):
    """Where and when a notice came out."""

    number = forms.CharField(
        label=_("Publication number"),
        max_length=40,
        help_text=_("As it stands on the published notice. For instance: 26-12345, or 123456-2026."),
        error_messages={"required": _("Copy the number that the publisher gave.")},
    )
    published_on = Day(
        label=_("Day of the publication"),
        error_messages={"required": _("Give the day that stands on the published notice.")},
    )


class SizesForm(Gesture):
    """How large each enterprise is that bid, which European statistics ask for; where a winner or another buyer is, if it
    has not said; of other buyers also the kind."""

    def __init__(
        self,
        *args: Any,
        bidders: Mapping[str, str],
        sizes: Mapping[str, str],
        placeless: Mapping[str, str],
        kinds: Mapping[str, Mapping[str, str]],
        departments: Sequence[tuple[str, str]],
        notice: Notice,
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.bidders, self.placeless, self.kinds = dict(bidders), dict(placeless), dict(kinds)
        self.initial["version"] = notice.version
        for siret, name in self.bidders.items():
            self.fields[f"size-{siret}"] = forms.ChoiceField(
                label=name, choices=SIZE_CHOICES, required=False, initial=sizes.get(siret, "")
            )
        told = notice.answers.get("places", {})
        for siret, name in self.placeless.items():
            place = told.get(siret, {})
            self.fields[f"postcode-{siret}"] = forms.CharField(
                label=_("Postcode of %(name)s") % {"name": name},
                max_length=10,
                required=False,
                initial=place.get("postal_code", ""),
            )
            self.fields[f"town-{siret}"] = forms.CharField(
                label=_("Town of %(name)s") % {"name": name},
                max_length=100,
                required=False,
                initial=place.get("city", ""),
            )
            self.fields[f"nuts-{siret}"] = forms.ChoiceField(
                label=_("Department of %(name)s") % {"name": name},
                choices=[("", "—"), *departments],
                required=False,
                initial=place.get("nuts", ""),
            )
        for siret, choices in self.kinds.items():
            self.fields[f"kind-{siret}"] = forms.ChoiceField(
                label=_("Kind of body of %(name)s") % {"name": self.placeless[siret]},
                choices=[("", "—"), *choices.items()],
                required=False,
                initial=told.get(siret, {}).get("legal_type", ""),
            )

    @property
    def sizes(self) -> dict[str, str]:
        return {
            siret: self.cleaned_data[f"size-{siret}"]
            for siret in self.bidders
            if self.cleaned_data.get(f"size-{siret}") in SIZES
        }

    @property
    def places(self) -> dict[str, dict[str, str]]:
        return {
            siret: {
                "postal_code": self.cleaned_data[f"postcode-{siret}"],
                "city": self.cleaned_data[f"town-{siret}"],
                "nuts": self.cleaned_data[f"nuts-{siret}"],
                "legal_type": self.cleaned_data.get(f"kind-{siret}", ""),
            }
            for siret in self.placeless
        }


class ImportForm(Gesture):
    """A file of essential data from another platform."""

    document = forms.FileField(
        label=_("File"),
        allow_empty_file=True,
        help_text=_("The file of essential data (DECP) of your former platform, JSON or XML; 50 MB at most."),
        error_messages={"required": _("Choose a file.")},
    )


_WRAPPED = {
    "techniques": "technique",
    "modalitesExecution": "modaliteExecution",
    "typesPrix": "typePrix",
    "considerationsSociales": "considerationSociale",
    "considerationsEnvironnementales": "considerationEnvironnementale",
}
_ONE = ("nature", "procedure", "ccag", "formePrix", "typeGroupementOperateurs")
_FLAGS = ("marcheInnovant", "attributionAvance", "sousTraitanceDeclaree")
_NUMBERS = ("montant", "valeurGlobale", "montantSubventionPublique", "tauxAvance")
_DAYS = ("dateNotification", "dateSignature", "dateDebutExecution")
_BUYERS = {CONTRACT: "acheteur", CONCESSION: "autoriteConcedante"}
_HOLDERS = {CONTRACT: ("titulaires", "titulaire"), CONCESSION: ("concessionnaires", "concessionnaire")}
_OF_THE_OTHER = {
    CONTRACT: ("valeurGlobale", "montantSubventionPublique", "dateSignature", "dateDebutExecution"),
    CONCESSION: (
        "codeCPV",
        "montant",
        "dateNotification",
        "offresRecues",
        "typeGroupementOperateurs",
        "place_code",
        "place_kind",
        "ccag",
        "formePrix",
        "typesPrix",
        "techniques",
        "modalitesExecution",
        "marcheInnovant",
        "attributionAvance",
        "tauxAvance",
        "sousTraitanceDeclaree",
    ),
}
"""What the form of each kind does not ask."""
_YES_NO = (("", "—"), ("true", _("yes")), ("false", _("no")))


class RecordForm(Gesture):
    """The essential data of a contract, as far as they are known: what lacks keeps it from being published only."""

    id = forms.CharField(
        label=_("Number of the contract"),
        max_length=16,
        help_text=_("At most 16 characters; it never changes afterwards."),
        error_messages={"required": _("Give the internal number of the contract.")},
    )
    objet = Text(label=_("Object"), max_length=1000, rows=2, required=False)
    codeCPV = forms.CharField(label=_("CPV code"), max_length=10, required=False)
    nature = forms.ChoiceField(label=_("Nature"), required=False)
    procedure = forms.ChoiceField(label=_("Procedure"), required=False)
    montant = Money(label=_("Amount without VAT"), required=False)
    valeurGlobale = Money(label=_("Value over the whole duration, without VAT"), required=False)
    montantSubventionPublique = Money(
        label=_("Public money given, subsidies and other advantages"),
        required=False,
        help_text=_("0 where there is none."),
    )
    dureeMois = forms.IntegerField(label=_("Duration in months"), required=False, min_value=1, max_value=1200)
    dateNotification = Day(label=_("Day of the notification"), required=False)
    dateSignature = Day(label=_("Day of the signature"), required=False)
    dateDebutExecution = Day(label=_("Day on which it begins to be carried out"), required=False)
    offresRecues = forms.IntegerField(label=_("Bids received"), required=False, min_value=1, max_value=10000)
    titulaires = Text(
        label=_("Holders"),
        max_length=2000,
        rows=2,
        required=False,
        help_text=_("One SIRET a line, the leader first."),
    )
    typeGroupementOperateurs = forms.ChoiceField(label=_("Consortium"), required=False)
    place_code = forms.CharField(label=_("Code of the place"), max_length=10, required=False)
    place_kind = forms.ChoiceField(label=_("Kind of code"), required=False)
    ccag = forms.ChoiceField(label=_("General terms (CCAG)"), required=False)
    formePrix = forms.ChoiceField(label=_("Form of the price"), required=False)
    typesPrix = forms.MultipleChoiceField(
        label=_("Variation of the price"), required=False, widget=forms.CheckboxSelectMultiple
    )
    techniques = forms.MultipleChoiceField(
        label=_("Techniques"), required=False, widget=forms.CheckboxSelectMultiple
    )
    modalitesExecution = forms.MultipleChoiceField(
        label=_("Manner of execution"), required=False, widget=forms.CheckboxSelectMultiple
    )
    considerationsSociales = forms.MultipleChoiceField(
        label=_("Social inclusion"), required=False, widget=forms.CheckboxSelectMultiple
    )
    considerationsEnvironnementales = forms.MultipleChoiceField(
        label=_("Environment"), required=False, widget=forms.CheckboxSelectMultiple
    )
    marcheInnovant = forms.ChoiceField(label=_("Innovative purchase"), required=False, choices=_YES_NO)
    attributionAvance = forms.ChoiceField(label=_("An advance is paid"), required=False, choices=_YES_NO)
    tauxAvance = forms.DecimalField(
        label=_("Rate of the advance"),
        required=False,
        min_value=0,
        max_value=1,
        max_digits=5,
        decimal_places=4,
        help_text=_("From 0 to 1. For instance: 0.3 for 30 %."),
    )
    sousTraitanceDeclaree = forms.ChoiceField(
        label=_("Subcontracting is declared"), required=False, choices=_YES_NO
    )

    def __init__(self, *args: Any, official: Format, kind: str, record: Record, **options: Any) -> None:
        options["initial"] = _read(record, kind) | options.get("initial", {})
        super().__init__(*args, **options)
        self.record, self.kind = record, kind
        for name in _OF_THE_OTHER[kind]:
            del self.fields[name]
        for name in _ONE:
            self._offer(name, [("", "—"), *_same(official.values(kind, name))])
        self._offer("place_kind", [("", "—"), *_same(official.values(kind, "lieuExecution.typeCode"))])
        for name, inner in _WRAPPED.items():
            self._offer(name, _same(official.values(kind, f"{name}.{inner}")))
        if record:
            self.fields["id"].widget.attrs["readonly"] = True

    def written(self, buyer: str, today: str) -> Record:
        """The record as it is now; what the form does not ask stays."""
        said = self.cleaned_data
        record = dict(self.record) | {"id": said["id"].strip(), _BUYERS[self.kind]: {"id": buyer}}
        record.setdefault("datePublicationDonnees", today)
        for name in self._asked("objet", "codeCPV", *_ONE, "dureeMois", "offresRecues"):
            _put(record, name, said[name] or None)
        for name in self._asked(*_WRAPPED):
            _put(record, name, {_WRAPPED[name]: said[name]} if said[name] else None)
        for name in self._asked(*_FLAGS):
            _put(record, name, {"true": True, "false": False}.get(said[name]))
        for name in self._asked(*_NUMBERS):
            _put(record, name, float(said[name]) if said[name] is not None else None)
        for name in self._asked(*_DAYS):
            _put(record, name, said[name].isoformat() if said[name] else None)
        if self._asked("place_code"):
            place = {"code": said["place_code"].strip(), "typeCode": said["place_kind"]}
            _put(record, "lieuExecution", place if all(place.values()) else None)
        sirets = ["".join(line.split()) for line in said["titulaires"].splitlines() if line.strip()]
        outer, inner = _HOLDERS[self.kind]
        _put(record, outer, [{inner: {"id": one, "typeIdentifiant": "SIRET"}} for one in sirets] or None)
        return record

    def _asked(self, *names: str) -> list[str]:
        return [name for name in names if name in self.fields]

    def _offer(self, name: str, choices: Iterable[tuple[str, str]]) -> None:
        if name in self.fields:
            self.fields[name].choices = list(choices)  # type: ignore[attr-defined]


def _read(record: Record, kind: str) -> dict[str, Any]:
    """What the form shows of a record."""
    plain = ("id", "objet", "codeCPV", *_ONE, *_NUMBERS, *_DAYS, "dureeMois", "offresRecues")
    shown: dict[str, Any] = {name: record[name] for name in plain if name in record}
    shown |= {name: str(record[name]).lower() for name in _FLAGS if isinstance(record.get(name), bool)}
    for name, inner in _WRAPPED.items():
        if isinstance(record.get(name), dict):
            shown[name] = record[name].get(inner, [])
    place = record.get("lieuExecution")
    if isinstance(place, dict):
        shown |= {"place_code": place.get("code", ""), "place_kind": place.get("typeCode", "")}
    shown["titulaires"] = "\n".join(str(one.get("id", "")) for one in holders_in(record, kind))
    return shown


def _put(record: Record, name: str, value: Any) -> None:
    if value is None:
        record.pop(name, None)
    else:
        record[name] = value


def _same(values: Iterable[str]) -> list[tuple[str, str]]:
    return [(value, value) for value in values]


def _among(labels: Mapping[str, str], codes: Sequence[str], is_in: bool) -> dict[str, str]:
    return {code: label for code, label in labels.items() if (code in codes) is is_in}


def _choices(labels: Mapping[str, str], present: str) -> list[tuple[str, str]]:
    """A code list; where it is not on this platform, what is there."""
    return list(labels.items()) or [(present, str(USUAL.get(present, present)))]
