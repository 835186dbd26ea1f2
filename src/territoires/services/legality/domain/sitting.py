"""A sitting of an assembly: who is there, whether it may decide, how each deliberation was voted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import PurePath

from territoires.kernel.errors import Fault

from .wording import one_line, propose_number

COUNCIL, BOARD = "council", "board"
KINDS = (COUNCIL, BOARD)
ADOPTED, REJECTED, POSTPONED = "adopted", "rejected", "postponed"
OUTCOMES = (ADOPTED, REJECTED, POSTPONED)
MOST_SECRETARIES = 4
MOST_MEMBERS = 1000
# A number at the head of a file's name: letters, a year, a rank (DEL_2026_043, 2026-43, Dél. 2026 043).
_NUMBERED_FILE = re.compile(
    r"((?:[^\W\d_]{1,8}[ ._-]{0,2})?(?:19|20)\d\d[ ._-]?\d{1,4})(?!\d)[ ._-]*(.*)", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Name:
    """A person as the minutes name them."""

    given_names: str
    usual_name: str

    @property
    def is_complete(self) -> bool:
        return bool(self.given_names and self.usual_name)


@dataclass(frozen=True, kw_only=True)
class SittingWords:
    """What is written of a sitting. ``presiding`` is the author of its deliberations, in their ``quality``.

    ``in_office``, ``present`` and ``represented`` count members; ``attendance`` names them, if somebody wishes.
    """

    held_on: date | None
    kind: str
    presiding: Name
    quality: str
    secretaries: Sequence[Name]
    in_office: int | None
    present: int | None
    represented: int | None
    attendance: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    """How one deliberation was voted; counts that nobody gave are None. ``names`` says who voted what, if told."""

    outcome: str
    votes_for: int | None = None
    against: int | None = None
    abstention: int | None = None
    not_voting: int | None = None
    names: str = ""

    @property
    def counts(self) -> tuple[int | None, ...]:
        return (self.votes_for, self.against, self.abstention, self.not_voting)

    @property
    def is_counted(self) -> bool:
        return any(count is not None for count in self.counts)


def has_quorum(present: int, in_office: int) -> bool:
    """More than half of the members in office are there in person; proxies do not count (CGCT L.2121-17)."""
    return 2 * present > in_office


def list_due_on(held_on: date, days: int) -> date:
    """The last day on which the list of deliberations may be published (CGCT L.2121-25)."""
    return held_on + timedelta(days=days)


def minutes_due(adopted_on: date, days: int) -> date:
    """The last day on which minutes may be published, from the sitting that adopted them (CGCT L.2121-15)."""
    return adopted_on + timedelta(days=days)


def faults_of_sitting(words: SittingWords, today: date) -> list[Fault]:
    """What is wrong with a sitting; empty when it may be recorded."""
    return [*_day_and_kind(words, today), *_people(words), *_presence(words)]


def faults_of_ballot(ballot: Ballot, *, voters: int) -> Iterator[Fault]:
    """What is wrong with a vote among ``voters`` members, present or represented."""
    if ballot.outcome not in OUTCOMES:
        yield Fault("outcome", "outcome-missing", "What became of it is not said.", "Choose one in the list.")
    if not ballot.is_counted:
        return
    total = sum(count or 0 for count in ballot.counts)
    if total != voters:
        yield Fault(
            "votes_for",
            "vote-sum",
            "%(total)d members are counted, and %(voters)d were present or represented.",
            "Count those who abstained and those who did not vote too.",
            {"total": total, "voters": voters},
        )
    elif ballot.outcome == ADOPTED and (ballot.votes_for or 0) < (ballot.against or 0):
        yield Fault(
            "outcome",
            "vote-outcome",
            "It is adopted although more members voted against it than for it.",
            "Correct the outcome or the count.",
        )


def split_file_name(name: str) -> tuple[str, str]:
    """The number and the object that a file's name tells: ``DEL_2026_043 Tarifs_cantine.pdf`` -> number, ``Tarifs cantine``.

    Either is empty when the name does not tell it.
    """
    stem = one_line(re.sub(r"\.(pdf|xml)$", "", PurePath(name).name, flags=re.IGNORECASE))
    number = ""
    if found := _NUMBERED_FILE.fullmatch(stem):
        number, stem = propose_number(found[1]), found[2]
    words = one_line(re.sub(r"[_]+|(?<=\w)-(?=\w)", " ", stem)).strip(" -.,;")
    return number, words[:1].upper() + words[1:]


def _day_and_kind(words: SittingWords, today: date) -> Iterator[Fault]:
    if words.held_on is None or words.held_on > today:
        yield Fault(
            "held_on",
            "sitting-date",
            "The day of the sitting is missing, or in the future.",
            "Give the day on which the assembly met.",
        )
    if words.kind not in KINDS:
        yield Fault("kind", "sitting-kind", "It is not said who met.", "Choose one in the list.")


def _people(words: SittingWords) -> Iterator[Fault]:
    if not (words.presiding.is_complete and words.quality):
        yield Fault(
            "presiding",
            "presiding-incomplete",
            "The first name, name and quality of who presides are not all given.",
            "The law wants the three on each deliberation (CGCT R.2131-1): complete them.",
        )
    if not words.secretaries or not all(one.is_complete for one in words.secretaries):
        yield Fault(
            "secretaries",
            "secretary-missing",
            "No secretary of the sitting is named in full.",
            "Give first name and name: deliberations are signed by the mayor and the secretaries (CGCT L.2121-23).",
        )


def _presence(words: SittingWords) -> Iterator[Fault]:
    counts = (words.in_office, words.present, words.represented)
    if any(count is None for count in counts):
        yield Fault(
            "present",
            "presence-missing",
            "The number of members in office, present and represented is not all given.",
            "Give the three; write 0 when nobody is represented.",
        )
    elif (words.present or 0) + (words.represented or 0) > (words.in_office or 0):
        yield Fault(
            "present",
            "presence-sum",
            "More members are present or represented than there are in office.",
            "Correct one of the three numbers.",
        )
