"""The prefecture's letters about an act, and the messages by which a body answers them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from territoires.kernel.fact import Subject
from territoires.kernel.ids import new_id

from ..domain import letters
from ..domain.letters import REPLY
from .transmission import ChannelCode, Transmission


class StateLetter(models.Model):
    """What the prefecture wrote about an act: a letter (2-1), pieces asked for (3-1), observations (4-1), a referral
    to the court (5-1). ``archive`` is what came, with its enclosures.

    ``channel`` is the one by which it came, and by which it is answered; ``number`` is what the third party calls it
    there, 0 for a letter that came straight. ``settled_at`` is when somebody said that nothing more is to be done.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    transmission = models.ForeignKey(Transmission, models.PROTECT, related_name="letters")
    kind = models.CharField(max_length=3)
    dated_on = models.DateField()
    text = models.TextField(blank=True)
    received_at = models.DateTimeField()
    archive = models.ForeignKey("documents.Document", models.PROTECT, related_name="+")
    channel = models.CharField(max_length=20, choices=ChannelCode.choices)
    number = models.PositiveBigIntegerField(default=0)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["dated_on", "kind"]
        constraints = [
            models.UniqueConstraint(fields=["transmission", "kind", "dated_on"], name="letter_once"),
            models.CheckConstraint(condition=Q(kind__in=letters.KINDS), name="letter_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.dated_on}"

    @property
    def subject(self) -> Subject:
        """What the letter's files are held by."""
        return Subject("legality.letter", self.pk)


class LetterReply(models.Model):
    """One message about a letter: an answer that a person confirms, or the receipt (3-2, 4-2) that leaves by itself.

    ``piece_type`` is that of its files. ``certificate`` is the fingerprint with which ``confirmed_by`` confirmed.
    ``answer`` holds the bytes of the State's acknowledgement or refusal.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    letter = models.ForeignKey(StateLetter, models.PROTECT, related_name="replies")
    kind = models.CharField(max_length=3)
    state = models.CharField(max_length=12, choices=REPLY.choices(), default=REPLY.initial)
    piece_type = models.CharField(max_length=5, blank=True)
    prepared_by = models.UUIDField(null=True)
    prepared_at = models.DateTimeField()
    confirmed_by = models.UUIDField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    certificate = models.CharField(max_length=64, blank=True)
    sent_at = models.DateTimeField(null=True)
    received_on = models.DateField(null=True)
    answer = models.ForeignKey("documents.Document", models.PROTECT, null=True, related_name="+")
    anomaly_detail = models.CharField(max_length=1000, blank=True)

    class Meta:
        ordering = ["prepared_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["letter"],
                condition=Q(state__in=letters.LIVE) & ~Q(kind__in=list(letters.RECEIPTS.values())),
                name="reply_one_live",
            ),
            models.UniqueConstraint(
                fields=["letter", "kind"],
                condition=Q(kind__in=list(letters.RECEIPTS.values())),
                name="receipt_once",
            ),
            models.CheckConstraint(condition=Q(kind__in=letters.SENT_BY_BODY), name="reply_kind_known"),
            models.CheckConstraint(condition=Q(state__in=list(REPLY.states)), name="reply_state_known"),
            models.CheckConstraint(
                condition=~Q(state__in=letters.LEFT)
                | Q(kind__in=list(letters.RECEIPTS.values()))
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False) & ~Q(certificate=""),
                name="reply_confirmed_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"

    @property
    def subject(self) -> Subject:
        """How facts, documents and the worklist call this message."""
        return Subject("legality.reply", self.pk)

    @property
    def transmission(self) -> Transmission:
        """That of the act which the letter is about."""
        return self.letter.transmission

    @property
    def is_receipt(self) -> bool:
        return self.kind in letters.RECEIPTS.values()


class ReplyFile(models.Model):
    """A file of an answer, in the order in which it is named to the State."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    reply = models.ForeignKey(LetterReply, models.CASCADE, related_name="files")
    document = models.ForeignKey("documents.Document", models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["reply", "position"], name="reply_file_once"),
        ]

    def __str__(self) -> str:
        return f"{self.reply_id} {self.position}"
