"""The files of an act: which formats each place takes, judged by content (norm @ctes, chapter on files)."""

from __future__ import annotations

from dataclasses import dataclass

PDF = "application/pdf"
XML = frozenset({"application/xml", "text/xml"})
IMAGES = frozenset({"image/jpeg", "image/png"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file goes: the form's ``field``, and the media types that it takes."""

    field: str
    formats: frozenset[str]


MAIN = Place("main", XML | {PDF})
ANNEX = Place("annexes", XML | IMAGES | {PDF})
PROOF = Place("proof", IMAGES | {PDF})
AGREEMENT = Place("document", frozenset({PDF}))
MINUTES = Place("minutes", frozenset({PDF}))
REPLY = Place("papers", XML | IMAGES | {PDF})
ACKNOWLEDGEMENT = Place("acknowledgement", XML | {PDF})
