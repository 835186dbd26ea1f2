"""What stands in our addresses."""

from django.urls import register_converter


class DigestConverter:
    """A SHA-256 in hexadecimal."""

    regex = "[0-9a-f]{64}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(DigestConverter, "digest")

DIGEST = "<digest:sha256>/"
