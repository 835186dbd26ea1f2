"""What the documents of a consultation say, read from it: always in French, the language of what a body publishes."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from territoires.foundations.packs.api import Entry, pack
from territoires.ui.dates import long_date, short_date
from territoires.ui.templatetags.ui import amount

from ..domain import drafting
from ..domain.drafting import Clause, Draft, Table
from ..domain.law import Law
from ..domain.quorum import GIB, LIMITS
from ..domain.selection import CANDIDATE, TENDERER, WINNER
from ..domain.sheet import CENTRAL, CriterionSheet, LotSheet, OptionSheet, Sheet
from ..models import Consultation, DocumentTemplate, OptionKind, Piece, SelectionKind, SignatureTime
from .buyers import buyers_of

PACK = "procurement-clauses"
SAFETY_COPIES = "procurement-safety-copies"
TITLES = {
    drafting.RULES: ("Règlement de la consultation", "reglement-de-la-consultation"),
    drafting.ENGAGEMENT: ("Acte d'engagement", "acte-d-engagement"),
    drafting.PRICES: ("Bordereau des prix", "bordereau-des-prix"),
    drafting.SEAL: ("Annexe au règlement : ouverture des plis", "annexe-ouverture-des-plis"),
}
POLICY_HASH = "empreinte"
NAMES = (
    "acheteur",
    "siret",
    "reference",
    "adresse",
    "groupement",
    "negociation",
    "signature_au_depot",
    "objet",
    "description",
    "procedure",
    "cpv",
    "lieu",
    "lots",
    "motif_non_allotissement",
    "options",
    "variantes",
    "reservation",
    "conditions",
    "pieces",
    "criteres",
    "nombre_candidats",
    "chiffre_affaires",
    "prime",
    "duree",
    "validite",
    "clause_environnementale",
    "clause_sociale",
    "questions_jusquau",
    "date_limite",
    "date_limite_candidatures",
    "tribunal",
    "contact",
    "cas_copie",
    "limites",
    POLICY_HASH,
)
"""What a body's own model may name between double braces."""
_ASKED = {
    CANDIDATE: "Avec la candidature",
    TENDERER: "Avec l'offre",
    WINNER: "Seulement de l'entreprise retenue",
}
_EMPTY_LINES = 8


def draft_of(code: str, consultation: Consultation, sheet: Sheet, law: Law, policy_hash: str = "") -> Draft:
    """One document of the consultation, as it would be written now; ``policy_hash`` is known at the publication."""
    with translation.override("fr"):
        title, name = TITLES[code]
        values, tables = values_of(consultation, sheet, law, policy_hash), _tables(sheet, law)
        clauses = [_clause(entry) for entry in pack(PACK, on=law.on).entries]
        return drafting.drafted(code, title, name, clauses, values, tables)


_BLOCK_NAMES = {
    "lots": "lots",
    "lots-to-tick": "lots",
    "options": "options",
    "selection": "conditions",
    "pieces": "pieces",
    "criteria": "criteres",
}


def model_of(code: str, on: date) -> Draft:
    """The platform's model with names in the place of values: where a body begins its own."""
    title, name = TITLES[code]
    values = {one: f"{{{{ {one} }}}}" for one in NAMES}
    clauses = [_clause(entry) for entry in pack(PACK, on=on).entries]
    tables = {
        block: Table(("À remplacer",), ((f"{{{{ {value} }}}}",),)) for block, value in _BLOCK_NAMES.items()
    }
    kept = [dataclasses.replace(one, needs="", unless="") for one in clauses]
    return drafting.drafted(code, title, f"modele-{name}", kept, values, tables)


def templates_of(organisation: UUID) -> dict[str, DocumentTemplate]:
    """The body's own models, by code."""
    found = DocumentTemplate.objects.filter(organisation=organisation).select_related("document", "person")
    return {one.code: one for one in found}


