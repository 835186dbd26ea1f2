"""What the ministry can be asked to do wrong, and how it is set up: both come as JSON through the control API."""

from __future__ import annotations

from dataclasses import dataclass

from ..control_api import Asked, Unfit

RECEPTIONS = ("accept", "error", "cut", "lost")
LONGEST_DELAY = 365 * 24 * 3600.0
NATURES = ("001", "002", "003", "004", "005", "100")  # what the schema allows; 999 is seen in the field


@dataclass(frozen=True, slots=True)
class Behaviour(Asked):
    """How the next envelopes are treated. ``siren`` and ``number`` (of an act) choose them, empty for any.

    ``times``: how many envelopes; 0 for all until cleared. ``reception`` is what HTTPS does once it has the bytes:
    ``accept``; ``error`` (500, nothing kept); ``cut`` (kept, then the line is cut without an answer); ``lost`` (not
    kept, and no answer ever). ``slow`` is in seconds before HTTP answers, the bytes being kept already.

    Of the mail: ``answer`` false sends none, though the act is received; ``delay`` in seconds; ``copies`` sends it so
    many times; ``recipient`` is another SIREN to which the answer is made out; ``packed`` attaches one tar.gz in place
    of the files; ``notice`` sends a plain "multi-canal" mail before. ``anomaly`` refuses: a code whose text is known
    (``ODT-VERIF-01``) or words of your own, of that ``nature``, the whole envelope when ``whole``.
    """

    siren: str = ""
    number: str = ""
    times: int = 1
    reception: str = "accept"
    slow: float = 0.0
    answer: bool = True
    delay: float = 0.0
    copies: int = 1
    recipient: str = ""
    packed: bool = False
    notice: bool = False
    anomaly: str = ""
    nature: str = "001"
    whole: bool = False

    def check(self) -> None:
        if self.reception not in RECEPTIONS:
            raise Unfit(f"reception is one of {', '.join(RECEPTIONS)}")
        if self.times < 0 or not 0 < self.copies <= 10 or not 0 <= self.slow <= 600:
            raise Unfit("times, copies (1 to 10) or slow (up to 600 s) is out of range")
        if not 0 <= self.delay <= LONGEST_DELAY:
            raise Unfit("delay is out of range: at most a year")
        if self.nature not in NATURES or not self.anomaly.isprintable():
            raise Unfit(f"nature is one of {', '.join(NATURES)}, anomaly one line of text")
        if self.whole and not self.anomaly:
            raise Unfit("whole goes with an anomaly")
        if self.recipient and (len(self.recipient) != 9 or not self.recipient.isdecimal()):
            raise Unfit("recipient is a SIREN")

    def concerns(self, siren: str, numbers: set[str]) -> bool:
        """Whether it was asked for an envelope of that body with acts of those numbers."""
        return self.siren in ("", siren) and (not self.number or self.number in numbers)


@dataclass(frozen=True, slots=True)
class Settings(Asked):
    """``success_status`` is what HTTPS answers to what it takes; ``smtp`` is ``host:port`` of a mail server to which
    answers go, empty for none; ``mailbox`` puts them in the IMAP mailbox; with ``open_register`` a body is known
    from its first envelope on, else only once it was declared.
    """

    success_status: int = 200
    smtp: str = ""
    mailbox: bool = True
    open_register: bool = True

    def check(self) -> None:
        if not 200 <= self.success_status < 300:
            raise Unfit("success_status is from 200 to 299")
        host, _colon, port = self.smtp.rpartition(":")
        if self.smtp and not (host and port.isdecimal() and int(port) < 65536):
            raise Unfit("smtp is host:port")
