"""What proves an act: its timeline, the certificate to print, the evidence bundle to check without us."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from territoires.contracts import legality as facts
from territoires.contracts import legality_transmission as sending
from territoires.foundations.documents import api as documents
from territoires.foundations.identity import api as identity
from territoires.foundations.journal import api as journal
from territoires.foundations.printing import api as printing
from territoires.kernel.clock import legal_day
from territoires.kernel.errors import Conflict
from territoires.ui.dates import exact_date, long_date

from ..domain.life import NOTIFIED, PUBLISHED
from ..models import Act, Posting, known
from .effect import posting_of
from .letters import replies_of
from .readiness import classification
from .transmissions import letters_of, transmissions_of

BINDING = {
    kind.KIND
    for kind in (
        facts.ActSigned,
        facts.ActSignatureGiven,
        facts.ActPosted,
        facts.ActPublished,
        facts.ActNotified,
        facts.ActWithdrawn,
        facts.ActTakenOver,
    )
}
ON_LINE = {facts.ActPublished.KIND, facts.ActTakenOver.KIND}
TITLES = {
    facts.ActDrafted.KIND: gettext_lazy("Draft opened"),
    facts.ActRevised.KIND: gettext_lazy("Draft changed"),
    facts.ActPrecedingChosen.KIND: gettext_lazy("Earlier act chosen"),
    facts.ActFileAttached.KIND: gettext_lazy("File added"),
    facts.ActFileRemoved.KIND: gettext_lazy("File removed"),
    facts.ActDiscarded.KIND: gettext_lazy("Draft discarded"),
    facts.ActSigned.KIND: gettext_lazy("Signed"),
    facts.ActSignaturesAsked.KIND: gettext_lazy("Electronic signatures asked"),
    facts.ActSignatureGiven.KIND: gettext_lazy("Electronic signature"),
    facts.ActReopened.KIND: gettext_lazy("Back to draft"),
    facts.ActSittingChosen.KIND: gettext_lazy("Sitting chosen"),
    facts.ActVoted.KIND: gettext_lazy("Vote recorded"),
    facts.ActPublished.KIND: gettext_lazy("Published in the public register"),
    facts.ActNotified.KIND: gettext_lazy("Notified"),
    facts.ActPosted.KIND: gettext_lazy("Published on paper"),
    facts.ActPostingEnded.KIND: gettext_lazy("Taken down"),
    facts.ActDutyDeclared.KIND: gettext_lazy("Exception about its transmission declared"),
    facts.ActWithdrawn.KIND: gettext_lazy("Withdrawn"),
    facts.ActTakenOver.KIND: gettext_lazy("Taken over from the history of the body"),
}
TITLES |= {
    facts.ActReclassified.KIND: gettext_lazy("Corrected for the State"),
    facts.ActTakenAsSent.KIND: gettext_lazy("The act is again what the State received"),
    facts.ActRenumbered.KIND: gettext_lazy("Numbered with a suffix for the State"),
    sending.TransmissionPrepared.KIND: gettext_lazy("Made ready for the prefecture"),
    sending.TransmissionAbandoned.KIND: gettext_lazy("Transmission given up"),
    sending.TransmissionConfirmed.KIND: gettext_lazy("Transmission confirmed with a certificate"),
    sending.TransmissionSent.KIND: gettext_lazy("Sent to the prefecture"),
    sending.TransmissionAcknowledged.KIND: gettext_lazy("Received at the prefecture"),
    sending.TransmissionRefused.KIND: gettext_lazy("Refused by the State"),
    sending.TransmissionCancellationAsked.KIND: gettext_lazy("Cancellation of the transmission asked"),
    sending.TransmissionCancelled.KIND: gettext_lazy("Transmission cancelled by the State"),
    sending.TransmissionCancellationRefused.KIND: gettext_lazy("Cancellation refused by the State"),
    sending.StateLetterReceived.KIND: gettext_lazy("Letter of the prefecture"),
    sending.StateLetterSettled.KIND: gettext_lazy("Letter of the prefecture set aside"),
    sending.ReceiptOrdered.KIND: gettext_lazy("Reception of the letter acknowledged"),
    sending.ReplyPrepared.KIND: gettext_lazy("Answer to the prefecture made ready"),
    sending.ReplyAbandoned.KIND: gettext_lazy("Answer to the prefecture given up"),
    sending.ReplyConfirmed.KIND: gettext_lazy("Answer to the prefecture confirmed with a certificate"),
    sending.ReplySent.KIND: gettext_lazy("Message sent to the prefecture"),
    sending.ReplyAcknowledged.KIND: gettext_lazy("Answer received at the prefecture"),
    sending.ReplyRefused.KIND: gettext_lazy("Message to the prefecture refused by the State"),
}
BINDING |= {
    kind.KIND
    for kind in (
        sending.TransmissionConfirmed,
        sending.TransmissionAcknowledged,
        sending.TransmissionCancelled,
        sending.ReplyConfirmed,
        sending.ReplyAcknowledged,
    )
}
REFUSALS = {
    sending.TransmissionRefused.KIND,
    sending.TransmissionCancellationRefused.KIND,
    sending.ReplyRefused.KIND,
}
STATES = {
    "recorded": gettext_lazy("recorded in the book"),
    "sequenced": gettext_lazy("numbered in the book"),
    "sealed": gettext_lazy("numbered, signed and time-stamped"),
    "anchored": gettext_lazy("numbered, signed, time-stamped and copied to a witness"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the timeline: what happened, who did it, when, and the entry of the book that proves it."""

    entry: UUID
    number: int | None
    kind: str
    title: Any
    who: str
    at: datetime
    detail: str
    state: Any
    files: Mapping[str, str]

    @property
    def is_binding(self) -> bool:
        """True for what has legal effect: its evidence is offered one click away."""
        return self.kind in BINDING

    @property
    def is_refusal(self) -> bool:
        """True for what did not go through: a step, yet no progress."""
        return self.kind in REFUSALS

    @property
    def words(self) -> str:
        """Where the proof stands, in one sentence."""
        if self.number is None:
            return _("The fact is recorded; its number, signature and time-stamp follow within seconds.")
        return _("Entry %(number)s of the book, %(state)s.") % {"number": self.number, "state": self.state}


