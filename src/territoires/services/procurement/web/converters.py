"""What stands in our addresses."""

from django.urls import register_converter


class Sha256:
    """The digest of a document."""

    regex = "[0-9a-f]{64}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class ReceiptKind(Sha256):
    """Of what a receipt is."""

    regex = "deposit|withdrawal"


class ReceiptForm(Sha256):
    """As what a receipt is downloaded."""

    regex = "pdf|json|zip"


class CandidatureForm(Sha256):
    """A form of candidature."""

    regex = "dc1|dc2"


class EspdFile(Sha256):
    """A file of an ESPD."""

    regex = r"espd-request\.xml|espd-response\.xml|dume\.pdf"


register_converter(Sha256, "procurement_sha256")
register_converter(EspdFile, "espd_file")
register_converter(ReceiptKind, "receipt_kind")
register_converter(ReceiptForm, "receipt_form")
register_converter(CandidatureForm, "candidature_form")

DIGEST = "<procurement_sha256:sha256>/"
