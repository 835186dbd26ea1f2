"""What a notice says of organisations: the buyer, the court, the platform, those who won."""

from __future__ import annotations

from territoires.kernel.xml import Element

from .elements import BUYER, MEDIUM, PLATFORM, REVIEW, el, ref, worded
from .sheets import AUTHORITIES, Buyer, NoticeSheet, Party
from .subtypes import CLASSIC, CONCESSIONS, INTENTION, MODIFICATION, SUBTYPES, UTILITIES, Subtype


def organisations(sheet: NoticeSheet, winners: dict[str, Party]) -> Element:
    """All that the notice names, by their ids."""
    says_sizes = SUBTYPES[sheet.head.subtype].does != MODIFICATION
    named = {BUYER: sheet.procedure.buyer.party, REVIEW: sheet.procedure.review}
    if sheet.platform is not None:
        named[PLATFORM] = sheet.platform
    return el(
        "efac:Organizations",
        [_organisation(key, party) for key, party in named.items()],
        [_organisation(key, party, is_winner=says_sizes) for key, party in winners.items()],
    )


def _organisation(key: str, party: Party, *, is_winner: bool = False) -> Element:
    company = el(
        "efac:Company",
        el("cbc:WebsiteURI", party.website) if party.website else None,
        el("efbc:CompanySizeCode", party.size, listName="economic-operator-size")
        if is_winner and party.size
        else None,
        ref("organization", key),
        el("cac:PartyName", worded("cbc:Name", party.name, MEDIUM)),
        _address(party),
        el("cac:PartyLegalEntity", el("cbc:CompanyID", party.identifier)) if party.identifier else None,
        _contact(party),
    )
    if not is_winner:
        return el("efac:Organization", company)
    return el("efac:Organization", el("efbc:ListedOnRegulatedMarketIndicator", "false"), company)


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


def contracting_party(buyer: Buyer, kind: Subtype, has_platform: bool) -> Element:
    """Who buys: as what kind of body, for what activity."""
    is_bare = kind.does == MODIFICATION
    return el(
        "cac:ContractingParty",
        None if is_bare else _buyer_types(buyer, kind),
        None if is_bare else _activities(buyer, kind),
        el(
            "cac:Party",
            ref("organization", BUYER),
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
