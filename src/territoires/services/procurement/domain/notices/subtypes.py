"""The notices that local bodies publish, by their subtype in the eForms SDK."""

from __future__ import annotations

from dataclasses import dataclass

PRIOR, CALL, INTENTION, RESULT, MODIFICATION = "prior", "call", "intention", "result", "modification"
PIN, CN, CAN = "PriorInformationNotice", "ContractNotice", "ContractAwardNotice"
CLASSIC, UTILITIES, CONCESSIONS, OTHER = "32014L0024", "32014L0025", "32014L0023", "other"


@dataclass(frozen=True, slots=True)
class Subtype:
    """``document`` is the root element, ``type`` and ``form`` its codes, ``basis`` the directive; ``does`` says what it is for."""

    code: str
    document: str
    type: str
    form: str
    basis: str
    does: str

    @property
    def is_voluntary(self) -> bool:
        return self.basis == OTHER

    @property
    def is_social(self) -> bool:
        return self.type.endswith("social")

    @property
    def is_contest(self) -> bool:
        return self.type.endswith("desg")

    @property
    def is_ordinary(self) -> bool:
        """Told with all its terms: neither voluntary, nor light, nor of a concession, nor a contest."""
        return not (self.is_voluntary or self.is_social or self.is_contest or self.basis == CONCESSIONS)

    @property
    def tells_techniques(self) -> bool:
        """Whether what it tells of contracts says which are framework agreements, or called under one."""
        is_later = self.does in (INTENTION, RESULT, MODIFICATION)
        return is_later and not (self.is_contest or self.basis == CONCESSIONS)


SUBTYPES = {
    one.code: one
    for one in (
        Subtype("4", PIN, "pin-only", "planning", CLASSIC, PRIOR),
        Subtype("5", PIN, "pin-only", "planning", UTILITIES, PRIOR),
        Subtype("16", CN, "cn-standard", "competition", CLASSIC, CALL),
        Subtype("17", CN, "cn-standard", "competition", UTILITIES, CALL),
        Subtype("19", CN, "cn-standard", "competition", CONCESSIONS, CALL),
        Subtype("20", CN, "cn-social", "competition", CLASSIC, CALL),
        Subtype("21", CN, "cn-social", "competition", UTILITIES, CALL),
        Subtype("23", CN, "cn-desg", "competition", CLASSIC, CALL),
        Subtype("24", CN, "cn-desg", "competition", UTILITIES, CALL),
        Subtype("25", CAN, "veat", "dir-awa-pre", CLASSIC, INTENTION),
        Subtype("26", CAN, "veat", "dir-awa-pre", UTILITIES, INTENTION),
        Subtype("28", CAN, "veat", "dir-awa-pre", CONCESSIONS, INTENTION),
        Subtype("29", CAN, "can-standard", "result", CLASSIC, RESULT),
        Subtype("30", CAN, "can-standard", "result", UTILITIES, RESULT),
        Subtype("32", CAN, "can-standard", "result", CONCESSIONS, RESULT),
        Subtype("33", CAN, "can-social", "result", CLASSIC, RESULT),
        Subtype("34", CAN, "can-social", "result", UTILITIES, RESULT),
        Subtype("35", CAN, "can-social", "result", CONCESSIONS, RESULT),
        Subtype("36", CAN, "can-desg", "result", CLASSIC, RESULT),
        Subtype("37", CAN, "can-desg", "result", UTILITIES, RESULT),
        Subtype("38", CAN, "can-modif", "cont-modif", CLASSIC, MODIFICATION),
        Subtype("39", CAN, "can-modif", "cont-modif", UTILITIES, MODIFICATION),
        Subtype("40", CAN, "can-modif", "cont-modif", CONCESSIONS, MODIFICATION),
        Subtype("E2", PIN, "pin-only", "planning", OTHER, PRIOR),
        Subtype("E3", CN, "cn-standard", "competition", OTHER, CALL),
        Subtype("E4", CAN, "can-standard", "result", OTHER, RESULT),
    )
}

VOLUNTARY = {PRIOR: "E2", CALL: "E3", RESULT: "E4"}


def subtype_for(
    does: str,
    *,
    is_formal: bool,
    is_utility: bool = False,
    is_social: bool = False,
    is_concession: bool = False,
    is_contest: bool = False,
) -> str:
    """The subtype of a notice of a procedure; below the European thresholds a voluntary one, where there is one.

    An intention to award and the modification of a contract exist only in the European forms; the prior information of
    a concession only in the voluntary one.
    """
    if not is_formal and does in VOLUNTARY:
        return VOLUNTARY[does]
    basis = CONCESSIONS if is_concession else UTILITIES if is_utility else CLASSIC
    fitting = [one for one in SUBTYPES.values() if one.does == does and one.basis == basis]
    exact = [one for one in fitting if (one.is_social, one.is_contest) == (is_social, is_contest)]
    plain = [one for one in fitting if not (one.is_social or one.is_contest)]
    return (exact or plain)[0].code if fitting else VOLUNTARY[does]