def timeline_of(act: Act) -> list[Step]:
    """Everything that the book holds of the act, oldest first; the caller may read the act."""
    entries = [one for one in journal.timeline(act.matter) if one.kind in TITLES and _is_of(one, act)]
    names = identity.persons_named({UUID(p) for entry in entries if (p := entry.actor.get("person"))})
    return [
        Step(
            entry.id,
            entry.seq,
            entry.kind,
            TITLES[entry.kind],
            names.get(UUID(entry.actor["person"]), "") if entry.actor.get("person") else "",
            entry.at,
            _detail(entry),
            STATES[entry.state],
            entry.files,
        )
        for entry in entries
    ]


def _is_of(entry: journal.TimelineEntry, act: Act) -> bool:
    """Whether a fact of the matter is one of this act: another contract of one consultation has an act of its own."""
    return act.part_of is None or str(act.pk) in (str(entry.subject_id), entry.facts.get("act"))


def publication_of(act: Act) -> Step | None:
    """The step that put the act on line."""
    return next((step for step in reversed(timeline_of(act)) if step.kind in ON_LINE), None)


def certificate_of(act: Act, *, language: str) -> bytes:
    """The certificate of publication, or of notification, as PDF. Raises Conflict when there is nothing to certify."""
    if act.taken_over_at is not None:
        raise Conflict(
            "act-of-before",
            "This act was published before its body used this platform, which did not see it and cannot certify it.",
            "Its evidence bundle proves since when these bytes are kept here.",
        )
    if act.state not in (PUBLISHED, NOTIFIED):
        raise Conflict(
            "nothing-to-certify",
            "This act is neither published nor notified: there is nothing to certify yet.",
            "Publish or notify it first.",
        )
    with override(language):
        steps = [step for step in timeline_of(act) if step.is_binding]
        data = _published(act) if act.state == PUBLISHED else _notified(act, steps)
        data["facts"] = [*_identity_of(act, language), *data["facts"], *_digests(act), *_entries(steps)]
        data["conclusion"] = _(
            "This certificate is drawn from the book of facts of the platform; the evidence bundle of the act"
            " proves the same without it."
        )
        data["place_and_date"] = _("Drawn up on %(moment)s") % {"moment": exact_date(steps[-1].at)}
        return printing.render(
            "printing/certificate",
            data,
            language=language,
            issuer=act.organisation.name,
            verification=_verification(act),
            at=steps[-1].at,
        )


