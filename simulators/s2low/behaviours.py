"""What the third party can be asked to do wrong, and how it is set up: both come as JSON through the control API."""

from __future__ import annotations

from dataclasses import dataclass

from ..control_api import Asked, Unfit

CALLS = ("create", "cancel", "reply", "status", "list", "files", "letters", "classification")
RECEPTIONS = ("accept", "error", "cut", "lost")
FORMS = ("usual", "utf-8", "crlf", "page", "empty", "no-number", "twice-encoded")
LONGEST_DELAY = 365 * 24 * 3600.0
ANSWERERS = ("state", "operator")


@dataclass(frozen=True, slots=True)
class Behaviour(Asked):
    """How the next calls are treated: ``call`` is their kind; ``siren`` and ``number`` (of an act) choose them, empty
    for any. ``times``: how many; 0 for all until cleared.

    ``reception`` is what HTTPS does: ``accept``; ``error`` (500, nothing done); ``cut`` (done, then the line is cut
    without an answer); ``lost`` (nothing done, and no answer ever). ``slow`` is in seconds before HTTP answers, the
    work being done already. ``refusal`` are words: ``KO`` with them, and nothing done. ``form`` is how the answer is
    written: ``usual``; ``utf-8`` with its mark; ``crlf`` and trailing blanks; ``page`` (HTML, status 200);
    ``empty``; ``no-number`` (``OK`` alone); ``twice-encoded`` (accents of a JSON answer).

    Of a transaction that is made: ``copies`` makes so many of it; without ``answer`` the State never answers;
    ``delay`` in seconds before it does; ``recipient`` is another SIREN, whose act the acknowledgement names;
    ``anomaly`` refuses, in words or by a code whose text is known, ``by`` the ``state`` or by the third party's own
    ``operator``, who does not transmit.
    """

    call: str = "create"
    siren: str = ""
    number: str = ""
    times: int = 1
    reception: str = "accept"
    slow: float = 0.0
    refusal: str = ""
    form: str = "usual"
    copies: int = 1
    answer: bool = True
    delay: float = 0.0
    recipient: str = ""
    anomaly: str = ""
    by: str = "state"

    def check(self) -> None:
        for value, allowed in (
            (self.call, CALLS),
            (self.reception, RECEPTIONS),
            (self.form, FORMS),
            (self.by, ANSWERERS),
        ):
            if value not in allowed:
                raise Unfit(f"{value}: one of {', '.join(allowed)} is expected")
        if self.times < 0 or not 0 < self.copies <= 10 or not 0 <= self.slow <= 600:
            raise Unfit("times, copies (1 to 10) or slow (up to 600 s) is out of range")
        if not 0 <= self.delay <= LONGEST_DELAY:
            raise Unfit("delay is out of range: at most a year")
        if not (self.anomaly + self.refusal).isprintable():
            raise Unfit("anomaly and refusal are one line of text")
        if self.recipient and (len(self.recipient) != 9 or not self.recipient.isdecimal()):
            raise Unfit("recipient is a SIREN")

    def concerns(self, call: str, siren: str, number: str) -> bool:
        """Whether it was asked for such a call of that body about the act of that number."""
        return self.call == call and self.siren in ("", siren) and (not self.number or self.number == number)


@dataclass(frozen=True, slots=True)
class Settings(Asked):
    """``numbers_once``: a number that failed or was cancelled is taken too, as third parties have it; ``open_register``:
    any SIREN whose department can be read in it has an account, its login being the SIREN itself.
    """

    numbers_once: bool = True
    open_register: bool = True
