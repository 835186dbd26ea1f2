"""The door of ``documents``."""

from .facts import DocumentReceived, DocumentReleased
from .media_types import disguise_fault, is_disguised, is_program
from .names import safe_name
from .receiving import (
    KEPT_UNATTACHED,
    attach,
    documents_of,
    hold,
    keep_draft,
    open_stream,
    purge_orphans,
    purge_unattached,
    receive,
    release,
    verify_document,
)
from .storage import Draft, TooBig

__all__ = [
    "KEPT_UNATTACHED",
    "DocumentReceived",
    "DocumentReleased",
    "Draft",
    "TooBig",
    "attach",
    "disguise_fault",
    "documents_of",
    "hold",
    "is_disguised",
    "is_program",
    "keep_draft",
    "open_stream",
    "purge_orphans",
    "purge_unattached",
    "receive",
    "release",
    "safe_name",
    "verify_document",
]
