"""The law in force on one day, as values read from the packs: what it allows, how much, how long, and which article."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol

from territoires.kernel.calendar import LegalCalendar

WORKS, GOODS, SERVICES = "works", "goods", "services"
CATEGORIES = (GOODS, SERVICES, WORKS)

# Procedures, by their code in the pack.
DIRECT = "direct"
ADAPTED = "adapted"
OPEN = "open"
RESTRICTED = "restricted"
NEGOTIATED = "negotiated"
DIALOGUE = "dialogue"
INNOVATION = "innovation"
CONTEST = "contest"
DYNAMIC = "dynamic"
SUBSEQUENT = "subsequent"
SPECIFIC = "specific"
CONCESSION = "concession"

# Nothing of them is public before the award: enterprises that the buyer names are invited.
PRIVATE = (DIRECT, SUBSEQUENT, SPECIFIC)

AUTHORITY, UTILITY = "authority", "utility"
SELECTIVE = "selective"  # the method of OCDS for what has two stages


@dataclass(frozen=True, slots=True)
class Label:
    fr: str
    en: str

    def in_language(self, language: str) -> str:
        return self.fr if language.startswith("fr") else self.en


@dataclass(frozen=True, slots=True)
class Rule:
    """One value of the law: euros, days, months or percent. ``since``: it holds for consultations launched from then.

    A rule that ``is_verified`` forbids, with its article; one that is not only warns, and names none: what was not read
    is never shown as law.
    """

    code: str
    value: Decimal
    article: str
    label: Label
    is_verified: bool
    since: date | None = None

    def holds(self, on: date) -> bool:
        return self.since is None or self.since <= on


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """The shortest time for a reception, in calendar days; None where the text sets none or a case changes nothing.

    ``article`` is empty where the text was not read.
    """

    days: int | None
    electronic: int | None
    prior_notice: int | None
    urgent: int | None
    article: str
    is_verified: bool

    def shortest(self, *, has_prior_notice: bool, is_urgent: bool) -> int | None:
        """The days that a buyer who receives bids electronically must leave."""
        if is_urgent and self.urgent is not None:
            return self.urgent
        if has_prior_notice and self.prior_notice is not None:
            return self.prior_notice
        return self.electronic if self.electronic is not None else self.days


@dataclass(frozen=True, slots=True)
class Procedure:
    """``method`` is one of OCDS (open, selective, limited, direct); ``is_formal``: a formal procedure of the code.

    ``needs_ground``: it is open in stated cases only, and the buyer says which. ``two_stage_method``: that of the same
    procedure in two stages, where the buyer may choose between one and two; empty where the law chose.
    """

    code: str
    label: Label
    meaning: Label
    method: str
    is_formal: bool
    needs_ground: bool
    applications: TimeLimit
    tenders: TimeLimit
    two_stage_method: str = ""

    def has_two_stages(self, *, is_chosen: bool) -> bool:
        """Whether candidates are selected before they bid; ``is_chosen``: the buyer wants it, where the law lets choose."""
        return is_chosen if self.two_stage_method else self.method == SELECTIVE

    @property
    def is_private(self) -> bool:
        """Only the enterprises that the buyer names are called, without any public notice."""
        return self.code in PRIVATE


@dataclass(frozen=True, slots=True)
class CriterionKind:
    code: str
    label: Label
    is_price: bool
    is_cost: bool
    is_environmental: bool
    is_social: bool


@dataclass(frozen=True, slots=True)
class Mention:
    """What the documents of a consultation are expected to say; ``field`` is the field of the sheet that gives it.

    ``procedures``: those that ask it; none: all of them. ``article`` is empty where the text was not read.
    """

    code: str
    field: str
    step: str
    article: str
    label: Label
    procedures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reservation:
    """For whom a contract or a lot may be reserved; ``is_only_social``: for social services alone.

    ``article`` is empty where the text was not read.
    """

    code: str
    label: Label
    article: str
    is_only_social: bool
    most_months: int | None


@dataclass(frozen=True, slots=True)
class CourseStep:
    """A stage of a procedure; ``is_here``: this platform carries it.

    ``in_two_stages``: a stage of the procedure in two stages alone, or in one alone; None: of both.
    """

    procedure: str
    text: Label
    is_here: bool
    in_two_stages: bool | None = None


@dataclass(frozen=True, slots=True)
class KnownPiece:
    """A piece that buyers usually ask; ``is_proof``: it proves what candidates declared on their honour."""

    code: str
    label: Label
    is_proof: bool


@dataclass(frozen=True, slots=True)
class CodeRange:
    """CPV codes from one to another, both of them in; without their check digit."""

    first: str
    last: str

    def holds(self, cpv: str) -> bool:
        return self.first <= cpv[:8] <= self.last


class Staged(Protocol):
    """What has a procedure: a consultation, or its sheet."""

    @property
    def procedure(self) -> str: ...

    @property
    def is_two_stage(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Law:
    """All of it, on one day."""

    on: date
    rules: Mapping[str, Rule]
    procedures: Mapping[str, Procedure]
    criteria: Mapping[str, CriterionKind]
    mentions: tuple[Mention, ...]
    calendar: LegalCalendar
    reservations: Mapping[str, Reservation] = dataclasses.field(default_factory=dict)
    pieces: Mapping[str, KnownPiece] = dataclasses.field(default_factory=dict)
    courses: tuple[CourseStep, ...] = ()
    social_services: tuple[CodeRange, ...] = ()

    def formal_threshold(
        self, category: str, regime: str = AUTHORITY, *, is_concession: bool = False
    ) -> Rule:
        """From which value a formal procedure is due."""
        if is_concession:
            return self.rules["formal-concession"]
        if category == WORKS:
            return self.rules["formal-works"]
        return self.rules["formal-goods-services-utility" if regime == UTILITY else "formal-goods-services"]

    def european_threshold(
        self, category: str, regime: str = AUTHORITY, *, is_concession: bool = False, is_social: bool = False
    ) -> Rule:
        """From which value a notice goes to the Official Journal of the European Union.

        It is that of the formal procedures, save for social and other specific services, which have one of their own.
        """
        if is_social and not is_concession:
            return self.rules[f"social-services-notice{'-utility' if regime == UTILITY else ''}"]
        return self.formal_threshold(category, regime, is_concession=is_concession)

    def is_social_service(self, cpv: str) -> bool:
        """Whether a CPV code is among those known of social and other specific services."""
        return any(codes.holds(cpv) for codes in self.social_services)

    def no_publicity_threshold(self, category: str) -> Rule:
        """Below which value the buyer may choose without publicity or competition."""
        return self.rules[f"no-publicity-{_family(category)}"]

    def longest_framework(self, regime: str) -> Rule:
        """How long a framework agreement may last, in months, save exceptions."""
        return self.rules[f"framework-months{'-utility' if regime == UTILITY else ''}"]

    def has_two_stages(self, call: Staged) -> bool:
        """Whether the candidates of a call are selected before they bid; not while its procedure is not chosen."""
        procedure = self.procedures.get(call.procedure)
        return procedure is not None and procedure.has_two_stages(is_chosen=call.is_two_stage)

    def method_of(self, call: Staged) -> str:
        """Its method as OCDS names it; open while its procedure is not chosen."""
        procedure = self.procedures.get(call.procedure)
        if procedure is None:
            return OPEN
        return (self.has_two_stages(call) and procedure.two_stage_method) or procedure.method

    def course_of(self, call: Staged) -> list[CourseStep]:
        """The stages of the procedure of a call, in order; none where it has one alone."""
        are_two = self.has_two_stages(call)
        return [
            step
            for step in self.courses
            if step.procedure == call.procedure and step.in_two_stages in (None, are_two)
        ]

    def is_whole(self, procedure: str) -> bool:
        """Whether this platform carries every stage of a procedure."""
        return all(step.is_here for step in self.courses if step.procedure == procedure)

    def small_lot(self, category: str) -> Rule:
        return self.rules[f"small-lot-{_family(category)}"]


def _family(category: str) -> str:
    return WORKS if category == WORKS else "goods-services"