def source_of(code: str, consultation: Consultation, sheet: Sheet, law: Law) -> str:
    """The SHA-256 of what a document is written from: what it says, and the body's own model if there is one.

    The hash of the opening rules is no part of it: the publication prints it.
    """
    own = template_of(consultation, code)
    said = draft_of(code, consultation, sheet, law).digest
    return hashlib.sha256(f"{said}{own.sha256}".encode()).hexdigest() if own else said


def stale_documents(consultation: Consultation, sheet: Sheet, law: Law) -> list[str]:
    """The names of written documents that no longer say what the consultation says."""
    made = Piece.objects.filter(consultation=consultation, retired_in=None).exclude(made_as="")
    sources: dict[str, str] = {}
    stale = []
    for piece in made.select_related("document"):
        code = piece.made_as.partition(".")[0]
        sources[code] = sources.get(code) or source_of(code, consultation, sheet, law)
        if piece.made_from != sources[code]:
            stale.append(piece.document.name)
    return stale


def template_of(consultation: Consultation, code: str) -> DocumentTemplate | None:
    """The body's own model of a document."""
    found = DocumentTemplate.objects.filter(organisation=consultation.organisation_id, code=code)
    return found.select_related("document").first()


def values_of(consultation: Consultation, sheet: Sheet, law: Law, policy_hash: str = "") -> dict[str, str]:
    """What each name stands for, in clauses and in a body's own models; empty where nothing is said."""
    with translation.override("fr"):
        return {
            **_particulars(consultation),
            POLICY_HASH: policy_hash,
            "objet": sheet.title,
            "description": sheet.description,
            "procedure": law.procedures[sheet.procedure].label.fr
            if sheet.procedure in law.procedures
            else "",
            "cpv": " ".join([sheet.cpv, *sheet.additional_cpvs]).strip(),
            "lieu": _place(sheet.nuts, law.on),
            "lots": "\n".join(f"Lot {lot.number} : {lot.title}" for lot in sheet.lots),
            "motif_non_allotissement": sheet.division_reason,
            "options": "\n".join(one.name for one in sheet.options),
            "variantes": (sheet.variant_conditions or "sans condition") if sheet.allows_variants else "",
            "reservation": _reservation(sheet.reserved_for, law),
            "conditions": "\n".join(" : ".join(filter(None, (c.text, c.level))) for c in sheet.selection),
            "pieces": "\n".join(f"{_ASKED[p.asked_from]} : {p.name}" for p in sheet.asked_pieces),
            "criteres": "\n".join(f"{c.label} : {_percent(c.weight)}" for c in sheet.criteria),
            "nombre_candidats": _candidates(sheet),
            "chiffre_affaires": _turnover(sheet),
            "prime": _money(sheet.prize),
            "duree": str(sheet.duration_months or ""),
            "validite": str(sheet.validity_days or ""),
            "clause_environnementale": sheet.environmental_clause,
            "clause_sociale": sheet.social_clause,
            "questions_jusquau": short_date(sheet.questions_until) if sheet.questions_until else "",
            "date_limite": _instant(sheet.tenders_until),
            "date_limite_candidatures": _instant(sheet.applications_until),
            "tribunal": sheet.review_body,
            "contact": sheet.contact_email,
            "cas_copie": " ; ".join(
                entry["label_fr"][:1].lower() + entry["label_fr"][1:]
                for entry in pack(SAFETY_COPIES, on=law.on).entries
            ),
            "limites": (
                f"{LIMITS.files} fichiers, {LIMITS.file // GIB} Gio pour un fichier, {LIMITS.bid // GIB} Gio en tout"
            ),
        }


