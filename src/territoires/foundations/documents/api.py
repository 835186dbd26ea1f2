"""The door of ``documents``."""

from .antivirus import Antivirus, Infected, antivirus, infection_of, scanned
from .archives import ArchiveLimits, check_archive, is_plain_path, local_file, open_archive
from .downloads import download_response
from .facts import DocumentReceived, DocumentReleased
from .forms import StoredUpload
from .media_types import disguise_fault, is_disguised, is_program, media_type_of
from .names import safe_name
from .pdf import PdfInspection, check_pdf, inspect_pdf
from .receiving import (
    KEPT_UNATTACHED,
    attach,
    attach_all,
    documents_of,
    hold,
    keep_draft,
    lift,
    open_stream,
    receive,
    receive_all,
    release,
    verify_document,
)
from .storage import Draft, TooBig, drop_drafts, is_full, sync_folder
from .tables import UNREADABLE, TableBundle, open_table
from .uploads import (
    LARGEST_IN_FORM,
    kept_uploads,
    receive_body,
    receive_upload,
    receives_uploads,
    stream_to_store,
)
from .zipping import zip_stream

__all__ = [
    "KEPT_UNATTACHED",
    "LARGEST_IN_FORM",
    "UNREADABLE",
    "Antivirus",
    "ArchiveLimits",
    "DocumentReceived",
    "DocumentReleased",
    "Draft",
    "Infected",
    "PdfInspection",
    "StoredUpload",
    "TableBundle",
    "TooBig",
    "antivirus",
    "attach",
    "attach_all",
    "check_archive",
    "check_pdf",
    "disguise_fault",
    "documents_of",
    "download_response",
    "drop_drafts",
    "hold",
    "infection_of",
    "inspect_pdf",
    "is_disguised",
    "is_full",
    "is_plain_path",
    "is_program",
    "keep_draft",
    "kept_uploads",
    "lift",
    "local_file",
    "media_type_of",
    "open_archive",
    "open_stream",
    "open_table",
    "receive",
    "receive_all",
    "receive_body",
    "receive_upload",
    "receives_uploads",
    "release",
    "safe_name",
    "scanned",
    "stream_to_store",
    "sync_folder",
    "verify_document",
    "zip_stream",
]
