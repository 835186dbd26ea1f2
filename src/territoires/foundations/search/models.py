"""The index: what can be found, where it is, and who may find it."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models

from territoires.kernel.ids import new_id

CONFIGURATION = "french"


class SearchDocument(models.Model):
    """One thing that people find. ``published`` opens it to all; else ``permission`` in its organisation does.

    Texts are folded before they are stemmed: with or without accents, the same words are found.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    subject_type = models.CharField(max_length=100)
    subject_id = models.UUIDField()
    organisation_id = models.UUIDField(null=True)
    title = models.CharField(max_length=500)
    title_folded = models.CharField(max_length=600)
    body_folded = models.TextField(blank=True)
    address = models.CharField(max_length=500)
    permission = models.CharField(max_length=100, blank=True)
    published = models.BooleanField(default=False)
    words = models.GeneratedField(
        expression=SearchVector("title_folded", weight="A", config=CONFIGURATION)
        + SearchVector("body_folded", weight="B", config=CONFIGURATION),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject_type", "subject_id"], name="search_document_once")
        ]
        indexes = [GinIndex(fields=["words"], name="search_words")]

    def __str__(self) -> str:
        return self.title
