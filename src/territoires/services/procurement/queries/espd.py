"""The ESPD of a bid: what is asked, what the platform already knows of the answers, and both as XML or PDF."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from django.utils.formats import number_format
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from territoires.foundations.packs.api import Pack, pack
from territoires.foundations.printing import api as printing
from territoires.kernel.clock import PARIS, legal_day
from territoires.kernel.errors import Invalid
from territoires.ui.dates import long_date, short_date

from ..domain import espd, espd_writing
from ..domain.selection import ECONOMIC, SUITABILITY, TECHNICAL
from ..models import BidDraft, EnterpriseSheet, EspdAnswer

PACK = "espd-request"
EXCLUSION, SELECTION, OPERATOR = "exclusion", "selection", "operator"
_REFERENCES = ("work-perform", "supply-perform", "service-perform")


@dataclass(frozen=True, slots=True)
class Espd:
    """An ESPD to answer. ``is_own``: asked by the platform for the buyer; ``is_known``: answers are proposed, not given."""

    call: espd.Call
    answers: dict[str, str]
    version: int
    is_own: bool
    is_known: bool


def espd_of(draft: BidDraft, sheet: EnterpriseSheet, day: date) -> Espd:
    """What the bid's ESPD asks, with the answers given, or those that the platform knows. Raises Unavailable without a list."""
    kept = EspdAnswer.objects.filter(draft=draft).first()
    brought = bytes(kept.request) if kept else b""
    call = espd.read_espd(brought)[0] if brought else own_call(draft, day)
    given = dict(kept.answers) if kept else {}
    if kept is None or not kept.is_written:
        given = known_answers(call, draft, sheet) | given
    return Espd(call, given, kept.version if kept else 1, not brought, kept is None or not kept.is_written)


def own_call(draft: BidDraft, day: date) -> espd.Call:
    """The request that the platform makes for the buyer: grounds of exclusion, and what the consultation asks to be able to do."""
    consultation = draft.consultation
    if consultation is None:
        raise Invalid("espd-rehearsal", "A rehearsal has no ESPD.", "Try it with a real consultation.")
    found = pack(PACK, on=day)
    asked: dict[str, list[str]] = {SUITABILITY: [], ECONOMIC: [], TECHNICAL: []}
    for one in consultation.selection.all():
        asked.setdefault(one.kind, []).append(" – ".join(filter(None, [one.text, one.level])))
    labels = _entries(found, "criterion")
    wanted = {
        code: "\n".join(asked.get(entry.get("asked_by", ""), []))
        for code, entry in labels.items()
        if entry["section"] != SELECTION
        or (
            asked.get(entry["asked_by"])
            and entry.get("category", consultation.main_procurement_category)
            == consultation.main_procurement_category
        )
    }
    base, _answers = espd.read_espd(_file(found))
    return replace(
        base,
        id=str(uuid5(NAMESPACE_URL, f"espd:{consultation.pk}")),
        folder=consultation.reference,
        title=consultation.title,
        buyer=consultation.organisation.name,
        criteria=tuple(
            _own(one, labels[one.code], wanted[one.code]) for one in base.criteria if one.code in wanted
        ),
    )


def known_answers(call: espd.Call, draft: BidDraft, sheet: EnterpriseSheet) -> dict[str, str]:
    """What the sheet and the consortium already say. Grounds of exclusion are never answered in the enterprise's place."""
    found: dict[str, str] = {}
    for criterion in call.criteria:
        asked = [one.property for one in espd.questions(replace(call, criteria=(criterion,)))]
        values = dict(_known(criterion.code, draft, sheet))
        for one in asked:
            if value := values.pop(one.text, "") or values.pop(espd.family_of(one.datatype), ""):
                found[one.id] = value
    return espd.answered(call, found)


