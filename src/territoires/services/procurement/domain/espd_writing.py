"""ESPD requests and responses written as XML, as :mod:`espd` understood them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from lxml import etree

from territoires.kernel.xml import Element

from .espd import (
    AGGREGATE,
    AMOUNTS,
    BASIC,
    CAC,
    CBC,
    NO,
    PROFILE,
    REQUEST,
    RESPONSE,
    Call,
    Group,
    Operator,
    Property,
    family_of,
    questions,
)


def written_request(call: Call, *, at: datetime, key: UUID) -> bytes:
    """The request as XML, without an operator."""
    root = _head(REQUEST, "QualificationApplicationRequest", call, at, key)
    _body(root, call)
    return _bytes(root)


def written_response(
    call: Call, answers: Mapping[str, str], operator: Operator, *, at: datetime, key: UUID
) -> bytes:
    """The response as XML: the request written anew, and the answers."""
    root = _head(RESPONSE, "QualificationApplicationResponse", call, at, key, group=operator.group)
    _body(root, call, operator)
    number = 0
    for asked in questions(call):
        value = answers.get(asked.property.id, "")
        if value:
            number += 1
            _answer(root, asked.property, value, number, call.lots)
    if call.id:
        reference = _add(root, "AdditionalDocumentReference")
        _put(reference, "ID", call.id)
        _put(reference, "DocumentTypeCode", "ESPD_REQUEST")
    return _bytes(root)


_WRITTEN = {
    "INDICATOR": "ResponseIndicator",
    "DATE": "ResponseDate",
    "AMOUNT": "ResponseAmount",
    "NUMBER": "ResponseQuantity",
    "CODE": "ResponseCode",
    "URL": "ResponseURI",
    "ID": "ResponseID",
}


def _head(namespace: str, name: str, call: Call, at: datetime, key: UUID, *, group: str = "") -> Element:
    root = etree.Element(f"{{{namespace}}}{name}", nsmap={None: namespace, "cac": AGGREGATE, "cbc": BASIC})
    _put(root, "UBLVersionID", "2.3", schemeAgencyID="OASIS-UBL-TC")
    _put(root, "ProfileExecutionID", PROFILE, schemeAgencyID="OP", schemeVersionID="4.1.0")
    _put(root, "ID", str(key), schemeAgencyID="TERRITOIRES")
    _put(root, "CopyIndicator", NO)
    _put(root, "UUID", str(key), schemeID="ISO/IEC 9834-8:2008 - 4UUID", schemeVersionID="4.1.0")
    _put(root, "ContractFolderID", call.folder or "-", schemeAgencyID="TERRITOIRES")
    _put(root, "IssueDate", at.date().isoformat())
    _put(root, "IssueTime", at.strftime("%H:%M:%S") + _offset(at))
    if group:
        _put(root, "EconomicOperatorGroupName", group)
    _put(root, "VersionID", "4.1.0", schemeAgencyID="OP", schemeVersionID="4.1.0")
    return root


def _offset(at: datetime) -> str:
    text = at.strftime("%z")
    return f"{text[:3]}:{text[3:5]}" if text else "Z"


def _body(root: Element, call: Call, operator: Operator | None = None) -> None:
    party = _add(_add(root, "ContractingParty"), "Party")
    _put(_add(party, "PartyName"), "Name", call.buyer or "-")
    if operator is not None:
        _operator(root, operator)
    project = _add(root, "ProcurementProject")
    _put(project, "Name", call.title or "-")
    for lot in call.lots:
        _put(_add(root, "ProcurementProjectLot"), "ID", lot, **_criterion_scheme())
    for one in call.criteria:
        element = _add(root, "TenderingCriterion")
        _put(element, "ID", one.id, **_criterion_scheme())
        _put(
            element,
            "CriterionTypeCode",
            one.code,
            listID="http://publications.europa.eu/resource/authority/criterion",
            listAgencyID="OP",
        )
        _put(element, "Name", one.name or one.code)
        if one.text:
            _put(element, "Description", one.text)
        for group in one.groups:
            _written_group(element, group, "TenderingCriterionPropertyGroup")


def _criterion_scheme() -> dict[str, str]:
    return {"schemeID": "Criterion", "schemeAgencyID": "OP", "schemeVersionID": "4.1.0"}


def _operator(root: Element, operator: Operator) -> None:
    element = _add(root, "EconomicOperatorParty")
    role = _add(element, "EconomicOperatorRole")
    _put(role, "RoleCode", operator.role, listID="eo-role-type", listAgencyID="OP", listVersionID="4.1.0")
    party = _add(element, "Party")
    if operator.size:
        _put(
            party,
            "IndustryClassificationCode",
            operator.size,
            listID="http://publications.europa.eu/resource/authority/economic-operator-size",
            listAgencyID="OP",
        )
    _put(_add(party, "PartyIdentification"), "ID", operator.siret, schemeID="0009", schemeAgencyID="OP")
    _put(_add(party, "PartyName"), "Name", operator.name)
    address = _add(party, "PostalAddress")
    for name, value in (
        ("StreetName", operator.street),
        ("CityName", operator.town),
        ("PostalZone", operator.postal_code),
    ):
        if value:
            _put(address, name, value)
    _put(
        _add(address, "Country"),
        "IdentificationCode",
        "FRA",
        listID="http://publications.europa.eu/resource/authority/country",
        listAgencyID="OP",
    )
    if operator.contact or operator.email or operator.telephone:
        contact = _add(party, "Contact")
        for name, value in (
            ("Name", operator.contact),
            ("Telephone", operator.telephone),
            ("ElectronicMail", operator.email),
        ):
            if value:
                _put(contact, name, value)


def _written_group(parent: Element, group: Group, name: str) -> None:
    element = _add(parent, name)
    _put(element, "ID", group.id, **_criterion_scheme())
    _put(
        element,
        "PropertyGroupTypeCode",
        group.when,
        listID="property-group-type",
        listAgencyID="OP",
        listVersionID="4.1.0",
    )
    for one in group.properties:
        written = _add(element, "TenderingCriterionProperty")
        _put(written, "ID", one.id, **_criterion_scheme())
        if one.text:
            _put(written, "Description", one.text)
        _put(
            written,
            "TypeCode",
            one.kind,
            listID="criterion-element-type",
            listAgencyID="OP",
            listVersionID="4.1.0",
        )
        _put(
            written,
            "ValueDataTypeCode",
            one.datatype,
            listID="response-data-type",
            listAgencyID="OP",
            listVersionID="4.1.0",
        )
        for each, value in one.expected:
            _put(written, each, value, **({"currencyID": "EUR"} if each in AMOUNTS else {}))
    for within in group.groups:
        _written_group(element, within, "SubsidiaryTenderingCriterionPropertyGroup")


def _answer(root: Element, asked: Property, value: str, number: int, lots: tuple[str, ...]) -> None:
    element = _add(root, "TenderingCriterionResponse")
    _put(element, "ID", f"R{number}", schemeAgencyID="TERRITOIRES")
    _put(element, "ValidatedCriterionPropertyID", asked.id, **_criterion_scheme())
    family = family_of(asked.datatype)
    if family == "PERIOD":
        start, _slash, end = value.partition("/")
        period = _add(element, "ApplicablePeriod")
        _put(period, "StartDate", start)
        _put(period, "EndDate", end)
        return
    response = _add(element, "ResponseValue")
    _put(response, "ID", f"R{number}-1", schemeAgencyID="TERRITOIRES")
    _put(
        response,
        _WRITTEN.get(family, "Description"),
        value,
        **({"currencyID": "EUR"} if family == "AMOUNT" else {}),
    )


def _add(parent: Element, name: str) -> Element:
    return etree.SubElement(parent, f"{CAC}{name}")


def _put(parent: Element, name: str, value: str, **attributes: str) -> None:
    etree.SubElement(parent, f"{CBC}{name}", attributes).text = value


def _bytes(root: Element) -> bytes:
    etree.indent(root)
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return written
