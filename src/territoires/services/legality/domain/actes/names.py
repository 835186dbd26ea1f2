"""The names that @ctes gives to acts, messages, files, envelopes and archives: written, and read back.

The identifier of an act is ``DDD-SIREN-YYYYMMDD-NUMBER-NN``; every other name is built around it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from territoires.kernel.errors import Invalid

PRODUCTION = "EACT"
TEST = "TACT"
FIRST_DOCUMENT = 1

_DEPARTMENT = r"[09][0-9][AB0-9]"
_IDENTIFIER = re.compile(
    rf"(?P<department>{_DEPARTMENT})-(?P<siren>\d{{9}})-(?P<day>\d{{8}})-(?P<number>\w{{1,15}})-(?P<nature>[A-Z]{{2}})",
    re.ASCII,
)
# In the ministry's answers each part may be missing, and even the SIREN be cut short (999-1234----7-2_1.xml).
_MESSAGE = re.compile(
    r"(?P<department>\w{3})-(?P<siren>\d{0,9})-(?P<day>\d{0,8})-(?P<number>\w{0,15})-(?P<nature>[A-Z]{0,2})"
    r"-(?P<kind>[1-7]-[1-5])_(?P<rank>\d{1,9})\.xml",
    re.ASCII,
)
_SENT_ENVELOPE = re.compile(
    r"(?P<application>EACT|TACT)--(?P<siren>\d{9})-(?P<office>)-(?P<day>\d{8})-(?P<serial>\d{1,9})\.xml",
    re.ASCII,
)
_RECEIVED_ENVELOPE = re.compile(
    r"(?P<application>EACT|TACT)--(?P<office>(?:PREF|SPREF|SGAR)\w{3,4})-(?P<siren>\d{9})"
    r"-(?P<day>\d{8})-(?P<serial>\d{1,9})\.xml",
    re.ASCII,
)
ANOMALY_PREFIX = "ANO_"


@dataclass(frozen=True, slots=True)
class ActIdentifier:
    """``DDD-SIREN-YYYYMMDD-NUMBER-NN``: what the acknowledgement returns and what is stamped on the act.

    ``department`` has three characters (``021``, ``02A``, ``971``), ``nature`` the two letters of the nature.
    """

    department: str
    siren: str
    decided_on: date
    number: str
    nature: str

    def __str__(self) -> str:
        return f"{self.department}-{self.siren}-{_day(self.decided_on)}-{self.number}-{self.nature}"

    @classmethod
    def parse(cls, text: str) -> ActIdentifier:
        """Raises Invalid when ``text`` is no identifier of an act."""
        found = _IDENTIFIER.fullmatch(text)
        day = _read_day(found["day"]) if found else None
        if found is None or day is None:
            raise Invalid(
                "act-identifier",
                "“%(text)s” is not the identifier of an act.",
                "It reads department, SIREN, date, number and nature, for instance 021-210000009-20260115-2026_01-DE.",
                params={"text": text[:80]},
            )
        return cls(found["department"], found["siren"], day, found["number"], found["nature"])


@dataclass(frozen=True, slots=True)
class EnvelopeName:
    """The name of an envelope. ``serial`` starts again each day; ``office`` is the sender's on the way back."""

    application: str
    siren: str
    day: date
    serial: int
    office: str = ""

    def __str__(self) -> str:
        sender = f"{self.office}-{self.siren}-" if self.office else f"{self.siren}--"
        return f"{self.application}--{sender}{_day(self.day)}-{self.serial}.xml"

    @property
    def stem(self) -> str:
        return str(self).removesuffix(".xml")

    def archive(self, operator: str) -> str:
        """The archive's name; ``operator`` is the three letters that the ministry gave to the transmitter."""
        return f"{operator}-{self.stem}.tar.gz"

    @property
    def anomaly(self) -> str:
        """The name of the ministry's answer when it refuses this envelope."""
        return f"{ANOMALY_PREFIX}{self}"

    @classmethod
    def parse(cls, name: str) -> EnvelopeName | None:
        """The parts of an envelope's name, or None when it is no envelope."""
        found = _SENT_ENVELOPE.fullmatch(name) or _RECEIVED_ENVELOPE.fullmatch(name)
        day = _read_day(found["day"]) if found else None
        if found is None or day is None:
            return None
        return cls(found["application"], found["siren"], day, int(found["serial"]), found["office"])


@dataclass(frozen=True, slots=True)
class MessageName:
    """What a message's file name says: ``kind`` (``1-2``), SIREN, and the act when the ministry could name it."""

    kind: str
    siren: str
    act: ActIdentifier | None

    @classmethod
    def parse(cls, name: str) -> MessageName | None:
        found = _MESSAGE.fullmatch(name)
        if found is None:
            return None
        try:
            act = ActIdentifier.parse(name.rsplit(f"-{found['kind']}_", 1)[0])
        except Invalid:
            act = None
        return cls(found["kind"], found["siren"], act)


def message_name(act: ActIdentifier, kind: str) -> str:
    """The XML of a message that concerns an act (``..-DE-1-1_0.xml``)."""
    return f"{act}-{kind}_0.xml"


def classification_request_name(department: str, siren: str) -> str:
    """Message 7-1 concerns no act: its fields stay empty."""
    return f"{department}-{siren}----7-1_0.xml"


def document_name(piece_type: str, act: ActIdentifier, kind: str, *, rank: int, extension: str) -> str:
    """A file of the message: ``rank`` 1 is the act, 2 and more its annexes; ``extension`` without the dot."""
    return f"{piece_type}-{act}-{kind}_{rank}.{extension}"


def _day(day: date) -> str:
    return f"{day:%Y%m%d}"


def _read_day(text: str) -> date | None:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None