def posting_certificate_of(act: Act, *, language: str) -> bytes:
    """The certificate of publicity on paper as PDF, for the mayor to sign by hand. Raises Conflict without a posting."""
    posting = posting_of(act)
    if posting is None:
        raise Conflict(
            "nothing-to-certify",
            "This act was never posted: there is nothing to certify.",
            "Record the posting first.",
        )
    with override(language):
        steps = [step for step in timeline_of(act) if step.is_binding]
        data = _posted(act, posting)
        data["facts"] = [*_identity_of(act, language), *data["facts"], *_digests(act)]
        return printing.render(
            "printing/certificate",
            data,
            language=language,
            issuer=act.organisation.name,
            verification=_verification(act),
            at=steps[-1].at,
        )


def bundle_of(act: Act, *, only: UUID | None = None, is_public: bool) -> Iterator[bytes]:
    """The evidence bundle, as a stream of ZIP bytes: the binding facts (or ``only`` one), and the files they name.

    A public one holds the publication alone: who was notified is nobody else's affair.
    """
    steps = [step for step in timeline_of(act) if step.kind in (ON_LINE if is_public else BINDING)]
    if only is not None:
        steps = [step for step in steps if step.entry == only]
    if not steps:
        raise Conflict(
            "nothing-to-prove",
            "This act has no fact with legal effect yet.",
            "Come back after its signature.",
        )
    return journal.build_bundle([step.entry for step in steps], _named_files(act, steps))


def _named_files(act: Act, steps: list[Step]) -> dict[str, tuple[str, Iterator[bytes]]]:
    """The act's files by the names that its facts give them."""
    held = {file.sha256: file for file in _files_of(act)}
    named = {name: held[sha256] for step in steps for name, sha256 in step.files.items() if sha256 in held}
    return {name: (file.name, documents.open_stream(file)) for name, file in named.items()}


def _files_of(act: Act) -> list[Any]:
    annexes = [annex.document for annex in act.annexes.select_related("document")]
    proofs = [notice.proof for notice in act.notifications.select_related("proof") if notice.proof]
    answers = [
        document
        for one in act.transmissions.select_related("acknowledgement", "answer")
        for document in (one.acknowledgement, one.answer)
        if document
    ]
    replied = [
        document
        for letter in letters_of(transmissions_of(act))
        for reply in replies_of(letter)
        for document in (reply.answer, *(file.document for file in reply.files.all()))
        if document
    ]
    signed = [one.document for one in act.signatories.select_related("document") if one.document]
    former = [act.former.acknowledgement] if act.taken_over_at and act.former.acknowledgement else []
    return [*filter(None, [act.main]), *annexes, *proofs, *answers, *replied, *signed, *former]


def _published(act: Act) -> dict[str, Any]:
    named = {"body": act.organisation.name, "moment": exact_date(known(act.published_at))}
    return {
        "title": _("Certificate of publication"),
        "paragraphs": [
            _(
                "%(body)s certifies that the act below is on line in its public register since %(moment)s, in full"
                " and unchanged, at the address at the foot of this page."
            )
            % named
        ],
        "facts": [{"label": _("On line since"), "value": named["moment"]}],
    }


