"""Certificates and evidence bundles as downloads."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import get_language

from ..models import Act
from ..queries import proofs


def certificate_response(act: Act) -> HttpResponse:
    """The certificate in the reader's language."""
    pdf = proofs.certificate_of(act, language=get_language() or "fr")
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = _attached(f"attestation-{act.number}.pdf")
    return response


def posting_certificate_response(act: Act) -> HttpResponse:
    """The certificate of publicity on paper in the reader's language."""
    pdf = proofs.posting_certificate_of(act, language=get_language() or "fr")
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = _attached(f"certificat-affichage-{act.number}.pdf")
    return response


def evidence_response(act: Act, *, only: UUID | None = None, is_public: bool) -> StreamingHttpResponse:
    """The evidence bundle, streamed."""
    bundle = proofs.bundle_of(act, only=only, is_public=is_public)
    response = StreamingHttpResponse(bundle, content_type="application/zip")
    response["Content-Disposition"] = _attached(f"preuve-{act.number}.zip")
    return response


def _attached(name: str) -> str:
    return content_disposition_header(True, name) or "attachment"