def _known(code: str, draft: BidDraft, sheet: EnterpriseSheet) -> Iterator[tuple[str, str]]:
    """For one criterion: answers by the words of their question, or to the first question of a family."""
    if code == "sme":
        yield "INDICATOR", espd.YES if sheet.is_small else ""
        yield "NUMBER", "" if sheet.headcount is None else str(sheet.headcount)
        yield "AMOUNT", "" if sheet.turnover is None else str(sheet.turnover)
    if code == "eo-group":
        members = list(draft.members.all())
        yield "INDICATOR", espd.YES if members else espd.NO
        yield "CODE", "group-lead" if members else ""
        yield "TEXT", ", ".join(f"{one.name} ({one.siret})" for one in members)
    if code == "gen-year-to" and sheet.turnover is not None and sheet.turnover_year:
        yield "INDICATOR", espd.YES
        yield "AMOUNT", str(sheet.turnover)
        yield "PERIOD", f"{sheet.turnover_year}-01-01/{sheet.turnover_year}-12-31"
    if code == "indem-insu" and sheet.insurance:
        yield "INDICATOR", espd.YES
    if code in _REFERENCES and sheet.references:
        yield "INDICATOR", espd.YES
        yield "Reference description", sheet.references


def espd_file(draft: BidDraft, sheet: EnterpriseSheet, name: str, at: datetime) -> tuple[bytes, str]:
    """One of the files of a bid's ESPD and its media type: ``espd-request.xml``, ``espd-response.xml``, or the PDF."""
    found = espd_of(draft, sheet, legal_day(at))
    if name == "espd-request.xml":
        return espd_request(draft, found, at), "application/xml"
    if name == "espd-response.xml":
        return espd_response(draft, found, sheet, at), "application/xml"
    return espd_printed(draft, found, sheet, at), "application/pdf"


def espd_request(draft: BidDraft, found: Espd, at: datetime) -> bytes:
    """The request as XML: the same bytes for the same instant."""
    return espd_writing.written_request(
        found.call, at=at.astimezone(PARIS), key=uuid5(NAMESPACE_URL, f"request:{draft.pk}")
    )


def espd_response(draft: BidDraft, found: Espd, sheet: EnterpriseSheet, at: datetime) -> bytes:
    """The response as XML, to add to the candidature."""
    bidder = draft.bidder
    members = list(draft.members.all())
    operator = espd.Operator(
        name=bidder.name if bidder else "",
        siret=(bidder.siret or bidder.siren) if bidder else "",
        role="group-lead" if members else "sole-tenderer",
        size="sme" if sheet.is_small else "",
        street=sheet.address,
        town=sheet.town,
        postal_code=sheet.postal_code,
        contact=sheet.signatory,
        email=sheet.email,
        telephone=sheet.telephone,
        group=", ".join([bidder.name, *(one.name for one in members)])[:300] if members and bidder else "",
    )
    key = uuid5(NAMESPACE_URL, f"response:{draft.pk}:{found.version}")
    return espd_writing.written_response(
        found.call, found.answers, operator, at=at.astimezone(PARIS), key=key
    )


def espd_printed(draft: BidDraft, found: Espd, sheet: EnterpriseSheet, at: datetime) -> bytes:
    """The answers as PDF, in French: the buyer reads it."""
    with override("fr"):
        words = words_of(legal_day(at))
        facts: list[dict[str, str]] = []
        told: set[str] = set()
        for asked in espd.questions(found.call):
            value = found.answers.get(asked.property.id)
            if value:
                criterion, question = words.criterion(asked.criterion), words.question(asked.property.text)
                is_first = asked.criterion.id not in told
                told.add(asked.criterion.id)
                label = criterion.label if is_first else f"{criterion.label} – {question}"
                facts.append({"label": label, "value": said(asked.property.datatype, value)})
        bidder = draft.bidder
        data = {
            "title": _("European single procurement document (DUME)"),
            "paragraphs": [
                _("%(enterprise)s (SIRET %(siret)s) answers for the consultation %(reference)s, %(title)s.")
                % {
                    "enterprise": bidder.name if bidder else "",
                    "siret": (bidder.siret or bidder.siren) if bidder else "",
                    "reference": found.call.folder,
                    "title": found.call.title,
                },
                _("Buyer: %(buyer)s. The XML file beside this one says the same to machines.")
                % {"buyer": found.call.buyer},
            ],
            "facts": facts,
            "conclusion": _(
                "The candidate declares that these statements are accurate, and that it can give the proofs of them"
                " without delay when it is asked."
            ),
            "place_and_date": _("At ........................, on %(day)s")
            % {"day": long_date(legal_day(at))},
            "signatory": ", ".join(filter(None, [sheet.signatory, sheet.signatory_title])),
        }
        return printing.render(
            "printing/certificate", data, language="fr", issuer=bidder.name if bidder else "", at=at
        )


