"""What a notice says of organisations: the buyer, the court, the platform, those who won."""

from __future__ import annotations

from dataclasses import replace

from territoires.kernel.xml import Element

from .elements import BUYER, FIRST_MEMBER, MEDIUM, PLATFORM, REVIEW, el, flag, ref, worded
from .sheets import AUTHORITIES, Buyer, NoticeSheet, Party, ProcedureSheet
from .subtypes import CLASSIC, CONCESSIONS, INTENTION, MODIFICATION, SUBTYPES, UTILITIES, Subtype


def organisations(sheet: NoticeSheet, winners: dict[str, Party]) -> Element:
    """All that the notice names, by their ids."""
    kind = SUBTYPES[sheet.head.subtype]
    says_sizes = kind.does != MODIFICATION
    named = {REVIEW: sheet.procedure.review}
    if sheet.platform is not None:
        named[PLATFORM] = sheet.platform
    return el(
        "efac:Organizations",
        [
            _organisation(key, buyer.party, *_buyer_flags(sheet.procedure, buyer, kind))
            for key, buyer in buyers_of(sheet.procedure).items()
        ],
        [_organisation(key, party) for key, party in named.items()],
        [
            _organisation(
                key,
                replace(party, size=party.size if says_sizes else ""),
                el("efbc:ListedOnRegulatedMarketIndicator", "false") if says_sizes else None,
            )
            for key, party in winners.items()
        ],
    )


def buyers_of(procedure: ProcedureSheet) -> dict[str, Buyer]:
    """Those who buy, by their ids in the notice; the one who leads comes first."""
    members = {f"ORG-{rank:04}": one for rank, one in enumerate(procedure.members, start=FIRST_MEMBER)}
    return {BUYER: procedure.buyer, **members}


def _buyer_flags(procedure: ProcedureSheet, buyer: Buyer, kind: Subtype) -> list[Element | None]:
    """Who leads several buyers, and who is a central purchasing body, which notices of concessions do not tell."""
    return [
        el("efbc:GroupLeadIndicator", flag(buyer is procedure.buyer)) if procedure.members else None,
        el("efbc:AwardingCPBIndicator", "true") if buyer.is_central and kind.basis != CONCESSIONS else None,
    ]


def _organisation(key: str, party: Party, *flags: Element | None) -> Element:
    company = el(
        "efac:Company",
        el("cbc:WebsiteURI", party.website) if party.website else None,
        el("efbc:CompanySizeCode", party.size, listName="economic-operator-size") if party.size else None,
        ref("organization", key),
        el("cac:PartyName", worded("cbc:Name", party.name, MEDIUM)),
        _address(party),
        el("cac:PartyLegalEntity", el("cbc:CompanyID", party.identifier)) if party.identifier else None,
        _contact(party),
    )
    return el("efac:Organization", *flags, company)


def _address(party: Party) -> Element:
    return el(
        "cac:PostalAddress",
        el("cbc:StreetName", party.street[:MEDIUM]) if party.street else None,
        el("cbc:CityName", party.city[:MEDIUM]) if party.city else None,
        el("cbc:PostalZone", party.postal_code) if party.postal_code else None,
        el("cbc:CountrySubentityCode", party.nuts, listName="nuts") if party.nuts else None,
        el("cac:Country", el("cbc:IdentificationCode", party.country, listName="country")),
    )


def _contact(party: Party) -> Element | None:
    if not (party.telephone or party.email):
        return None
    return el(
        "cac:Contact",
        el("cbc:Telephone", party.telephone) if party.telephone else None,
        el("cbc:ElectronicMail", party.email) if party.email else None,
    )


def contracting_parties(procedure: ProcedureSheet, kind: Subtype, has_platform: bool) -> list[Element]:
    """Who buys: as what kind of body, for what activity. The one who leads sends the notice."""
    return [
        _contracting_party(key, buyer, kind, has_platform and key == BUYER)
        for key, buyer in buyers_of(procedure).items()
    ]


def _contracting_party(key: str, buyer: Buyer, kind: Subtype, has_platform: bool) -> Element:
    is_bare = kind.does == MODIFICATION
    return el(
        "cac:ContractingParty",
        None if is_bare else _buyer_types(buyer, kind),
        None if is_bare else _activities(buyer, kind),
        el(
            "cac:Party",
            ref("organization", key),
            el(
                "cac:ServiceProviderParty",
                el("cbc:ServiceTypeCode", "ted-esen", listName="organisation-role"),
                el("cac:Party", ref("organization", PLATFORM)),
            )
            if has_platform
            else None,
        ),
    )


def _activities(buyer: Buyer, kind: Subtype) -> list[Element]:
    """As an authority, as a utility, or both: a town that runs its water is still a town. The ordinary notices of each
    directive ask theirs of everybody; elsewhere authorities tell the one, undertakings the other."""
    is_authority = buyer.legal_type in AUTHORITIES
    asks_everybody = kind.does != INTENTION and not kind.is_social
    told = {}
    if is_authority or (asks_everybody and kind.basis == CLASSIC):
        told["authority-activity"] = buyer.activity
    if (asks_everybody and kind.basis == UTILITIES) or not (is_authority or kind.basis == CLASSIC):
        told["entity-activity"] = buyer.entity_activity
    return [
        el("cac:ContractingActivity", el("cbc:ActivityTypeCode", code, listName=list_name))
        for list_name, code in told.items()
        if code
    ]


def _buyer_types(buyer: Buyer, kind: Subtype) -> list[Element]:
    codes = {"buyer-legal-type": buyer.legal_type}
    if kind.basis == CONCESSIONS:
        codes["buyer-contracting-type"] = "cont-ent" if buyer.is_utility else "not-cont-ent"
    return [
        el("cac:ContractingPartyType", el("cbc:PartyTypeCode", code, listName=list_name))
        for list_name, code in codes.items()
    ]