def _particulars(consultation: Consultation) -> dict[str, str]:
    body = consultation.organisation
    address = settings.SITE_URL + reverse(
        "procurement:consultation", kwargs={"consultation": consultation.pk}
    )
    at_deposit = consultation.signature_time == SignatureTime.DEPOSIT
    return {
        "acheteur": body.name,
        "siret": body.siret or body.siren or "",
        "reference": consultation.reference,
        "adresse": address,
        "groupement": _group(consultation),
        "negociation": "oui" if consultation.is_negotiated else "",
        "signature_au_depot": "oui" if at_deposit else "",
    }


def _group(consultation: Consultation) -> str:
    buyers = buyers_of(consultation)
    if not consultation.purchasing_form or not buyers:
        return ""
    named = ", ".join(f"{one.name or 'SIRET'} ({one.siret})" for one in buyers)
    if consultation.purchasing_form == CENTRAL:
        return f"{consultation.organisation.name} achète comme centrale d'achat pour : {named}."
    agreement = f", par la convention {consultation.group_agreement}" if consultation.group_agreement else ""
    return f"Groupement de commandes dont {consultation.organisation.name} est le coordonnateur{agreement}, avec : {named}."


def _tables(sheet: Sheet, law: Law) -> dict[str, Table]:
    return {
        "facts": _facts(sheet, law),
        "lots": Table(
            ("N°", "Lot", "Codes CPV", "Lieu", "Réservé"), [_lot(lot, sheet, law) for lot in sheet.lots]
        ),
        "lots-to-tick": Table(("", "N°", "Lot"), [("[ ]", str(lot.number), lot.title) for lot in sheet.lots]),
        "options": Table(
            ("Option", "Nature", "Fois", "Mois", "Lot"),
            [
                (
                    one.name,
                    str(OptionKind(one.kind).label),
                    str(one.times),
                    str(one.months or "—"),
                    str(one.lot or "tous"),
                )
                for one in sheet.options
            ],
        ),
        "selection": Table(
            ("Condition", "Nature", "Niveau minimal"),
            [(one.text, str(SelectionKind(one.kind).label), one.level or "—") for one in sheet.selection],
        ),
        "pieces": Table(
            ("Pièce", "Demandée"), [(one.name, _ASKED[one.asked_from]) for one in sheet.asked_pieces]
        ),
        "criteria": Table(
            ("Critère", "Pour", "Poids"), [row for one in sheet.criteria for row in _criterion(one)]
        ),
        "deadlines": _deadlines(sheet),
        "holder": Table(
            ("Le titulaire", "À remplir"),
            [
                (name, "")
                for name in (
                    "Nom commercial et dénomination",
                    "SIRET",
                    "Adresse",
                    "Adresse électronique",
                    "Téléphone",
                    "Membres du groupement et mandataire, s'il y a lieu",
                    "Sous-traitants déclarés (joindre un acte spécial pour chacun)",
                )
            ],
        ),
        "price": _price(sheet),
        "prices": Table(
            ("N°", "Désignation", "Unité", "Quantité", "Prix unitaire HT", "Total HT"), _price_rows(sheet)
        ),
    }


def _facts(sheet: Sheet, law: Law) -> Table:
    rows = [
        ("Procédure", law.procedures[sheet.procedure].label.fr if sheet.procedure in law.procedures else ""),
        ("Codes CPV", " ".join([sheet.cpv, *sheet.additional_cpvs]).strip()),
        ("Lieu d'exécution", _place(sheet.nuts, law.on)),
        ("Durée", f"{sheet.duration_months} mois, reconductions comprises" if sheet.duration_months else ""),
        ("Maximum de l'accord-cadre", _money(sheet.framework_maximum)),
        ("Prime", _money(sheet.prize)),
    ]
    return Table(("Caractéristique", "Valeur"), [row for row in rows if row[1]])


def _lot(lot: LotSheet, sheet: Sheet, law: Law) -> tuple[str, ...]:
    return (
        str(lot.number),
        lot.title,
        " ".join([lot.cpv, *lot.additional_cpvs]).strip(),
        _place(lot.nuts or sheet.nuts, law.on),
        _reservation(lot.reserved_for, law) or "—",
    )


