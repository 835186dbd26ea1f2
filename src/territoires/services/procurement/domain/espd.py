"""European single procurement document (ESPD, in French DUME): requests read, answers kept. ESPD-EDM 4.1.0, UBL 2.3.

A request that came from outside is never copied into a response: what was understood of it is written anew, so that a
response is valid against the official schema whatever the request was. Answers are strings by the id of their question:
``true`` or ``false``, ISO dates, ``start/end`` for a period, decimal numbers with a point, amounts in euros.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation

from lxml import etree

from territoires.kernel.errors import Fault, Invalid
from territoires.kernel.text import clean
from territoires.kernel.xml import Element, parse_xml

from .findings import msgid

PROFILE = "ESPD-EDMv4.1.0"
LARGEST = 4 * 1024 * 1024
MOST_CRITERIA, MOST_PROPERTIES, DEEPEST = 300, 6000, 12
LONGEST_TEXT, LONGEST_ANSWER = 5000, 4000
QUESTION, PROOF = "QUESTION", "EVIDENCE_IDENTIFIER"
ALWAYS, IF_TRUE, IF_FALSE = "ON*", "ONTRUE", "ONFALSE"
YES, NO = "true", "false"
WHOLE = "LOT-0000"

_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
AGGREGATE, BASIC = f"{_UBL}CommonAggregateComponents-2", f"{_UBL}CommonBasicComponents-2"
CAC, CBC = f"{{{AGGREGATE}}}", f"{{{BASIC}}}"
REQUEST, RESPONSE = (
    f"{_UBL}{name}-2" for name in ("QualificationApplicationRequest", "QualificationApplicationResponse")
)
# What a requirement expects, in the order of the schema.
AMOUNTS = ("ExpectedAmount", "MaximumAmount", "MinimumAmount")
NUMBERS = (
    "ExpectedValueNumeric",
    "MaximumValueNumeric",
    "MinimumValueNumeric",
    "MaximumQuantity",
    "MinimumQuantity",
)
_EXPECTED = (
    "ExpectedAmount",
    "ExpectedID",
    "ExpectedIndicator",
    "ExpectedCode",
    "ExpectedValueNumeric",
    "ExpectedDescription",
    "ExpectedURI",
    "MaximumAmount",
    "MinimumAmount",
    "MaximumValueNumeric",
    "MinimumValueNumeric",
    "MaximumQuantity",
    "MinimumQuantity",
)


@dataclass(frozen=True, slots=True)
class Property:
    """A question, a requirement or a caption. ``expected``: names of UBL elements and their values."""

    id: str
    kind: str
    datatype: str
    text: str
    expected: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Properties that stand together; ``when`` says for which answer to the question above."""

    id: str
    when: str
    properties: tuple[Property, ...]
    groups: tuple[Group, ...] = ()


