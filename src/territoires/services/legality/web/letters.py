"""The prefecture's letters and what answers them, in the reader's language; the form of an answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from territoires.foundations.actions import api as rights
from territoires.kernel.actor import Actor

from ..domain import letters as rules
from ..domain.classification import Classification
from ..domain.letters import REPLY
from ..models import Act, LetterReply, StateLetter
from ..permissions import Legality
from ..queries.situation import ReceivedLetter, Situation
from .forms import Gesture, ManyFiles, piece_choices

LETTERS = {
    "2-1": gettext_lazy("The prefecture wrote about this act"),
    "3-1": gettext_lazy("The prefecture asks for pieces"),
    "4-1": gettext_lazy("The prefecture makes observations"),
    "5-1": gettext_lazy("The prefect referred this act to the administrative court"),
}
REPLIES = {
    "2-2": gettext_lazy("Answer to the letter"),
    "3-2": gettext_lazy("Receipt of the request, sent by the platform"),
    "3-3": gettext_lazy("Refusal to send the pieces"),
    "3-4": gettext_lazy("Pieces asked for"),
    "4-2": gettext_lazy("Receipt of the observations, sent by the platform"),
    "4-3": gettext_lazy("Rejection of the observations"),
    "4-4": gettext_lazy("Answer to the observations"),
}
RIGHT_OF = {
    "answer": Legality.PREPARE,
    "abandon": Legality.PREPARE,
    "settle": Legality.PREPARE,
    "confirm": Legality.SEND,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownReply:
    """A message about a letter with its words; ``title`` says which."""

    reply: LetterReply
    title: Any
    label: str
    tone: str
    meaning: str
    files: list[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownLetter:
    """A letter with its words, what answers it, and the gestures open to the reader; ``due_on`` while one is due."""

    letter: StateLetter
    title: Any
    tone: str
    files: list[Any]
    replies: list[ShownReply]
    due_on: date | None
    is_answerable: bool
    verbs: list[str]


def shown_letters(actor: Actor, act: Act, situation: Situation) -> list[ShownLetter]:
    """The letters about the act."""
    held = (
        {verb for verb, right in RIGHT_OF.items() if rights.may(actor, right, act)}
        if situation.letters
        else set()
    )
    return [_letter(received, held) for received in situation.letters]


def shown_letter(received: ReceivedLetter) -> ShownLetter:
    """One letter, for a page that is about it and offers no other gesture."""
    return _letter(received, set())


def shown_reply(reply: LetterReply) -> ShownReply:
    """The message in words."""
    state = REPLY.states[reply.state]
    return ShownReply(
        reply=reply,
        title=REPLIES[reply.kind],
        label=_(state.label),
        tone=state.tone,
        meaning=_(state.meaning),
        files=[file.document for file in reply.files.all()],
    )


class ReplyForm(Gesture):
    """What is answered, with which files."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What you answer"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what you answer.")},
    )
    papers = ManyFiles(
        label=gettext_lazy("Files"),
        help_text=gettext_lazy(
            "The signed letter as PDF; or each piece asked for: PDF, JPEG, PNG or XML, 149 MiB in all."
        ),
    )
    piece_type = forms.ChoiceField(
        label=gettext_lazy("Type of the files"),
        help_text=gettext_lazy("As for the files of the act: the State sorts by it."),
        required=False,
    )

    def __init__(
        self, *given: Any, act: Act, letter: StateLetter, lists: Classification, **options: Any
    ) -> None:
        kinds = rules.REPLIES[letter.kind]
        options["initial"] = {"kind": kinds[0] if kinds else "", "piece_type": act.main_type} | options.get(
            "initial", {}
        )
        super().__init__(*given, act=act, **options)
        self.fields["kind"].choices = [(kind, REPLIES[kind]) for kind in kinds]  # type: ignore[attr-defined]
        self.fields["piece_type"].choices = piece_choices(lists, act.nature)  # type: ignore[attr-defined]
        if not set(kinds) & rules.WITH_SEVERAL_FILES:
            self.fields["papers"].help_text = _("The signed letter, with what goes with it, as one PDF.")


def _letter(received: ReceivedLetter, held: set[str]) -> ShownLetter:
    live = received.live
    is_due = live is None and received.letter.settled_at is None
    return ShownLetter(
        letter=received.letter,
        title=LETTERS[received.letter.kind],
        tone="wait" if is_due or (live and live.state == rules.TO_CONFIRM) else "none",
        files=received.files,
        replies=[shown_reply(reply) for reply in received.replies],
        due_on=received.due_on if is_due else None,
        is_answerable=received.is_answerable or not rules.REPLIES[received.letter.kind],
        verbs=[verb for verb in received.verbs if verb in held],
    )
