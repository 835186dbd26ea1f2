"""What stands in our addresses."""

from django.urls import register_converter


class Sha256:
    """The digest of a document."""

    regex = "[0-9a-f]{64}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Sha256, "procurement_sha256")

DIGEST = "<procurement_sha256:sha256>/"