def said(datatype: str, value: str) -> str:
    """An answer as people read it."""
    family = espd.family_of(datatype)
    if family == "INDICATOR":
        return _("yes") if value == espd.YES else _("no")
    if family == "DATE":
        return short_date(date.fromisoformat(value))
    if family == "PERIOD":
        return " – ".join(short_date(date.fromisoformat(one)) for one in value.split("/"))
    if family == "AMOUNT":
        return f"{number_format(value, use_l10n=True, force_grouping=True)} €"
    return value


@dataclass(frozen=True, slots=True)
class CriterionWords:
    """A criterion in the reader's language, and the part of the page in which it stands."""

    label: str
    text: str
    section: str


class Words:
    """The words of criteria and questions in the reader's language: of the list, else those of the request."""

    def __init__(self, found: Pack) -> None:
        self._language = "en" if get_language() == "en" else "fr"
        self._criteria = _entries(found, "criterion")
        self._questions = _entries(found, "question")

    def criterion(self, one: espd.Criterion) -> CriterionWords:
        entry = self._criteria.get(one.code)
        if entry is None:
            return CriterionWords(one.name or one.code, one.text, SELECTION)
        return CriterionWords(
            entry[f"label_{self._language}"], entry[f"text_{self._language}"], entry["section"]
        )

    def question(self, text: str) -> str:
        entry = self._questions.get(text)
        return entry["label_fr"] if entry is not None and self._language == "fr" else text


def words_of(day: date) -> Words:
    """The words of a day. Raises Unavailable without the list."""
    return Words(pack(PACK, on=day))


def _own(one: espd.Criterion, entry: Mapping[str, Any], asked: str) -> espd.Criterion:
    """A criterion of the list, with the buyer's words where the list has placeholders, and no minimum that nobody set."""
    groups = tuple(_cleared(group, asked) for group in one.groups)
    return replace(one, name=entry["label_fr"], text=entry["text_fr"], groups=groups)


def _cleared(group: espd.Group, asked: str) -> espd.Group:
    return replace(
        group,
        properties=tuple(_property(one, asked) for one in group.properties),
        groups=tuple(_cleared(one, asked) for one in group.groups),
    )


def _property(one: espd.Property, asked: str) -> espd.Property:
    text = asked if one.text.startswith("[") else one.text
    return replace(one, text=text, expected=tuple(_expected(*each, asked) for each in one.expected))


def _expected(name: str, value: str, asked: str) -> tuple[str, str]:
    if name.startswith("Minimum") or name == "ExpectedValueNumeric":
        return name, "0"
    if name == "ExpectedDescription":
        return name, asked or "-"
    return name, value


def _entries(found: Pack, kind: str) -> dict[str, Mapping[str, Any]]:
    return {one["code"]: one for one in found.entries if one["kind"] == kind}


def _file(found: Pack) -> bytes:
    [entry] = _entries(found, "file").values()
    return _read(str(found.folder / entry["file"]))


@lru_cache(maxsize=4)
def _read(path: str) -> bytes:
    return Path(path).read_bytes()
