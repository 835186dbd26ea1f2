"""Two slow spots of the libraries beneath, made quick without another answer. Importing this module is enough.

pyHanko takes the some ten thousand digits of a signature one by one: here at once, and what is not plain digits between
``<`` and ``>`` is left to it. asn1crypto prepares the same few names (RFC 4518) again for each certificate that it opens:
here once.
"""

from __future__ import annotations

import re
from binascii import unhexlify
from functools import lru_cache
from typing import IO, Any

from asn1crypto.x509 import NameTypeAndValue
from pyhanko.pdf_utils import generic

PIECE = 4096
LONGEST = 256 * 1024
"""Bytes looked at before the reading is left to pyHanko: signatures have some 20 KiB of digits."""

_PLAIN = re.compile(rb"<((?:[0-9A-Fa-f]{2})*)>")
_one_by_one = generic.read_hex_string_from_stream
_prepare = NameTypeAndValue._ldap_string_prep


def read_hex_string(stream: IO[bytes]) -> Any:
    """The string object at the place of ``stream``, which is then behind it. Raises what pyHanko raises."""
    start = stream.tell()
    text = stream.read(PIECE)
    while b">" not in text and len(text) < LONGEST and (more := stream.read(len(text))):
        text += more
    found = _PLAIN.match(text)
    if found is None:
        stream.seek(start)
        return _one_by_one(stream)
    stream.seek(start + found.end())
    return generic.pdf_string(unhexlify(found[1]))


@lru_cache(maxsize=4096)
def _prepared(text: str) -> str:
    return str(_prepare(None, text))  # of its class it uses nothing


generic.read_hex_string_from_stream = read_hex_string
NameTypeAndValue._ldap_string_prep = lambda _name, text: _prepared(text)