def _notified(act: Act, steps: list[Step]) -> dict[str, Any]:
    notices = act.notifications.all()
    return {
        "title": _("Certificate of notification"),
        "paragraphs": [
            _("%(body)s certifies that the act below was notified as follows.")
            % {"body": act.organisation.name}
        ],
        "facts": [
            {
                "label": _("To %(recipient)s") % {"recipient": notice.recipient},
                "value": f"{long_date(notice.notified_on)}, {notice.get_means_display()}",
            }
            for notice in notices
        ],
    }


def _posted(act: Act, posting: Posting) -> dict[str, Any]:
    named = {
        "body": act.organisation.name,
        "since": long_date(posting.posted_on),
        "until": long_date(posting.removed_on) if posting.removed_on else "",
    }
    sentence = (
        _(
            "I certify that the act below of %(body)s was public on paper from %(since)s to %(until)s, both included."
        )
        if posting.removed_on
        else _(
            "I certify that the act below of %(body)s has been public on paper, without interruption, since %(since)s."
        )
    )
    return {
        "title": _("Posting certificate"),
        "paragraphs": [sentence % named],
        "facts": [
            {"label": _("Manner"), "value": posting.get_mode_display()},
            {"label": _("Place"), "value": posting.place},
        ],
        "conclusion": _("Drawn up to serve as of right (CGCT L.2131-1)."),
        "place_and_date": _("At ........................, on ........................"),
        "signatory": _("%(author)s, %(quality)s (name, quality and signature)")
        % {"author": act.author, "quality": act.quality},
    }


def _identity_of(act: Act, language: str) -> list[dict[str, Any]]:
    lists = classification(legal_day(act.changed_at))
    nature, matter = lists.natures.get(act.nature), lists.matters.get(act.matter_code)
    return [
        {"label": _("Number"), "value": act.number, "code": True},
        {"label": _("Object"), "value": act.object},
        {"label": _("Nature"), "value": nature.name.in_language(language) if nature else act.nature},
        {
            "label": _("Subject matter"),
            "value": f"{act.matter_code} {matter.label.in_language(language) if matter else ''}".strip(),
        },
        {"label": _("Decided on"), "value": long_date(known(act.decided_on))},
        {"label": _("Author"), "value": f"{act.author}, {act.quality}"},
    ]


def _digests(act: Act) -> list[dict[str, Any]]:
    held = [known(act.main), *(annex.document for annex in act.annexes.select_related("document"))]
    return [
        {"label": _("SHA-256 digest of “%(name)s”") % {"name": file.name}, "value": file.sha256, "code": True}
        for file in held
    ]


def _entries(steps: list[Step]) -> list[dict[str, Any]]:
    last = steps[-1]
    return [
        {"label": _("Entry in the book"), "value": str(last.entry), "code": True},
        {"label": _("State of the proof"), "value": last.words},
    ]


def _verification(act: Act) -> printing.Verification:
    """The act's own page when it is on line, the page that recognises files otherwise; the code is its digest."""
    path = reverse("portal:verify")
    if act.state == PUBLISHED:
        path = reverse("legality:act", kwargs={"organisation": act.organisation.reference, "act": act.pk})
    digest = act.main_sha256
    return printing.Verification(f"{settings.SITE_URL}{path}", f"{digest[:4]} {digest[4:8]} {digest[-4:]}")


def _detail(entry: journal.TimelineEntry) -> str:
    """What distinguishes this step from its like: a file's name, a recipient, a reason; in what quality somebody signed."""
    said = entry.private
    if entry.kind == facts.ActSignatureGiven.KIND:  # the step names the person already
        return str(said.get("quality", ""))
    if entry.kind == facts.ActTakenAsSent.KIND and entry.facts.get("corrections"):
        return _("What was corrected meanwhile is a draft of its own.")
    for name in ("name", "recipient", "reason", "detail", "text"):
        if said.get(name):
            return str(said[name])
    return ""
