"""How acts take effect: notified to somebody, posted, published in the mode that the body chose."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from territoires.kernel.ids import new_id

from ..domain import effect
from ..domain.notice import MEANS
from .act import Act


class Means(models.TextChoices):
    """The ways of notifying, each with what proves it."""

    HAND = "hand", _("Handed over in person, against a dated and signed receipt")
    REGISTERED_LETTER = "registered_letter", _("Registered letter with acknowledgement of receipt")
    ELECTRONIC = "electronic", _("Electronic registered delivery")
    BAILIFF = "bailiff", _("Writ of a commissaire de justice")


class Notification(models.Model):
    """An act handed to one person concerned: to whom, when, how, with which proof."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    act = models.ForeignKey(Act, models.CASCADE, related_name="notifications")
    recipient = models.CharField(max_length=200)
    notified_on = models.DateField()
    means = models.CharField(max_length=20, choices=Means.choices)
    proof = models.ForeignKey("documents.Document", models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["notified_on", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(means__in=list(MEANS)), name="notification_means_known"),
            models.CheckConstraint(condition=~Q(recipient=""), name="notification_to_somebody"),
        ]

    def __str__(self) -> str:
        return f"{self.act_id} {self.notified_on}"


class PaperMode(models.TextChoices):
    """How an act is made public without the public register."""

    POSTING = effect.POSTING, _("Posted")
    PAPER = effect.PAPER, _("Held on paper for whoever asks")
    EMERGENCY = effect.EMERGENCY, _("Posted in an emergency, before it goes on line")


class Posting(models.Model):
    """The publicity of an act on paper: where, from which legal day, until which (None: it still hangs)."""

    act = models.OneToOneField(Act, models.PROTECT, primary_key=True, related_name="posting")
    mode = models.CharField(max_length=12, choices=PaperMode.choices)
    place = models.CharField(max_length=200)
    posted_on = models.DateField()
    removed_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(mode__in=effect.ON_PAPER), name="posting_mode_known"),
            models.CheckConstraint(condition=~Q(place=""), name="posting_somewhere"),
            models.CheckConstraint(
                condition=Q(removed_on=None) | Q(removed_on__gte=models.F("posted_on")), name="posting_dates"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.act_id} {self.posted_on}"


class PublicationMode(models.TextChoices):
    """What a body under the threshold of population may choose by deliberation (CGCT L.2131-1)."""

    ELECTRONIC = effect.ELECTRONIC, _("On line, in the public register")
    POSTING = effect.POSTING, _("By posting")
    PAPER = effect.PAPER, _("On paper, held for whoever asks")


class PublicationChoice(models.Model):
    """How a body makes its acts public from a legal day on, by which deliberation."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey("identity.Organisation", models.PROTECT, related_name="+")
    mode = models.CharField(max_length=12, choices=PublicationMode.choices)
    from_on = models.DateField()
    deliberation = models.CharField(max_length=200)

    class Meta:
        ordering = ["-from_on"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "from_on"], name="publication_choice_once_a_day"),
            models.CheckConstraint(condition=Q(mode__in=effect.CHOICES), name="publication_choice_known"),
            models.CheckConstraint(condition=~Q(deliberation=""), name="publication_choice_decided"),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.mode} {self.from_on}"