@dataclass(frozen=True, slots=True)
class Criterion:
    """One ground of exclusion, condition of selection, or statement of the operator. ``code``: list ``criterion``."""

    id: str
    code: str
    name: str
    text: str
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """What an ESPD request asks. ``folder`` is the buyer's reference of the procedure."""

    id: str
    folder: str
    title: str
    buyer: str
    criteria: tuple[Criterion, ...]
    lots: tuple[str, ...] = (WHOLE,)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question in its place: ``depth`` under its criterion, ``when`` of its group; ``leads``: others hang on it."""

    criterion: Criterion
    property: Property
    depth: int
    when: str


@dataclass(frozen=True, slots=True)
class Operator:
    """Who answers. ``role``: a code of the list ``eo-role-type``; ``size``: of ``economic-operator-size``."""

    name: str
    siret: str
    role: str = "sole-tenderer"
    size: str = ""
    street: str = ""
    town: str = ""
    postal_code: str = ""
    contact: str = ""
    email: str = ""
    telephone: str = ""
    group: str = ""


@dataclass(slots=True)
class _Reading:
    seen: set[str] = field(default_factory=set)
    properties: int = 0


def read_espd(data: bytes) -> tuple[Call, dict[str, str]]:
    """A request, or a response with its answers. Raises Invalid, with a sentence, for all else."""
    root = parse_xml(data, limit=LARGEST)
    name = etree.QName(root)
    if name.namespace not in (REQUEST, RESPONSE):
        raise _refused(
            "espd-other-document",
            msgid("This file is no ESPD: it is a document of another kind (%(name)s)."),
            msgid(
                "Choose the XML file of the request (espd-request.xml) or of a response (espd-response.xml)."
            ),
            name=name.localname[:80],
        )
    profile = _text(root, "ProfileExecutionID") or _text(root, "VersionID")
    if profile != PROFILE:
        raise _refused(
            "espd-version",
            msgid("This ESPD is of another version (%(version)s): this platform reads version 4.1.0."),
            msgid(
                "Ask the buyer for it in version 4.1.0, or answer with the platform's own, or with DC1 and DC2."
            ),
            version=profile[:40] or "?",
        )
    reading = _Reading()
    criteria = tuple(_criterion(one, reading) for one in root.findall(f"{CAC}TenderingCriterion"))
    if not criteria:
        raise _refused(
            "espd-empty",
            msgid("This ESPD asks nothing: it has no criterion."),
            msgid("Ask the buyer for the whole file."),
        )
    if len(criteria) > MOST_CRITERIA:
        raise _too_large()
    call = Call(
        id=_text(root, "ID")[:200],
        folder=_text(root, "ContractFolderID")[:200],
        title=_text(root, "ProcurementProject/Name") or _text(root, "ProcurementProject/Description"),
        buyer=_text(root, "ContractingParty/Party/PartyName/Name"),
        criteria=criteria,
        lots=tuple(_lots(root)),
    )
    return call, dict(_answers(root, call))


def questions(call: Call) -> Iterator[Asked]:
    """What an editor asks, in order: every question but those that offer a proof, which only the winner gives."""
    for criterion in call.criteria:
        for group in criterion.groups:
            yield from _asked(criterion, group, 0)


def answered(call: Call, given: Mapping[str, str]) -> dict[str, str]:
    """The answers as they are kept, in the order of the questions, empty ones left out. Raises Invalid, naming each wrong one."""
    found: dict[str, str] = {}
    faults = []
    for one in questions(call):
        value = clean(given.get(one.property.id, "")).strip()
        if not value:
            continue
        try:
            found[one.property.id] = _normal(one.property.datatype, value)
        except (ValueError, InvalidOperation):
            faults.append(
                Fault(
                    one.property.id,
                    "espd-answer",
                    _EXPLAINED.get(family_of(one.property.datatype), msgid("This answer cannot be read.")),
                    msgid("Correct it, or leave it empty."),
                )
            )
    if faults:
        raise Invalid("espd-answers", "The ESPD was not saved.", "Correct the answers.", faults=faults)
    return found


def unanswered(call: Call, answers: Mapping[str, str]) -> int:
    """How many criteria have no answer at all."""
    return sum(
        1
        for one in call.criteria
        if not any(asked.property.id in answers for asked in questions(Call("", "", "", "", (one,))))
    )


def _criterion(element: Element, reading: _Reading) -> Criterion:
    key = _text(element, "ID")[:200]
    groups = tuple(
        _group(one, reading, 1) for one in element.findall(f"{CAC}TenderingCriterionPropertyGroup")
    )
    return Criterion(
        key,
        _text(element, "CriterionTypeCode")[:80],
        _text(element, "Name")[:500],
        _text(element, "Description"),
        groups,
    )


def _group(element: Element, reading: _Reading, depth: int) -> Group:
    if depth > DEEPEST:
        raise _too_large()
    properties = tuple(_property(one, reading) for one in element.findall(f"{CAC}TenderingCriterionProperty"))
    if not properties:
        raise _refused(
            "espd-group-empty",
            msgid("This ESPD does not hold together: a group of questions is empty."),
            msgid("Ask the buyer for the file again."),
        )
    within = element.findall(f"{CAC}SubsidiaryTenderingCriterionPropertyGroup")
    return Group(
        _text(element, "ID")[:200],
        _text(element, "PropertyGroupTypeCode")[:20] or ALWAYS,
        properties,
        tuple(_group(one, reading, depth + 1) for one in within),
    )


def _property(element: Element, reading: _Reading) -> Property:
    key = _text(element, "ID")[:200]
    reading.properties += 1
    if reading.properties > MOST_PROPERTIES:
        raise _too_large()
    if not key or key in reading.seen:
        raise _refused(
            "espd-twice",
            msgid(
                "This ESPD does not hold together: two questions have the same number, or one has none (%(id)s)."
            ),
            msgid("Ask the buyer for the file again."),
            id=key[:80] or "?",
        )
    reading.seen.add(key)
    expected = tuple((name, _expected(name, value)) for name in _EXPECTED if (value := _text(element, name)))
    return Property(
        key,
        _text(element, "TypeCode")[:40],
        _text(element, "ValueDataTypeCode")[:40],
        _text(element, "Description"),
        expected,
    )


def _expected(name: str, value: str) -> str:
    """What a requirement expects, of the form that the schema asks for. Raises Invalid."""
    try:
        if name in AMOUNTS or name in NUMBERS:
            return _number(value)
        if name == "ExpectedIndicator":
            return _normal("INDICATOR", value)
    except (ValueError, InvalidOperation):
        raise _refused(
            "espd-value",
            msgid("This ESPD does not hold together: “%(value)s” is no value for %(name)s."),
            msgid("Ask the buyer for the file again."),
            value=value[:40],
            name=name,
        ) from None
    return value


def _lots(root: Element) -> Iterator[str]:
    found = [_text(one, "ID")[:80] for one in root.findall(f"{CAC}ProcurementProjectLot")][:1000]
    yield from dict.fromkeys(filter(None, found)) or (WHOLE,)


def _answers(root: Element, call: Call) -> Iterator[tuple[str, str]]:
    kinds = {one.property.id: one.property.datatype for one in questions(call)}
    for element in root.findall(f"{CAC}TenderingCriterionResponse"):
        key = _text(element, "ValidatedCriterionPropertyID")
        value = _value(element)
        if key not in kinds or not value:
            continue
        try:
            yield key, _normal(kinds[key], value)
        except (ValueError, InvalidOperation):
            continue  # a former answer that this question does not take: it is asked again


def _value(element: Element) -> str:
    for name in _VALUES:
        if found := _text(element, f"ResponseValue/{name}"):
            return found
    start, end = (_text(element, f"ApplicablePeriod/{name}") for name in ("StartDate", "EndDate"))
    return f"{start}/{end}" if start or end else ""


def _asked(criterion: Criterion, group: Group, depth: int) -> Iterator[Asked]:
    if _offers_proof(group):
        return
    for one in group.properties:
        if one.kind == QUESTION and one.datatype != PROOF:
            yield Asked(criterion, one, depth, group.when)
    for within in group.groups:
        yield from _asked(criterion, within, depth + 1)


def _offers_proof(group: Group) -> bool:
    """“Is it available electronically?”, and then the number of the proof: nothing else is asked."""
    within = [one for each in group.groups for one in each.properties]
    own_only = all(one.datatype == "INDICATOR" for one in group.properties)
    return bool(within) and own_only and all(one.datatype == PROOF for one in within)


_FAMILIES = {
    "INDICATOR": "INDICATOR",
    "DATE": "DATE",
    "PERIOD": "PERIOD",
    "AMOUNT": "AMOUNT",
    "PERCENTAGE": "NUMBER",
    "QUANTITY": "NUMBER",
    "QUANTITY_INTEGER": "NUMBER",
    "QUANTITY_YEAR": "NUMBER",
    "CODE": "CODE",
    "CODE_COUNTRY": "CODE",
    "CODE_BOOLEAN": "CODE",
    "URL": "URL",
    "IDENTIFIER": "ID",
    "ECONOMIC_OPERATOR_IDENTIFIER": "ID",
    "QUAL_IDENTIFIER": "ID",
    "LOT_IDENTIFIER": "ID",
}
_EXPLAINED = {
    "INDICATOR": msgid("Answer yes or no."),
    "DATE": msgid("This date does not exist."),
    "PERIOD": msgid("A period has a first and a last day, the last not before the first."),
    "AMOUNT": msgid("This is no amount. Write for instance 180 000 or 1 250,50."),
    "NUMBER": msgid("This is no number."),
    "CODE": msgid("A code is made of letters, figures and hyphens."),
    "URL": msgid("This is no address: it begins with https://."),
}
_VALUES = (
    "ResponseIndicator",
    "ResponseAmount",
    "ResponseDate",
    "ResponseQuantity",
    "ResponseNumeric",
    "ResponseCode",
    "ResponseURI",
    "ResponseID",
    "Description",
)


def family_of(datatype: str) -> str:
    """How a question is answered: INDICATOR, DATE, PERIOD, AMOUNT, NUMBER, CODE, URL, ID, or TEXT."""
    return _FAMILIES.get(datatype, "TEXT")


def _normal(datatype: str, value: str) -> str:
    """An answer as it is kept. Raises ValueError, InvalidOperation."""
    family = family_of(datatype)
    if family == "INDICATOR":
        if value not in (YES, NO):
            raise ValueError(value)
        return value
    if family == "DATE":
        return date.fromisoformat(value).isoformat()
    if family == "PERIOD":
        start, _slash, end = value.partition("/")
        first, last = date.fromisoformat(start), date.fromisoformat(end)
        if last < first:
            raise ValueError(value)
        return f"{first.isoformat()}/{last.isoformat()}"
    if family in ("AMOUNT", "NUMBER"):
        return _number(value)
    if family == "URL" and not value.startswith(("https://", "http://")):
        raise ValueError(value)
    if family == "CODE" and not value.replace("-", "").replace("_", "").isalnum():
        raise ValueError(value)
    return value[:LONGEST_ANSWER]


def _number(value: str) -> str:
    number = Decimal(value)
    if not number.is_finite() or abs(number) >= Decimal(10) ** 15:
        raise ValueError(value)
    return f"{number:f}"


def _text(element: Element, path: str) -> str:
    """The text of a child: common basic components at the end of a way through aggregates."""
    *way, last = path.split("/")
    found = element.findtext("/".join([*(f"{CAC}{one}" for one in way), f"{CBC}{last}"]))
    return clean(found or "").strip()[:LONGEST_TEXT]


def _too_large() -> Invalid:
    return _refused(
        "espd-too-large",
        msgid("This ESPD asks more than any buyer does: it was not taken."),
        msgid("Ask the buyer for its request, or answer with DC1 and DC2."),
    )


def _refused(code: str, message: str, remedy: str, **params: object) -> Invalid:
    return Invalid(code, message, remedy, params=params)