def _criterion(one: CriterionSheet) -> list[tuple[str, str, str]]:
    whose = f"lot {one.lot}" if one.lot else "tous"
    return [
        (one.label, whose, _percent(one.weight)),
        *((f"    dont {part.name}", "", _percent(part.weight)) for part in one.parts),
    ]


def _deadlines(sheet: Sheet) -> Table:
    rows = [
        ("Dernier jour des questions", short_date(sheet.questions_until) if sheet.questions_until else ""),
        ("Remise des candidatures", _instant(sheet.applications_until)),
        ("Remise des offres", _instant(sheet.tenders_until)),
    ]
    return Table(("Échéance", "Date et heure de Paris"), [row for row in rows if row[1]])


def _price(sheet: Sheet) -> Table:
    """A line for each lot and for each option: what the enterprise writes."""
    lines = [f"Lot {lot.number} : {lot.title}" for lot in sheet.lots] or [sheet.title]
    lines += [_option(one) for one in sheet.options]
    return Table(("Pour", "Montant HT", "Taux de TVA", "Montant TTC"), [(one, "", "", "") for one in lines])


def _price_rows(sheet: Sheet) -> Sequence[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for lot in sheet.lots:
        rows.append(("", f"LOT {lot.number} : {lot.title}", "", "", "", ""))
        rows += [(str(line), "", "", "", "", "") for line in range(1, _EMPTY_LINES + 1)]
        rows.append(("", f"Total du lot {lot.number}", "", "", "", ""))
        rows += [_option_row(one) for one in sheet.options if one.lot == lot.number]
    if not sheet.lots:
        rows += [(str(line), "", "", "", "", "") for line in range(1, 2 * _EMPTY_LINES + 1)]
        rows.append(("", "Total", "", "", "", ""))
    rows += [_option_row(one) for one in sheet.options if one.lot is None]
    return rows


def _option_row(one: OptionSheet) -> tuple[str, ...]:
    return ("", _option(one), "", str(one.times), "", "")


def _option(one: OptionSheet) -> str:
    return f"Option du lot {one.lot} : {one.name}" if one.lot else f"Option : {one.name}"


def _clause(entry: Entry) -> Clause:
    return Clause(
        entry["code"],
        entry["document"],
        entry["title_fr"],
        entry.get("text_fr", ""),
        entry.get("block", ""),
        entry.get("needs", ""),
        entry.get("unless", ""),
    )


def _place(code: str, on: date) -> str:
    names = {entry["code"]: entry["label_fr"] for entry in pack("nuts-departments", on=on).entries}
    return f"{names[code]} ({code})" if code in names else code


def _reservation(code: str, law: Law) -> str:
    found = law.reservations.get(code)
    if found is None:
        return ""
    return f"{found.label.fr} ({found.article})" if found.article else found.label.fr


def _candidates(sheet: Sheet) -> str:
    said = [
        f"{sheet.fewest_candidates} candidats au moins" if sheet.fewest_candidates else "",
        f"{sheet.most_candidates} au plus" if sheet.most_candidates else "",
    ]
    return f"Seront invités {', '.join(filter(None, said))}." if any(said) else ""


def _turnover(sheet: Sheet) -> str:
    """What is asked of all, or of the candidates to each lot where one has an amount of its own."""
    if all(lot.minimum_turnover is None for lot in sheet.lots):
        return _money(sheet.minimum_turnover)
    asked = [(lot, sheet.turnover_asked(lot)) for lot in sheet.lots]
    return ", ".join(f"{_money(one)} pour le lot {lot.number}" for lot, one in asked if one)


def _money(value: Decimal | None) -> str:
    return "" if value is None else amount(value)


def _percent(value: Decimal) -> str:
    return f"{value.normalize():f} %".replace(".", ",")


def _instant(value: datetime | None) -> str:
    return "" if value is None else long_date(value)
